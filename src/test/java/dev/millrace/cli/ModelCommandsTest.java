package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.nn.Metric;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands that work on model files. */
class ModelCommandsTest {
    private static final Path SAMPLES = Path.of("src/test/resources/keras-samples").toAbsolutePath();
    private static final JsonMapper JSON = JsonMapper.shared();

    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int run(Object... arguments) {
        out = new StringWriter();
        err = new StringWriter();
        String[] words = java.util.Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        return Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(words);
    }

    @Test
    void convertsWholeModelsAndParts() {
        Path h5 = directory.resolve("m.h5");
        Path onnx = directory.resolve("m.onnx");
        assertThat(run("convert", SAMPLES.resolve("keras32.keras"), h5)).as(err.toString()).isZero();
        assertThat(run("convert", SAMPLES.resolve("keras32.config.json"), SAMPLES.resolve("keras32.weights.h5"), onnx)).isZero();
        assertThat(h5).isNotEmptyFile();
        assertThat(onnx).isNotEmptyFile();
        assertThat(run("convert", SAMPLES.resolve("keras32.weights.h5"), h5)).isEqualTo(1);
        assertThat(err.toString()).contains("keras32.weights.h5: weights: the file has no architecture").doesNotContain("\tat ");
        assertThat(run("convert", "absent.keras", h5)).isEqualTo(1);
        assertThat(run("convert", h5)).isEqualTo(2);
        assertThat(run("convert", SAMPLES.resolve("momentum.config.json"), h5)).isEqualTo(1);
        assertThat(err.toString()).contains("m.h5: weights: there is an architecture, but no weights; only .json can be written");
        assertThat(run("convert", SAMPLES.resolve("binary_rmsprop.config.json"), SAMPLES.resolve("keras32.weights.h5"), h5)).isEqualTo(1);
        assertThat(err.toString()).contains("keras32.weights.h5: weights/layers/dense/vars/0: its shape is [32, 64], the network needs");
        assertThat(run("convert", SAMPLES.resolve("momentum.keras"), directory.resolve("none").resolve("m.keras"))).isEqualTo(1);
        assertThat(err.toString()).contains("m.keras: file: there is no directory");
        assertThat(run("convert", SAMPLES.resolve("momentum.keras"), directory.resolve("m.pb"))).isEqualTo(1);
        assertThat(err.toString()).contains("known are .keras");
        assertThat(directory).isDirectoryNotContaining("glob:**/.*");
    }

    @Test
    void summaryReadsEveryFormat() throws IOException {
        String expected = Files.readString(SAMPLES.resolve("keras32.summary.txt")).strip();
        Path snapshot = directory.resolve("sequential.safetensors");
        assertThat(run("convert", SAMPLES.resolve("keras32.keras"), snapshot)).isZero();
        for (Path file : List.of(SAMPLES.resolve("keras32.keras"), SAMPLES.resolve("keras32.h5"), SAMPLES.resolve("keras32.config.json"),
                snapshot)) {
            assertThat(run("summary", file)).as(err.toString()).isZero();
            assertThat(out.toString().strip()).isEqualTo(expected);
        }
    }

    /** Counted by hand from what Keras keeps: {@code adapt} makes two variables of the width and a count. */
    @Test
    void summaryCountsTheNormalization() throws IOException {
        String config = Files.readString(SAMPLES.resolve("momentum.config.json")).replaceFirst(
                "\\{\"module\": \"keras.layers\", \"class_name\": \"Dense\"",
                "{\"module\": \"keras.layers\", \"class_name\": \"Normalization\", \"config\": {\"name\": \"scale\", \"axis\": [-1]%s}}, $0");
        Path given = Files.writeString(directory.resolve("given.json"),
                config.replace("%s", ", \"mean\": [1, 2, 3, 4], \"variance\": 4.0"));
        assertThat(run("summary", given)).as(err.toString()).isZero();
        assertThat(out.toString()).contains("│ scale (Normalization)           │ (None, 4)              │             0 │",
                " Non-trainable params: 0 (0.00 B)");
    }

