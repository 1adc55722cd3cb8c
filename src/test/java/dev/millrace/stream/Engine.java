package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The container engine of this machine, by its command {@code docker}. Where there is none, tests that need it are skipped, unless
 * the variable {@code MILLRACE_CONTAINERS} is {@code required}.
 */
final class Engine {
    static final String KAFKA = "apache/kafka:4.3.1";
    static final String BASE = "eclipse-temurin:25-jre";
    private static final long PATIENCE_MINUTES = 10;

    private Engine() {
    }

    /** Whether containers can be run. */
    static boolean available() {
        boolean required = "required".equals(System.getenv("MILLRACE_CONTAINERS"));
        boolean there;
        try {
            there = call(List.of("docker", "info"), Map.of()).exitCode() == 0;
        } catch (UncheckedIOException _) {
            there = false;
        }
        assertThat(there || !required).as("MILLRACE_CONTAINERS=required, but the command docker finds no engine").isTrue();
        return there;
    }

    /** Skips a test where no containers can be run. */
    static void assume() {
        assumeTrue(available(), "there is no container engine");
    }

    /** Runs {@code docker}; its output. */
    static String docker(String... arguments) {
        return docker(Map.of(), List.of(arguments));
    }

    /** Runs {@code docker} with more variables; its output. */
    static String docker(Map<String, String> environment, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(arguments);
        MillraceProcess.Result result = call(command, environment);
        assertThat(result.exitCode()).as("%s: %s", command, result.stderr()).isZero();
        return result.stdout().strip();
    }

    private static MillraceProcess.Result call(List<String> command, Map<String, String> environment) {
        try {
            Path out = Files.createTempFile("docker", ".out");
            Path err = Files.createTempFile("docker", ".err");
            ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                assertThat(process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)).as("%s ended", command).isTrue();
            } finally {
                process.destroyForcibly();
            }
            MillraceProcess.Result result = new MillraceProcess.Result(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
            Files.delete(out);
            Files.delete(err);
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
