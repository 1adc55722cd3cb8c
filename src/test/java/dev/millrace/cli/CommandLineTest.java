package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.stream.StartException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CommandLineTest {
    private static final String CALIFORNIA = "deploy/examples/california.yaml";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private CommandLine line;

    @TempDir
    private Path directory;

    @BeforeEach
    void createCommandLine() {
        line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    }

    @Test
    void helpShowsEveryCommandWithItsDescription() {
        assertThat(line.execute("--help")).isZero();
        assertThat(out.toString()).contains("Usage: millrace");
        String words = out.toString().replaceAll("\\s+", " ");
        line.getSubcommands().forEach((name, command) -> assertThat(words)
                .contains(name + " " + command.getCommandSpec().usageMessage().description()[0]));
    }

    @Test
    void everyCommandHasHelp() {
        for (String command : line.getSubcommands().keySet()) {
            assertThat(Main.commandLine().setOut(new PrintWriter(out)).execute(command, "--help")).isZero();
        }
    }

    @Test
    void aNamedCommandIsReadAlone() {
        for (String command : line.getSubcommands().keySet()) {
            assertThat(Main.commandLine(command, "--help").getSubcommands()).containsOnlyKeys(command);
        }
        assertThat(Main.commandLine("--help").getSubcommands()).hasSameSizeAs(line.getSubcommands());
        assertThat(Main.commandLine("chekc").getSubcommands()).hasSameSizeAs(line.getSubcommands());
        assertThat(Main.commandLine().getSubcommands()).hasSameSizeAs(line.getSubcommands());
    }

    @Test
    void showsItsVersion() {
        assertThat(line.execute("--version")).isZero();
        assertThat(out.toString()).startsWith("millrace ");
    }

    @Test
    void wrongUsageIsExitCodeTwo() {
        assertThat(line.execute()).isEqualTo(2);
        assertThat(line.execute("chekc")).isEqualTo(2);
        assertThat(line.execute("check")).isEqualTo(2);
        assertThat(line.execute("topics")).isEqualTo(2);
        assertThat(line.execute("snapshots")).isEqualTo(2);
        assertThat(line.execute("topics", "create", "--config", CALIFORNIA, "--partitions", "0")).isEqualTo(2);
        assertThat(line.execute("run", "--config", CALIFORNIA, "--port", "70000")).isEqualTo(2);
        assertThat(err.toString()).contains("Missing command", "Missing required option: '--config=FILE'", "--port: found 70000")
                .doesNotContain("\tat ");
    }

    @Test
    void aMissingFileIsAClearMessage() {
        assertThat(line.execute("check", "--config", "absent.yaml")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToNormalizingNewlines("1 problem in absent.yaml:\n  the file: found no file of this name, allowed: a YAML file\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aWrongConfigurationIsItsListOfProblems() {
        assertThat(line.execute("check", "--config", "src/test/resources/config/mistakes.yaml")).isEqualTo(2);
        assertThat(err.toString()).startsWith("31 problems in ").doesNotContain("\tat ", "hunter2");
    }

    @Test
    void checkShowsWhatAConfigurationMeans() {
        assertThat(line.execute("check", "--config", CALIFORNIA)).isZero();
        assertThat(out.toString()).contains("brokers         localhost:9092", "features        california.features",
                "feature         rooms_per_person = total_rooms / population", "label           median_house_value * 0.001",
                "batch           100", "Model: \"california\"", " Trainable params: 211 (844.00 B)");
    }

    @Test
    void checkEndsWithOneLineOfJson() {
        assertThat(line.execute("check", "--json", "--config", CALIFORNIA)).isZero();
        JsonNode json = new JsonMapper().readTree(out.toString().lines().toList().getLast());
        assertThat(json.path("name").stringValue()).isEqualTo("california");
        assertThat(json.path("topics").path("dead_letters").stringValue()).isEqualTo("california.dead-letters");
        assertThat(json.path("topics").path("evaluation").stringValue()).isEqualTo("california.evaluation");
        assertThat(json.path("learner").path("training").path("batch_size").intValue()).isEqualTo(100);
    }

    @Test
    void checkMasksSecrets() throws IOException {
        Path file = Files.writeString(directory.resolve("secret.yaml"), Files.readString(Path.of(CALIFORNIA))
                .replace("  bootstrap.servers", "  ssl.key.password: hunter2\n  sasl.jaas.config: hunter2\n  bootstrap.servers"));
        assertThat(line.execute("check", "--json", "--config", file.toString())).isZero();
        assertThat(out.toString()).contains("ssl.key.password = ****", "\"sasl.jaas.config\":\"****\"").doesNotContain("hunter2");
    }

    @Test
    void summaryIsTheTableOfKeras() {
        assertThat(line.execute("summary", "--config", CALIFORNIA)).isZero();
        String byOption = out.toString();
        out.getBuffer().setLength(0);
        assertThat(line.execute("summary", CALIFORNIA)).isZero();
        assertThat(out.toString()).isEqualTo(byOption).startsWith("Model: \"california\"");
        assertThat(line.execute("summary")).isEqualTo(2);
        assertThat(line.execute("summary", CALIFORNIA, "--config", CALIFORNIA)).isEqualTo(2);
    }

    @Test
    void anUnexpectedErrorIsOneLineAndAHint() {
        add(new Broken());
        assertThat(line.execute("break")).isEqualTo(1);
        assertThat(err.toString()).isEqualToNormalizingNewlines(
                "Unexpected error: IllegalStateException: broken\nRun again with --verbose for the stack trace.\n");
    }

    @Test
    void verboseShowsTheStackTrace() {
        add(new Broken());
        assertThat(line.execute("--verbose", "break")).isEqualTo(1);
        assertThat(err.toString()).contains("Unexpected error: IllegalStateException: broken", "\tat ");
    }

    @Test
    void anApplicationThatCannotStartIsItsMessage() {
        add(new NotStarting());
        assertThat(line.execute("break")).isEqualTo(1);
        assertThat(err.toString()).isEqualToNormalizingNewlines("no broker answers\n");
    }

    private void add(Runnable command) {
        line.addSubcommand("break", command).setErr(new PrintWriter(err));
    }

    @CommandLine.Command(name = "break")
    static final class Broken implements Runnable {
        @Override
        public void run() {
            throw new IllegalStateException("broken");
        }
    }

    @CommandLine.Command(name = "break")
    static final class NotStarting implements Runnable {
        @Override
        public void run() {
            throw new StartException("no broker answers");
        }
    }
}