    @Test
    void predictsWhatKerasPredicts() throws IOException {
        JsonNode io = JSON.readTree(Files.readString(SAMPLES.resolve("momentum.io.json")));
        Path json = Files.writeString(directory.resolve("x.json"), io.path("x").toString());
        Path lines = directory.resolve("x.jsonl");
        StringBuilder text = new StringBuilder();
        io.path("x").forEach(row -> text.append(row).append('\n'));
        Files.writeString(lines, text);
        Path objects = Files.writeString(directory.resolve("o.json"),
                io.path("x").valueStream().map(row -> "{\n\"a\": " + row.path(0) + ", \"b\": " + row.path(1) + ",\n \"c\": " + row.path(2)
                        + ", \"d\": " + row.path(3) + "}").collect(Collectors.joining(",\n", "[", "]")));
        Path csv = Files.writeString(directory.resolve("x.csv"), "a,b,c,d\n" + text.toString().replaceAll("[\\[\\]]", ""));
        for (Path data : List.of(json, lines, objects, csv)) {
            assertThat(run("predict", "--model", SAMPLES.resolve("momentum.keras"), "--data", data)).as(err.toString()).isZero();
            List<String> answers = out.toString().lines().toList();
            assertThat(answers).hasSize(io.path("x").size());
            for (int i = 0; i < answers.size(); i++) {
                JsonNode prediction = JSON.readTree(answers.get(i)).path("prediction");
                assertThat(prediction.path(1).asDouble()).isCloseTo(io.path("predictions").path(i).path(1).asDouble(), within(1e-6));
            }
        }
    }

    @Test
    void aRecordThatCannotBeAnsweredSaysWhy() throws IOException {
        Path data = Files.writeString(directory.resolve("x.csv"), "a,b,c,d\n1,2,3,4\n1,,3,4\n");
        assertThat(run("predict", "--model", SAMPLES.resolve("momentum.keras"), "--data", data)).isEqualTo(1);
        assertThat(out.toString().lines().toList().get(1)).startsWith("{\"error\":\"feature b");
        Files.writeString(data, "a,b\n1,2\n");
        assertThat(run("predict", "--model", SAMPLES.resolve("momentum.keras"), "--data", data)).isEqualTo(1);
        assertThat(err.toString()).contains("the model has 4 inputs, the data 2 columns");
        Path one = Files.writeString(directory.resolve("one.json"), "{\n \"a\": 1, \"b\": 2,\n \"c\": 3, \"d\": 4\n}\n");
        assertThat(run("predict", "--model", SAMPLES.resolve("momentum.keras"), "--data", one)).as(err.toString()).isZero();
        assertThat(out.toString().lines()).hasSize(1);
        assertThat(run("predict", "--model", SAMPLES.resolve("momentum.config.json"), "--data", one)).isEqualTo(1);
        assertThat(err.toString()).contains("there is an architecture, but no weights").doesNotContain("Unexpected");
    }

