package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.config.ConfigurationReader;
import dev.millrace.interop.KerasModel;
import dev.millrace.interop.LearnerModels;
import dev.millrace.interop.ModelFiles;
import dev.millrace.learn.Example;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.nn.Network;
import dev.millrace.stream.JsonRecordDecoder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A file of a learner with every kind of feature answers as the learner does: to Keras, and to our own commands. */
class ExportedModelTest {
    private static final String LAYERS = "{ layers: [ { units: 6, activation: tanh, use_bias: false }, { type: batch_normalization },"
            + " { type: dropout, rate: 0.2 }, { units: 3, activation: softplus }, { units: 1 } ] }";
    private static final String PRESET = "{ preset: dnn_regressor, hidden_units: [5, 4], dropout: 0.1, batch_norm: true }";
    private static final String CLASSES = "{ layers: [ { units: 5, activation: relu }, { units: 3, activation: softmax } ] }";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "{ field: y, scale: 0.01 } | " + LAYERS, "{ field: y } | " + PRESET,
            "{ field: c, classes: [low, middle, high] } | " + CLASSES})
    void answersAsTheLearnerDoes(String label, String model) throws IOException {
        for (boolean standardize : List.of(true, false)) {
            OnlineLearner learner = trained(label, model, standardize);
            KerasModel exported = LearnerModels.of("m", learner);
            for (boolean fold : List.of(false, true)) {
                for (String ending : List.of(".keras", ".h5", ".safetensors")) {
                    Path file = directory.resolve("m" + ending);
                    ModelFiles.write(fold ? ModelFiles.fold(exported) : exported, file);
                    assertAnswers(file, learner, fold ? 1e-4 : 1e-5);
                }
            }
        }
    }

    private OnlineLearner trained(String label, String model, boolean standardize) throws IOException {
        Path yaml = Files.writeString(directory.resolve("m.yaml"), """
                name: m
                features: [a, { ratio: [a, b] }, { product: [a, b] }, { difference: [a, b] }, { log1p: a },
                  { one_hot: w, vocabulary: [red, blue, never] }, { cyclical: h, period: 24 }, { vector: v, width: 2 }]
                standardize: %s
                label: %s
                model: %s
                training: { batch_size: 8 }
                """.formatted(standardize, label, model));
        OnlineLearner learner = new OnlineLearner(ConfigurationReader.read(yaml, Map.of()).learner());
        Random random = new Random(3);
        for (int i = 0; i < 400; i++) {
            learner.learn(example(learner, record(random)), i);
        }
        return learner;
    }

    private static String record(Random random) {
        double a = 1 + random.nextDouble() * 9;
        double b = 1 + random.nextDouble();
        return "{\"a\":%s,\"b\":%s,\"w\":\"%s\",\"h\":%d,\"v\":[%s,%s],\"y\":%s,\"c\":\"%s\"}".formatted(a, b,
                random.nextBoolean() ? "red" : "blue", random.nextInt(24), random.nextDouble(), random.nextDouble() * 100, 10 * a / b,
                a / b < 2 ? "low" : a / b < 4 ? "middle" : "high");
    }

    private static Example example(OnlineLearner learner, String record) {
        RawRecord raw = learner.schema().newRecord();
        Example example = learner.newExample();
        assertThat(new JsonRecordDecoder(learner.schema()).decode(record.getBytes(StandardCharsets.UTF_8), raw)).isNull();
        assertThat(learner.encode(raw, example)).isNull();
        return example;
    }

    private void assertAnswers(Path file, OnlineLearner learner, double tolerance) throws IOException {
        Random random = new Random(4);
        List<String> records = List.of(record(random), record(random), record(random));
        Path data = Files.write(directory.resolve("data.jsonl"), records);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        assertThat(Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute("predict", "--model",
                file.toString(), "--data", data.toString())).as(err.toString()).isZero();
        KerasModel read = ModelFiles.read(file, _ -> {
        });
        List<String> lines = out.toString().lines().toList();
        for (int i = 0; i < records.size(); i++) {
            float[] expected = new float[learner.network().spec().outputs()];
            learner.predict(example(learner, records.get(i)), expected);
            float[] keras = asKerasComputes(read, records.get(i));
            JsonNode line = JsonMapper.shared().readTree(lines.get(i));
            for (int j = 0; j < expected.length; j++) {
                JsonNode own = line.has("probabilities")
                        ? line.path("probabilities").path(List.of("low", "middle", "high").get(j))
                        : line.path("prediction");
                double magnitude = Math.max(1, Math.abs(expected[j]));
                assertThat(own.asDouble()).as("%s", file).isCloseTo(expected[j], within(tolerance * magnitude));
                assertThat((double) keras[j]).as("%s", file).isCloseTo(expected[j], within(tolerance * magnitude));
            }
        }
    }

    /** Raw features through Keras's Normalization, if the file has one, and the network, in float32. */
    private static float[] asKerasComputes(KerasModel model, String record) {
        JsonNode json = JsonMapper.shared().readTree(record);
        double a = json.path("a").asDouble();
        double b = json.path("b").asDouble();
        double angle = 2 * Math.PI * json.path("h").asDouble() / 24;
        double[] raw = { a, a / b, a * b, a - b, Math.log1p(a), json.path("w").asString().equals("red") ? 1 : 0,
                json.path("w").asString().equals("blue") ? 1 : 0, 0, Math.sin(angle), Math.cos(angle), json.path("v").path(0).asDouble(),
                json.path("v").path(1).asDouble()};
        float[] x = new float[raw.length];
        for (int j = 0; j < x.length; j++) {
            x[j] = (float) raw[j];
            if (model.normalization().isPresent()) {
                float mean = (float) model.normalization().get().mean()[j];
                float variance = (float) model.normalization().get().variance()[j];
                x[j] = (x[j] - mean) / Math.max((float) Math.sqrt(variance), 1e-7f);
            }
        }
        Network network = new Network(model.network());
        float[] parameters = new float[network.layout().length()];
        network.layout().variables().forEach(variable -> network.layout().fromRowMajor(
                Arrays.copyOf(model.weights().get(variable.name()), variable.size()), variable, parameters));
        float[] outputs = new float[network.spec().outputs()];
        network.predict(parameters, x, 1, outputs, network.workspace(1));
        return outputs;
    }
}
