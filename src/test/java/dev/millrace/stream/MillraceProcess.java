package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The program as users start it, in a process of its own; ended with the test. */
final class MillraceProcess implements AutoCloseable {
    /** What a finished run printed. */
    record Result(int exitCode, String stdout, String stderr) {
    }

    private final Process process;
    private final Path stdout;
    private final Path stderr;

    private MillraceProcess(Process process, Path stdout, Path stderr) {
        this.process = process;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    static MillraceProcess start(Path directory, String... arguments) {
        return start(directory, Map.of(), arguments);
    }

    /** @param environment beside that of this process */
    static MillraceProcess start(Path directory, Map<String, String> environment, String... arguments) {
        return start(directory, 512, environment, arguments);
    }

    /** @param megabytes of its heap */
    static MillraceProcess start(Path directory, int megabytes, Map<String, String> environment, String... arguments) {
        try {
            Path stdout = Files.createTempFile(directory, "stdout", ".txt");
            Path stderr = Files.createTempFile(directory, "stderr", ".txt");
            List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xmx" + megabytes + "m", "-jar",
                    System.getProperty("millrace.jar", "target/millrace.jar")));
            command.addAll(1, flags());
            command.addAll(List.of(arguments));
            ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(stdout.toFile()).redirectError(stderr.toFile());
            builder.environment().putAll(environment);
            return new MillraceProcess(builder.start(), stdout, stderr);
        } catch (IOException e) {
            throw new IllegalStateException("the program cannot be started", e);
        }
    }

    /** The launcher's collector, or the flags that the environment names, as the launcher takes them. */
    private static List<String> flags() {
        String given = System.getenv("MILLRACE_JAVA_OPTS");
        return given == null || given.isBlank() ? List.of("-XX:+UseSerialGC") : List.of(given.strip().split(" +"));
    }

    /** Runs a command to its end. */
    static Result run(Path directory, String... arguments) throws InterruptedException {
        try (MillraceProcess started = start(directory, arguments)) {
            return started.await(Duration.ofSeconds(90));
        }
    }

    Result await(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + patience + ":\n" + output());
        }
        return new Result(process.exitValue(), read(stdout), read(stderr));
    }

    /** Processes that it has started. */
    Stream<ProcessHandle> children() {
        return process.children();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** SIGSTOP: it does not know that time goes on. */
    void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        if (code != 0) {
            throw new IllegalStateException("kill -" + name + " gave " + code);
        }
    }

    String output() {
        return read(stdout) + read(stderr);
    }

    /** Waits until it serves; without the slash at the end. */
    String url() {
        Pattern printed = Pattern.compile("serves +(http://[0-9.]+:[1-9][0-9]*)/");
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> printed.matcher(output()).find() || !alive());
        Matcher matcher = printed.matcher(output());
        assertThat(matcher.find()).as(output()).isTrue();
        return matcher.group(1);
    }

    /** What its threads do, for the message of a failed test. */
    String threads() {
        try {
            Process jstack = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jstack").toString(),
                    Long.toString(process.pid())).redirectErrorStream(true).start();
            return new String(jstack.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(no thread dump: " + e.getMessage() + ")";
        }
    }

    /** Without what java itself says of the vector module, which a user of {@code millrace run} sees once as the first line. */
    private static String read(Path file) {
        try {
            return Files.readString(file).replace("WARNING: Using incubator modules: jdk.incubator.vector\n", "");
        } catch (IOException e) {
            return "(no output: " + e.getMessage() + ")";
        }
    }

    @Override
    public void close() throws InterruptedException {
        if (process.isAlive()) {
            kill();
        }
    }
}
