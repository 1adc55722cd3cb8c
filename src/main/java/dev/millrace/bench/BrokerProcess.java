package dev.millrace.bench;

import dev.millrace.demo.EmbeddedKafkaMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A broker in a child JVM: what it compiles, collects and allocates is not the measured program's. It ends with this process,
 * however that ends, because its standard input does.
 */
final class BrokerProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Process process;
    private final String address;

    /**
     * Starts a broker and waits until it serves.
     *
     * @param directory for what it has to say
     * @throws IllegalStateException if it does not start
     */
    BrokerProcess(Path directory) {
        Path errors = directory.resolve("broker.log");
        List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                System.getProperty("java.class.path"), EmbeddedKafkaMain.class.getName());
        try {
            process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String first = out.readLine();
            if (first == null) {
                throw new IllegalStateException("the broker's process did not start:\n" + Files.readString(errors));
            }
            address = first;
        } catch (IOException e) {
            throw new IllegalStateException("the broker's process does not start: " + e.getMessage(), e);
        }
    }

    String bootstrapServers() {
        return address;
    }

    /** Lets it end in order, and ends it otherwise; safe to call twice and from a shutdown hook. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
