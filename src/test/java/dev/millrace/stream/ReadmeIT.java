package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.demo.Replay;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README's commands as they are written there, by a shell: only ports, the name of the configuration and the places of files are
 * others. A command that stands there and is run neither here nor by the tests in {@link #ELSEWHERE} fails the test, unless it is one of
 * {@link #BY_HAND}.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class ReadmeIT {
    private static final Pattern BLOCK = Pattern.compile("```sh\\n(.*?)```", Pattern.DOTALL);
    /** Of the model after 20,000 records in batches of 100. */
    private static final long VERSION = 200;
    private static final String CONFIG = "deploy/examples/california.yaml";

    /** By the beginning of a command: what runs it. */
    private static final Map<String, Class<?>> ELSEWHERE = Map.of("docker compose", ComposeIT.class, "docker build", ImageIT.class,
            "docker run", ImageIT.class, "./millrace bench pipeline", BenchPipelineIT.class, "./millrace bench serve", BenchServeIT.class);
    /** A build does not run builds in itself, nor what takes minutes of a whole core. */
    private static final List<String> BY_HAND = List.of("mvn ", "./millrace bench kernels");

    @TempDir
    Path directory;

    private final List<String> unknown = new ArrayList<>();
    private final Map<String, String> replacements = new HashMap<>();

    @Test
    void everyCommandIsRun() throws Exception {
        assumeThat(isInstalled("kcat") && isInstalled("curl")).as("kcat and curl are on the PATH").isTrue();
        List<String> commands = commands();
        assertThat(commands).hasSizeGreaterThan(20);
        unknown.addAll(commands);
        unknown.removeIf(command -> ELSEWHERE.keySet().stream().anyMatch(command::startsWith)
                || BY_HAND.stream().anyMatch(command::startsWith));
        try (Broker broker = new Broker(directory)) {
            replacements.put("localhost:9092", broker.servers());
            replacements.put("my.yaml", CONFIG);
            for (String file : List.of("model.keras", "model.onnx", "rows.csv")) {
                replacements.put(file, directory.resolve(file).toString());
            }
            Files.writeString(directory.resolve("rows.csv"), """
                    longitude,housing_median_age,total_rooms,total_bedrooms,population,households,median_income,median_house_value
                    -122.05,27,3885,661,1537,606,6.6085,344700
                    -118.3,43,1510,310,809,277,3.599,176500
                    """);
            assertThat(run("./millrace --help")).contains("Usage: millrace", "demo", "run");
            assertThat(run("./millrace demo")).contains("Optimizer steps", "rmse");
            demoThatStays();
            String own = take("./millrace demo --config FILE");
            assertThat(run(own.replace("FILE", CONFIG).replace("CSV ", "rows.csv "))).contains("2 labelled");
            assertThat(run("./millrace check --config " + CONFIG)).contains("dense (Dense)", "Total params");
            assertThat(run("./millrace topics create --config " + CONFIG + " --partitions 1")).contains("california.features");
            Path said = directory.resolve("run.txt");
            Process learner = start(take("./millrace run --config " + CONFIG), said);
            try {
                await().atMost(Duration.ofSeconds(60)).until(() -> !learner.isAlive() || Files.readString(said).contains("serves "));
                Matcher url = Pattern.compile("serves +(http://[^/]+)/").matcher(Files.readString(said));
                assertThat(url.find()).as(Files.readString(said)).isTrue();
                replacements.put("http://localhost:8080", url.group(1));
                learn(broker);
                whileItRuns();
            } finally {
                learner.destroy();
                assertThat(learner.waitFor(60, TimeUnit.SECONDS)).isTrue();
            }
        }
        assertThat(unknown).as("commands that nothing runs").isEmpty();
    }

    private void demoThatStays() throws Exception {
        Path said = directory.resolve("demo.txt");
        Process demo = start(take("./millrace demo --keep").split(" +# ", 2)[0], said);
        try {
            await().atMost(Duration.ofSeconds(120)).until(() -> !demo.isAlive() || Files.readString(said).contains("Optimizer steps"));
            assertThat(demo.isAlive()).as(Files.readString(said)).isTrue();
        } finally {
            demo.destroy();
            assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void learn(Broker broker) throws IOException {
        ApplicationConfig config = ConfigurationReader.read(Path.of(CONFIG), Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.servers()));
        Replay.ofHousing(1, 20_000, config, new Replay.Options(1, OptionalLong.empty(), 0, 0, 0)).run(config, config.topics().features(),
                OptionalLong.empty());
        broker.awaitSnapshot(config, VERSION);
    }

    private void whileItRuns() throws Exception {
        run(take("echo "));
        assertThat(run(take("kcat -C "))).startsWith("block-7 {\"model\":\"california\",\"version\":" + VERSION + ",\"prediction\":");
        assertThat(run(take("curl "))).contains("\"predictions\":[[").contains("\"version\":" + VERSION);
        String control = command("./millrace control freeze");
        for (String action : alternatives(control, "freeze")) {
            assertThat(run(action.replace(" R ", " 0.01 ").replace("VERSION", VERSION + ""))).as(action)
                    .startsWith("done, the model is at version ");
        }
        String snapshots = command("./millrace snapshots list");
        for (String action : alternatives(snapshots, "list")) {
            assertThat(
                    run(action.replace("[VERSION]", VERSION + "").replace("A B", VERSION + " " + VERSION).replace("VERSION", VERSION + "")))
                    .as(action)
                    .contains(VERSION + "");
        }
        run(take("./millrace export "));
        assertThat(Files.size(directory.resolve("model.keras"))).isPositive();
        run(take("./millrace convert "));
        assertThat(Files.size(directory.resolve("model.onnx"))).isPositive();
        assertThat(run(take("./millrace summary "))).contains("Total params");
        assertThat(run(take("./millrace predict ")).lines()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(run(take("./millrace evaluate "))).contains("loss");
    }

    /** A command, and the same with each of the words that its comment names instead. */
    private List<String> alternatives(String command, String word) {
        String[] parts = command.split(" +# ", 2);
        take(parts[0]);
        assertThat(parts).as(command).hasSize(2);
        List<String> all = new ArrayList<>(List.of(parts[0]));
        for (String other : parts[1].split(", ")) {
            all.add(parts[0].replace(" " + word + " ", " " + other + " "));
        }
        return all;
    }

    /** The README's command that begins so, which counts as run from now on. */
    private String take(String beginning) {
        String command = command(beginning);
        unknown.remove(command);
        return command;
    }

    private String command(String beginning) {
        List<String> found = unknown.stream().filter(command -> command.startsWith(beginning)).toList();
        assertThat(found).as("commands of the README that begin with " + beginning).isNotEmpty();
        return found.getFirst();
    }

    private static List<String> commands() throws IOException {
        List<String> commands = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(Path.of("README.md")));
        while (block.find()) {
            String joined = block.group(1).replace("\\\n", " ").replace("|\n", "| ");
            joined.lines().filter(line -> !line.isBlank()).forEach(commands::add);
        }
        return commands;
    }

    /** What a command says on standard output. */
    private String run(String command) throws Exception {
        unknown.removeIf(each -> each.equals(command) || each.split(" +# ", 2)[0].equals(command));
        Path out = Files.createTempFile(directory, "out", ".txt");
        Path err = Files.createTempFile(directory, "err", ".txt");
        Process process = shell(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError(command + " does not end: " + Files.readString(out) + Files.readString(err));
        }
        assertThat(process.exitValue()).as("%s%n%s%n%s", command, Files.readString(out), Files.readString(err)).isZero();
        return Files.readString(out, StandardCharsets.UTF_8);
    }

    private Process start(String command, Path said) throws IOException {
        return shell("exec " + command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    }

    private ProcessBuilder shell(String command) {
        String line = command;
        for (Map.Entry<String, String> each : replacements.entrySet()) {
            line = line.replace(each.getKey(), each.getValue());
        }
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", line);
        builder.environment().put("MILLRACE_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MILLRACE_HTTP_PORT", "0");
        builder.environment().put("KAFKA_STATE_DIR", directory.resolve("state").toString());
        String servers = replacements.get("localhost:9092");
        if (servers != null && !line.contains(" demo")) {
            builder.environment().put("KAFKA_BOOTSTRAP_SERVERS", servers);
        }
        return builder;
    }

    private static boolean isInstalled(String program) throws IOException, InterruptedException {
        return new ProcessBuilder("bash", "-c", "command -v " + program).redirectErrorStream(true).start().waitFor() == 0;
    }
}