    @Test
    void evaluatesLabelledRecords() throws IOException {
        JsonNode io = JSON.readTree(Files.readString(SAMPLES.resolve("momentum.io.json")));
        StringBuilder text = new StringBuilder("a,b,c,d,y,z\n");
        double squares = 0;
        for (int i = 0; i < io.path("x").size(); i++) {
            io.path("x").path(i).forEach(value -> text.append(value).append(','));
            text.append("1,-1\n");
            squares += Math.pow(io.path("predictions").path(i).path(0).asDouble() - 1, 2)
                    + Math.pow(io.path("predictions").path(i).path(1).asDouble() + 1, 2);
        }
        Path csv = Files.writeString(directory.resolve("xy.csv"), text);
        assertThat(run("evaluate", "--model", SAMPLES.resolve("momentum.keras"), "--data", csv, "--label", "y,z", "--json"))
                .as(err.toString()).isZero();
        JsonNode figures = JSON.readTree(out.toString());
        assertThat(figures.path("loss").asDouble()).isCloseTo(squares / (2 * io.path("x").size()), within(1e-5));
        assertThat(figures.size()).as("the model has no metrics").isEqualTo(2);
        assertThat(run("evaluate", "--model", SAMPLES.resolve("momentum.keras"), "--data", csv, "--label", "y,z", "--json", "--metrics",
                "mse,rmse")).isZero();
        figures = JSON.readTree(out.toString());
        assertThat(figures.path("mse").asDouble()).isCloseTo(squares / (2 * io.path("x").size()), within(1e-5));
        assertThat(figures.path("rmse").asDouble()).isCloseTo(Math.sqrt(squares / (2 * io.path("x").size())), within(1e-5));
        assertThat(run("evaluate", "--model", SAMPLES.resolve("momentum.keras"), "--data", csv, "--label", "y,z,d")).isEqualTo(1);
        assertThat(run("evaluate", "--model", SAMPLES.resolve("momentum.keras"), "--data", csv, "--label", "y,z", "--metrics", "no"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("no is no metric of Keras");
    }

    /** Keras divides the weighted sum of a batch by its records, and what it weighs in a metric by the weights. */
    @Test
    void evaluatesWithWeightsAsKerasDoes() throws IOException {
        JsonNode io = JSON.readTree(Files.readString(SAMPLES.resolve("n1_sgd_clip.io.json")));
        int inputs = io.path("x").path(0).size();
        StringBuilder text = new StringBuilder();
        for (int j = 0; j < inputs; j++) {
            text.append("x").append(j).append(',');
        }
        text.append("y,w\n");
        int n = io.path("x").size();
        double absolute = 0;
        double extra = 0; // what the weights add to the sum of squares
        for (int i = 0; i < n; i++) {
            io.path("x").path(i).forEach(value -> text.append(value).append(','));
            text.append("0.5,").append(i % 3).append('\n');
            double error = io.path("predictions").path(i).path(0).asDouble() - 0.5;
            absolute += Math.abs(error);
            extra += (i % 3 - 1) * error * error;
        }
        Path csv = Files.writeString(directory.resolve("w.csv"), text);
        List<Object> words = List.of("evaluate", "--model", SAMPLES.resolve("n1_sgd_clip.keras"), "--data", csv, "--label", "y", "--json",
                "--batch-size", 7);
        assertThat(run(java.util.stream.Stream.concat(words.stream(), java.util.stream.Stream.of("--weight", "w")).toArray()))
                .as(err.toString()).isZero();
        JsonNode figures = JSON.readTree(out.toString());
        assertThat(figures.path("mae").asDouble()).as("metrics are not weighted").isCloseTo(absolute / n, within(1e-6));
        Files.writeString(csv, text.toString().replaceAll(",[012]\n", "\n").replace("y,w", "y"));
        assertThat(run(words.toArray())).isZero();
        assertThat(figures.path("loss").asDouble() - JSON.readTree(out.toString()).path("loss").asDouble()).isCloseTo(extra / n,
                within(1e-5 * Math.abs(figures.path("loss").asDouble())));
        Files.writeString(csv, text.toString().replaceFirst(",0\n", ",-1\n"));
        assertThat(run(java.util.stream.Stream.concat(words.stream(), java.util.stream.Stream.of("--weight", "w")).toArray())).isEqualTo(1);
        assertThat(err.toString()).contains("record 1: weight w is -1, a number that is not negative is needed");
    }

    @Test
    void aConfigurationStartsFromAFile() throws IOException {
        Files.copy(SAMPLES.resolve("n1_sgd_clip.keras"), directory.resolve("start.keras"));
        Path yaml = Files.writeString(directory.resolve("m.yaml"), """
                name: m
                features: [a, b, c, d, e, f, g, h]
                label: { field: y }
                model: { keras: start.keras }
                """);
        assertThat(run("check", "--config", yaml)).as(err.toString()).isZero();
        ApplicationConfig config = ConfigurationReader.read(yaml, Map.of(), _ -> {
        }, file -> ModelInput.start(file, _ -> {
        }));
        OnlineLearner learner = new OnlineLearner(config.learner(), config.start().orElseThrow());
        assertThat(learner.version()).isEqualTo(3);
        assertThat(config.learner().training().optimizer().clipping().limit()).isEqualTo(5);
        assertThat(config.learner().training().metrics()).containsExactly(Metric.of("mae").orElseThrow());
        Files.writeString(yaml, Files.readString(yaml).replace(", h]", "]"));
        assertThat(run("check", "--config", yaml)).isEqualTo(2);
        assertThat(err.toString()).contains("model.keras: found a network of 8 inputs, allowed: one for each of the 7 columns");
        Files.writeString(yaml, Files.readString(yaml).replace("start.keras", "absent.keras"));
        assertThat(run("check", "--config", yaml)).isEqualTo(2);
        assertThat(err.toString()).contains("model.keras: found ", "no file of this name");
    }
}
