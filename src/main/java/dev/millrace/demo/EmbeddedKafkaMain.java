package dev.millrace.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A broker as a process of its own: {@code EmbeddedKafkaMain [port [directory]]} prints its address as the first line of
 * standard output and serves until standard input ends, which it does when the parent process ends in whatever way. A temporary
 * directory is deleted then, and also on a signal.
 */
public final class EmbeddedKafkaMain {
    private EmbeddedKafkaMain() {
    }

    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 0;
        Optional<Path> directory = args.length > 1 ? Optional.of(Path.of(args[1])) : Optional.empty();
        EmbeddedKafka kafka = EmbeddedKafka.start(new EmbeddedKafka.Options(1, port, directory));
        Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "millrace-broker-shutdown"));
        System.out.println(kafka.bootstrapServers());
        System.out.flush();
        while (System.in.read() >= 0) {
            // Only the end of input matters: the parent closed it, or is gone.
        }
        System.exit(0);
    }
}
