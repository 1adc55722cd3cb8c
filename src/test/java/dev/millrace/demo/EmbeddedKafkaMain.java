package dev.millrace.demo;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A broker as a process of its own, for tests that kill one: {@code EmbeddedKafkaMain [port [directory]]} prints its address
 * as the first line of standard output and serves until standard input ends or the process is killed.
 */
public final class EmbeddedKafkaMain {
    private EmbeddedKafkaMain() {
    }

    public static void main(String[] args) throws Exception {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 0;
        Optional<Path> directory = args.length > 1 ? Optional.of(Path.of(args[1])) : Optional.empty();
        try (EmbeddedKafka kafka = EmbeddedKafka.start(new EmbeddedKafka.Options(1, port, directory))) {
            System.out.println(kafka.bootstrapServers());
            System.out.flush();
            while (System.in.read() >= 0) {
                // Only the end of input matters: the parent closed it, or is gone.
            }
        }
    }
}
