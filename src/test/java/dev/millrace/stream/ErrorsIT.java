package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees when something is wrong: what it is, where, what to do, and nothing else. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ErrorsIT {
    private static final String LEARNER = """
            features: [a]
            label: { field: y }
            model: { preset: dnn_regressor, hidden_units: [2] }
            """;

    @TempDir
    static Path directory;

    private static Broker broker;

    @BeforeAll
    static void startKafka() {
        broker = new Broker(directory);
    }

    @AfterAll
    static void stopKafka() {
        broker.close();
    }

    @Test
    void everyMistakeInAConfigurationIsListed() throws Exception {
        MillraceProcess.Result result = millrace("run", "--config", "src/test/resources/config/mistakes.yaml");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.stderr()).isEqualToNormalizingNewlines(Files.readString(Path.of("src/test/resources/config/mistakes.txt")));
        assertThat(result.stdout()).isEmpty();
    }

    @Test
    void aFileThatIsNotThereOrNotYamlIsNamed() throws Exception {
        MillraceProcess.Result absent = millrace("run", "--config", "absent.yaml");
        assertThat(absent.exitCode()).isEqualTo(2);
        assertThat(absent.stderr()).isEqualToNormalizingNewlines(
                "1 problem in absent.yaml:\n  the file: found no file of this name, allowed: a YAML file\n");

        Path notYaml = Files.writeString(directory.resolve("not.yaml"), "name: x\n\tfeatures: [a\n}");
        MillraceProcess.Result broken = millrace("run", "--config", notYaml.toString());
        assertThat(broken.exitCode()).isEqualTo(2);
        assertThat(broken.stderr()).startsWith("1 problem in " + notYaml + ":").contains("line 2");
        assertOnlyForUsers(broken);
        assertThat(broken.stderr().lines()).hasSizeLessThan(6);

        MillraceProcess.Result folder = millrace("check", "--config", directory.toString());
        assertThat(folder.exitCode()).isEqualTo(2);
        assertThat(folder.stderr()).startsWith("1 problem in " + directory + ":");
        assertOnlyForUsers(folder);

        Path binary = Files.write(directory.resolve("binary.yaml"), new byte[]{ 0, 1, (byte) 0xff, 'P', 'K', 3, 4});
        MillraceProcess.Result bytes = millrace("check", "--config", binary.toString());
        assertThat(bytes.exitCode()).isEqualTo(2);
        assertThat(bytes.stderr()).startsWith("1 problem in " + binary + ":");
        assertOnlyForUsers(bytes);
    }

    @Test
    void wrongUsageShowsHowItIsUsed() throws Exception {
        MillraceProcess.Result command = millrace("rnu");
        assertThat(command.exitCode()).isEqualTo(2);
        assertThat(command.stderr()).contains("rnu", "run");
        MillraceProcess.Result option = millrace("run", "--config", "x.yaml", "--prot", "1");
        assertThat(option.exitCode()).isEqualTo(2);
        assertThat(option.stderr()).contains("--prot", "--port");
        assertOnlyForUsers(command);
        assertOnlyForUsers(option);
    }

    @Test
    void noBrokerAtTheAddressIsSaidSoonAndOnce() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = write("nobody", "127.0.0.1:" + port);
        for (String[] arguments : new String[][]{ { "run", "--port", "0"}, { "snapshots", "show"}}) {
            MillraceProcess.Result result = within(Duration.ofSeconds(30), config, arguments);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.stderr()).startsWith("No Kafka broker answers at 127.0.0.1:" + port).contains("bootstrap.servers");
            assertThat(result.stderr().lines()).hasSizeLessThan(4);
            assertOnlyForUsers(result);
        }
    }

    @Test
    void anAddressThatCannotBeResolvedIsNamed() throws Exception {
        MillraceProcess.Result result = within(Duration.ofSeconds(30), write("unresolved", "no-such-host.invalid:9092"), "run", "--port",
                "0");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.stderr()).contains("no-such-host.invalid:9092", "bootstrap.servers");
        assertThat(result.stderr().lines()).hasSizeLessThan(4);
        assertOnlyForUsers(result);
    }

    @Test
    void somethingElseAtTheAddressIsNotWaitedForForever() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            MillraceProcess.Result result = within(Duration.ofSeconds(30), write("mute", "127.0.0.1:" + mute.getLocalPort()), "run",
                    "--port", "0");
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.stderr()).startsWith("No Kafka broker answers at 127.0.0.1:");
            assertOnlyForUsers(result);
        }
    }

    @Test
    void missingTopicsAreNamedWithTheCommandThatCreatesThem() throws Exception {
        Path config = write("fresh", broker.servers());
        MillraceProcess.Result run = within(Duration.ofSeconds(30), config, "run", "--port", "0");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.stderr()).isEqualToNormalizingNewlines("""
                The topics are not ready:
                  fresh.features (topics: features) does not exist
                  fresh.predictions (topics: predictions) does not exist
                  fresh.snapshots (topics: snapshots) does not exist
                  fresh.dead-letters (topics: dead_letters) does not exist
                  fresh.evaluation (topics: evaluation) does not exist
                  fresh.control (topics: control) does not exist
                Create missing topics with: millrace topics create --config FILE
                """);
        MillraceProcess.Result show = within(Duration.ofSeconds(30), config, "snapshots", "show");
        assertThat(show.exitCode()).isEqualTo(1);
        assertThat(show.stderr()).contains("fresh.snapshots does not exist", "millrace topics create --config FILE");
        assertOnlyForUsers(run);
        assertOnlyForUsers(show);

        assertThat(within(Duration.ofSeconds(30), config, "topics", "create").exitCode()).isZero();
        MillraceProcess.Result none = within(Duration.ofSeconds(30), config, "snapshots", "show", "--json");
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.stdout()).isEmpty();
        assertThat(none.stderr()).startsWith("There is no snapshot in fresh.snapshots yet.");
        assertOnlyForUsers(none);
    }

    @Test
    void aPortThatIsInUseIsNamed() throws Exception {
        Path config = write("port", broker.servers());
        assertThat(within(Duration.ofSeconds(30), config, "topics", "create").exitCode()).isZero();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            MillraceProcess.Result result = within(Duration.ofSeconds(30), config, "run", "--port", Integer.toString(taken.getLocalPort()));
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.stderr()).startsWith("Cannot serve HTTP at 127.0.0.1:" + taken.getLocalPort()).contains("--port");
            assertThat(result.stderr().lines()).hasSize(1);
            assertOnlyForUsers(result);
        }
    }

    @Test
    void theLauncherGivesTheProgramsOutputAndExitCode() throws Exception {
        Process launcher = new ProcessBuilder("./millrace", "check", "--config", "absent.yaml").redirectErrorStream(true).start();
        String output = new String(launcher.getInputStream().readAllBytes());
        assertThat(launcher.waitFor()).as(output).isEqualTo(2);
        assertThat(output).endsWith("1 problem in absent.yaml:\n  the file: found no file of this name, allowed: a YAML file\n");
    }

    private static Path write(String name, String servers) throws IOException {
        return Files.writeString(directory.resolve(name + ".yaml"),
                "name: %s%nkafka: { bootstrap.servers: \"%s\", state.dir: \"%s\" }%n%s".formatted(name, servers, directory.resolve("state"),
                        LEARNER));
    }

    private static MillraceProcess.Result millrace(String... arguments) throws InterruptedException {
        return MillraceProcess.run(directory, arguments);
    }

    private static MillraceProcess.Result within(Duration patience, Path config, String... arguments) throws InterruptedException {
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = config.toString();
        try (MillraceProcess started = MillraceProcess.start(directory, all)) {
            return started.await(patience);
        }
    }

    /** No stack traces, no class names, no log lines of libraries. */
    private static void assertOnlyForUsers(MillraceProcess.Result result) {
        assertThat(result.stderr()).doesNotContain("\tat ").doesNotContainPattern("Exception|org\\.|tools\\.jackson|WARN|ERROR|SLF4J");
    }
}
