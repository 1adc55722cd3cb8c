package dev.millrace.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.learn.Evaluation;
import dev.millrace.learn.Example;
import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Missing;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.RecordSchema;
import dev.millrace.nn.Activation;
import dev.millrace.nn.BatchNormalization;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Dropout;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SnapshotTest {
    private static final LearnerSpec SPEC = new LearnerSpec(
            List.of(new Feature.Pick("a", "a"), new Feature.OneHot("c", "c", List.of("x", "y"))), Missing.MEAN, true,
            new Label.Regression("t", 1, 0.001),
            new NetworkSpec(3, List.of(new Dense("dense", 17, Activation.TANH), new Dense("dense_1", 1, Activation.LINEAR))),
            new TrainingSpec(new Loss.Huber(1.5f), Loss.Reduction.SUM_OVER_BATCH_SIZE,
                    new Optimizer.Adam(new LearningRate.Constant(0.01f), 0.9f, 0.999f, 1e-7f, false, new Clipping(Clipping.Kind.NORM, 5))),
            3, 0, 5, 100);

    @Test
    void aDecodedLearnerGoesOnBitForBit() {
        for (int cut : new int[]{ 0, 1, 3, 50, 52}) {
            OnlineLearner original = trained(0, cut, new OnlineLearner(SPEC));
            Snapshot snapshot = Snapshot.decode(Snapshot.encode("m", original, Map.of("t-0", 9L)));
            assertThat(snapshot.version()).isEqualTo(original.version());
            assertThat(snapshot.learner().pending()).isEqualTo(original.pending());
            assertThat(snapshot.weightsSha256()).isEqualTo(Snapshot.weightsSha256(original));
            byte[] continued = Snapshot.encode("m", trained(cut, 100, snapshot.learner()), Map.of());
            assertThat(continued).isEqualTo(Snapshot.encode("m", trained(cut, 100, original), Map.of()));
        }
    }

    @Test
    void movingStatisticsAndNadamsProductGoOnBitForBit() {
        NetworkSpec network = new NetworkSpec(3, List.of(new Dense("dense", 17, Activation.GELU), new Dropout("dropout", 0.25f, 3),
                new BatchNormalization("normalization"), new Dense("dense_1", 1, Activation.LINEAR)));
        Optimizer nadam = new Optimizer.Nadam(new LearningRate.InverseTimeDecay(0.01f, 10, 0.5f, false), 0.9f, 0.999f, 1e-7f,
                Clipping.NONE, 0.01f);
        LearnerSpec spec = new LearnerSpec(SPEC.features(), Missing.MEAN, true, SPEC.label(), network,
                new TrainingSpec(new Loss.LogCosh(), Loss.Reduction.SUM, nadam), 3, 0, 5, 100);
        OnlineLearner original = trained(0, 50, new OnlineLearner(spec));
        byte[] bytes = Snapshot.encode("m", original, Map.of());
        byte[] continued = Snapshot.encode("m", trained(50, 100, Snapshot.decode(bytes).learner()), Map.of());
        assertThat(continued).isEqualTo(Snapshot.encode("m", trained(50, 100, original), Map.of()));
        assertThat(Safetensors.decode(bytes).tensors().keySet()).contains("normalization/moving_variance",
                "optimizer/velocity/normalization/gamma").doesNotContain("optimizer/velocity/normalization/moving_variance");
    }

    @Test
    void theFileIsSafetensorsThatOthersCanRead() {
        OnlineLearner learner = trained(0, 30, new OnlineLearner(SPEC));
        byte[] file = Snapshot.encode("m", learner, Map.of("t-0", 9L));
        int headerLength = (int) LittleEndian.getLong(file, 0);
        assertThat(headerLength % 8).isZero();
        JsonNode header = JsonMapper.shared().readTree(new String(file, 8, headerLength, StandardCharsets.UTF_8));
        assertThat(header.path("dense/kernel").path("dtype").asString()).isEqualTo("F32");
        assertThat(header.path("dense/kernel").path("shape").toString()).isEqualTo("[3,17]");
        assertThat(header.path("optimizer/velocity/dense_1/bias").path("shape").toString()).isEqualTo("[1]");
        assertThat(header.path("scaler/mean").path("dtype").asString()).isEqualTo("F64");
        JsonNode metadata = header.path("__metadata__");
        assertThat(metadata.path("version").asString()).isEqualTo("10");
        assertThat(JsonMapper.shared().readTree(metadata.path("keras_config").asString()).path("class_name").asString())
                .isEqualTo("Sequential");
        assertThat(JsonMapper.shared().readTree(metadata.path("source_offsets").asString()).path("t-0").asInt()).isEqualTo(9);
        long end = 0;
        for (Map.Entry<String, JsonNode> entry : header.properties()) {
            if (!entry.getKey().equals("__metadata__")) {
                assertThat(entry.getValue().path("data_offsets").path(0).asLong()).isEqualTo(end);
                end = entry.getValue().path("data_offsets").path(1).asLong();
            }
        }
        assertThat(end).isEqualTo(file.length - 8 - headerLength);
    }

    @Test
    void theEvaluationTravels() {
        OnlineLearner learner = trained(0, 60, new OnlineLearner(SPEC));
        Snapshot snapshot = Snapshot.decode(Snapshot.encode("m", learner, Map.of()));
        assertThat(snapshot.learner().evaluation().figures(Evaluation.Span.WINDOW))
                .isEqualTo(learner.evaluation().figures(Evaluation.Span.WINDOW)).containsKey("rmse");
    }

    @Test
    void damageIsFoundWhereverItIs() {
        byte[] file = Snapshot.encode("m", trained(0, 30, new OnlineLearner(SPEC)), Map.of());
        for (int at = 0; at < file.length; at += 37) {
            byte[] damaged = file.clone();
            damaged[at] ^= 4;
            assertThatThrownBy(() -> Snapshot.decode(damaged)).as("byte %d", at).isInstanceOf(SnapshotException.class);
            byte[] cut = Arrays.copyOf(file, at);
            assertThatThrownBy(() -> Snapshot.decode(cut)).as("cut at %d", at).isInstanceOf(SnapshotException.class);
        }
    }

    @Property(tries = 1000)
    void anyBytesAreRefusedWithAReason(@ForAll @Size(max = 300) byte[] bytes, @ForAll @IntRange(max = 400) int length) {
        byte[] withHeader = Arrays.copyOf(bytes, Math.max(8, bytes.length));
        LittleEndian.putLong(withHeader, 0, length);
        for (byte[] candidate : List.of(bytes, withHeader)) {
            assertThatThrownBy(() -> Snapshot.decode(candidate)).isInstanceOf(SnapshotException.class).message().isNotBlank();
        }
    }

    @Test
    void aDefinitionThatAsksForMoreMemoryThanItsBytesJustifyIsRefused() {
        Safetensors file = Safetensors.decode(Snapshot.encode("m", new OnlineLearner(SPEC), Map.of()));
        Map<String, String> metadata = new java.util.LinkedHashMap<>(file.metadata());
        metadata.compute("learner", (key, json) -> json.replace("\"units\":17", "\"units\":900000"));
        assertThatThrownBy(() -> Snapshot.decode(new Safetensors(metadata, file.tensors()).encode()))
                .isInstanceOf(SnapshotException.class).hasMessageContaining("asks for");
    }

    /** Files of all format versions, with the hash of their weights after 12 more examples. */
    @ParameterizedTest
    @CsvSource({ "v1-huber-adam, 16, 2, 13a30c73f19ffdf925076896d5236bf471a0ac6466887f904ef264a98a16786c"})
    void everySnapshotEverWrittenStillLoadsAndGoesOnTheSame(String file, long version, int pending, String later) throws Exception {
        Snapshot snapshot = Snapshot.decode(Files.readAllBytes(Path.of("src/test/resources/snapshots", file + ".safetensors")));
        assertThat(snapshot.version()).isEqualTo(version);
        assertThat(snapshot.learner().pending()).isEqualTo(pending);
        assertThat(Snapshot.weightsSha256(trained(50, 62, snapshot.learner()))).isEqualTo(later);
    }

    private static OnlineLearner trained(int from, int to, OnlineLearner learner) {
        RawRecord raw = learner.schema().newRecord();
        Example example = learner.newExample();
        for (int i = from; i < to; i++) {
            raw.clear();
            for (RecordSchema.Field field : learner.schema().fields()) {
                switch (field.name()) {
                    case "a" -> raw.numbers[field.offset()] = i % 7 == 0 ? Double.NaN : i % 11;
                    case "c" -> raw.texts[field.slot()] = i % 2 == 0 ? "x" : "y";
                    default -> raw.numbers[field.offset()] = 1000 * Math.sin(i);
                }
            }
            assertThat(learner.encode(raw, example)).isNull();
            learner.learn(example, i);
        }
        return learner;
    }
}
