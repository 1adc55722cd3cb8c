package dev.millrace.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * One node of a cluster as a process of its own, so that it can be killed:
 * {@code BrokerNodeMain id nodes brokerPort controllerPort voters directory [key=value…]} prints a line when it serves, and ends in
 * order when standard input ends.
 */
public final class BrokerNodeMain {
    private BrokerNodeMain() {
    }

    public static void main(String[] args) throws IOException {
        Map<String, String> more = new HashMap<>();
        for (int i = 6; i < args.length; i++) {
            more.put(args[i].substring(0, args[i].indexOf('=')), args[i].substring(args[i].indexOf('=') + 1));
        }
        EmbeddedNode node = new EmbeddedNode(Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]),
                Integer.parseInt(args[3]), args[4], Path.of(args[5]), more);
        node.start();
        System.out.println("serves " + node.address());
        while (System.in.read() >= 0) {
            // Only the end of input matters: the parent closed it, or is gone.
        }
        node.stop();
        System.exit(0);
    }
}
