package dev.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.learn.Example;
import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Missing;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Dense;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Metric;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A learner leaves as a file, answers from it as it did, and goes on from it. */
class LearnerModelsTest {
    private static final LearnerSpec SPEC = new LearnerSpec(
            List.of(new Feature.Pick("a", "a"), new Feature.Ratio("r", "a", "b")), Missing.REJECT, true,
            new Label.Regression("y", 1, 0.001),
            new NetworkSpec(2, List.of(new Dense("dense", 5, Activation.TANH), new Dense("dense_1", 1, Activation.LINEAR))),
            new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE,
                    new Optimizer.Adam(new LearningRate.Constant(0.01f), 0.9f, 0.999f, 1e-7f, false, Clipping.NONE)),
            4, 0, 1, 100);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = { ".keras", ".h5", ".safetensors"})
    void theFileAnswersAsTheLearnerDid(String ending) {
        OnlineLearner learner = trained();
        Path file = directory.resolve("m" + ending);
        ModelFiles.write(LearnerModels.of("m", learner), file);
        OnlineLearner read = LearnerModels.learner(Samples.read(file));
        assertThat(read.spec()).isEqualTo(learner.spec());
        assertThat(read.version()).isEqualTo(learner.version());
        Random random = new Random(2);
        for (int i = 0; i < 50; i++) {
            double a = random.nextDouble() * 100;
            double b = 1 + random.nextDouble();
            assertThat(answer(read, a, b)).isCloseTo(answer(learner, a, b), within(1e-6f));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { ".keras", ".h5", ".safetensors"})
    void weightAndMetricsTravelWithTheLearner(String ending) {
        TrainingSpec measured = SPEC.training().withMetrics(List.of(Metric.of("mae").orElseThrow()),
                List.of(new Metric.NotComputed("FBetaScore", "\"FBetaScore\"")));
        LearnerSpec spec = new LearnerSpec(SPEC.features(), SPEC.missing(), SPEC.standardize(), SPEC.label(), SPEC.network(), measured,
                SPEC.batchSize(), SPEC.maxWaitMillis(), SPEC.seed(), SPEC.window(), Optional.of("w"));
        Path file = directory.resolve("m" + ending);
        ModelFiles.write(LearnerModels.of("m", new OnlineLearner(spec)), file);
        KerasModel model = Samples.read(file);
        assertThat(LearnerModels.learner(model).spec()).isEqualTo(spec);
        assertThat(LearnerModels.weight(model)).contains("w");
        assertThat(ModelFiles.fold(model).training()).contains(measured);
    }

    /** The folded network reads raw features, {@code a} and {@code a / b}. */
    @Test
    void theFoldedFileReadsRawFeatures() {
        OnlineLearner learner = trained();
        Path file = directory.resolve("m.keras");
        ModelFiles.write(ModelFiles.fold(LearnerModels.of("m", learner)), file);
        KerasModel folded = Samples.read(file);
        assertThat(folded.normalization()).isEmpty();
        OnlineLearner read = LearnerModels.learner(folded);
        assertThat(read.spec().features()).isEqualTo(SPEC.features());
        assertThat(read.spec().standardize()).isFalse();
        Random random = new Random(3);
        for (int i = 0; i < 50; i++) {
            double a = random.nextDouble() * 100;
            double b = 1 + random.nextDouble();
            float[] outputs = Samples.predict(folded, new float[]{ (float) a, (float) (a / b)});
            assertThat(outputs[0]).isCloseTo(answer(learner, a, b), within(1e-4f));
            assertThat(answer(read, a, b)).isCloseTo(outputs[0], within(1e-6f));
        }
    }

    private static OnlineLearner trained() {
        OnlineLearner learner = new OnlineLearner(SPEC);
        Random random = new Random(1);
        Example example = learner.newExample();
        for (int i = 0; i < 200; i++) {
            double a = random.nextDouble() * 100;
            double b = 1 + random.nextDouble();
            assertThat(learner.encode(record(learner, a, b, 1000 * a / b), example)).isNull();
            learner.learn(example, i);
        }
        return learner;
    }

    private static float answer(OnlineLearner learner, double a, double b) {
        Example example = learner.newExample();
        assertThat(learner.encode(record(learner, a, b, Double.NaN), example)).isNull();
        float[] answer = new float[1];
        learner.predict(example, answer);
        return answer[0];
    }

    private static RawRecord record(OnlineLearner learner, double a, double b, double y) {
        RawRecord record = learner.schema().newRecord();
        record.numbers[offset(learner, "a")] = a;
        record.numbers[offset(learner, "b")] = b;
        record.numbers[offset(learner, "y")] = y;
        return record;
    }

    private static int offset(OnlineLearner learner, String field) {
        return learner.schema().fields().stream().filter(known -> known.name().equals(field)).findFirst().orElseThrow().offset();
    }
}
