package dev.millrace.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.DemoCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The demo command as it is run, with its own broker, on small files. */
class DemoIT {
    private static final int ROWS = 1_000;

    @TempDir
    Path directory;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path config;
    private Path data;
    private Path test;

    @BeforeEach
    void writeFiles() throws IOException {
        config = Files.writeString(directory.resolve("blocks.yaml"), """
                name: blocks
                kafka: { security.protocol: SASL_SSL, sasl.mechanism: PLAIN, replication.factor: "3" }
                features: [longitude, latitude, housing_median_age, median_income]
                label: { field: median_house_value, scale: 0.001 }
                model: { preset: dnn_regressor, hidden_units: [8] }
                training: { batch_size: 7, loss: mse, max_wait: 10ms, optimizer: { name: adam, learning_rate: 0.05 } }
                snapshots: { every_steps: 100 }
                """);
        data = csv("train.csv", 1, ROWS);
        test = csv("test.csv", 2, 200);
    }

    @ParameterizedTest
    @ValueSource(ints = { 1, 3})
    void handlesEveryRecordAndReportsOneJsonLine(int partitions) {
        assertThat(demo("--data", data.toString(), "--test", test.toString(), "--epochs", "3", "--shuffle", "42", "--unlabelled", "0.1",
                "--partitions", Integer.toString(partitions), "--json")).as("%s", err).isZero();
        assertThat(out.toString().lines().findFirst()).hasValueSatisfying(address -> assertThat(address).startsWith("http://127.0.0.1:"));
        assertThat(out.toString().lines()).hasSize(2);
        JsonNode result = results().getFirst();
        assertThat(result.propertyNames()).containsExactly("labelled", "unlabelled", "predictions", "dead_letters", "steps", "seconds",
                "records_per_second", "prequential", "test", "weights_sha256");
        assertThat(result.get("labelled").asInt()).isEqualTo(2700);
        assertThat(result.get("unlabelled").asInt()).isEqualTo(300);
        assertThat(result.get("predictions").asInt()).isEqualTo(300);
        assertThat(result.get("dead_letters").asInt()).isZero();
        assertThat(result.get("steps").asInt()).isEqualTo(2700 / 7);
        assertThat(result.get("prequential").propertyNames()).containsExactly("mae", "rmse", "baseline_rmse");
        assertThat(result.get("prequential").get("rmse").asDouble())
                .isLessThan(result.get("prequential").get("baseline_rmse").asDouble() * 1.5);
        assertThat(result.get("test").propertyNames()).containsExactly("mse", "mae");
        assertThat(result.get("weights_sha256").asString()).matches("[0-9a-f]{64}");
    }

    @Test
    void twoRunsGiveTheSameBits() {
        String[] options = { "--data", data.toString(), "--shuffle", "7", "--unlabelled", "0.25", "--json"};
        assertThat(demo(options)).as("%s", err).isZero();
        assertThat(demo(options)).as("%s", err).isZero();
        List<JsonNode> runs = results();
        assertThat(runs).hasSize(2);
        assertThat(runs.get(0).get("weights_sha256")).isEqualTo(runs.get(1).get("weights_sha256"));
        assertThat(runs.get(0).get("prequential")).isEqualTo(runs.get(1).get("prequential"));
        assertThat(runs.get(0).has("test")).isFalse();
    }

    @Test
    void fewerRecordsThanABatchLeaveTheFirstWeights() throws IOException {
        assertThat(demo("--data", csv("few.csv", 3, 3).toString(), "--json")).as("%s", err).isZero();
        JsonNode result = results().getFirst();
        assertThat(result.get("steps").asInt()).isZero();
        assertThat(result.get("labelled").asInt()).isEqualTo(3);
        assertThat(result.get("prequential").get("rmse").isNull()).isTrue();
    }

    @Test
    void badRowsBecomeDeadLettersAndTheRestIsLearned() throws IOException {
        Path bad = directory.resolve("bad.csv");
        List<String> lines = new ArrayList<>(Files.readAllLines(data));
        lines.set(5, lines.get(5).replaceFirst("^[^,]*", "west"));
        lines.set(6, lines.get(6).replaceFirst("^[^,]*", ""));
        Files.write(bad, lines);
        assertThat(demo("--data", bad.toString(), "--json")).as("%s", err).isZero();
        JsonNode result = results().getFirst();
        assertThat(result.get("dead_letters").asInt()).isEqualTo(2);
        assertThat(result.get("steps").asInt()).isEqualTo((ROWS - 2) / 7);
    }

    @Test
    void saysWhatIsWrongWithTheData() throws IOException {
        assertThat(demo("--data", directory.resolve("none.csv").toString())).isEqualTo(1);
        assertThat(err.toString()).contains("none.csv does not exist");
        Path other = Files.writeString(directory.resolve("other.csv"), "longitude,price\n1,2\n");
        assertThat(demo("--data", other.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("no column latitude, housing_median_age, median_income; found: longitude, price");
        assertThat(demo("--data", data.toString(), "--epochs", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("epochs must be at least 1");
    }

    private int demo(String... options) {
        List<String> arguments = new ArrayList<>(List.of("--config", config.toString()));
        arguments.addAll(List.of(options));
        return new CommandLine(new DemoCommand()).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(new String[0]));
    }

    private Path csv(String name, long seed, int rows) throws IOException {
        HousingStream.Blocks blocks = new HousingStream(seed, rows).blocks();
        List<String> lines = new ArrayList<>(List.of(String.join(",", HousingStream.COLUMNS)));
        for (int i = 0; i < rows; i++) {
            lines.add(String.join(",", blocks.next()));
        }
        return Files.write(directory.resolve(name), lines);
    }

    /** One JSON line a run, behind the line with its address. */
    private List<JsonNode> results() {
        return out.toString().lines().filter(line -> line.startsWith("{")).map(line -> new ObjectMapper().readTree(line)).toList();
    }
}
