package dev.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.StartingState;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Metric;
import dev.millrace.nn.Network;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.nn.Summary;
import dev.millrace.nn.Trainer;
import dev.millrace.nn.TrainingSpec;
import dev.millrace.nn.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Every file that Keras 3.9.2 wrote is read, and computes what Keras computed. */
class KerasSamplesTest {
    static List<String> names() throws IOException {
        return Samples.names();
    }

    /** Those without dropout, whose random bits are Keras's own. */
    static List<String> repeatable() throws IOException {
        return Samples.names().stream().filter(name -> !name.startsWith("dropout")).toList();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyFormatPredictsWhatKerasPredicts(String name) throws IOException {
        JsonNode io = Samples.io(name);
        float[] expected = Samples.floats(io.path("predictions"));
        assertClose(Samples.predict(Samples.read(Samples.file(name, ".keras")), Samples.floats(io.path("x"))), expected, 1e-6f);
        Path h5 = Samples.file(name, ".h5");
        if (Files.exists(h5)) {
            assertClose(Samples.predict(Samples.read(h5), Samples.floats(io.path("x"))), expected, 1e-6f);
        }
        KerasModel parts = ModelFiles.read(Samples.file(name, ".config.json"), Samples.file(name, ".weights.h5"), _ -> {
        });
        assertClose(Samples.predict(parts, Samples.floats(io.path("x"))), expected, 1e-6f);
    }

    @ParameterizedTest
    @MethodSource("repeatable")
    void theNextStepIsThatOfKeras(String name) throws IOException {
        JsonNode io = Samples.io(name);
        KerasModel model = Samples.read(Samples.file(name, ".keras"));
        Network network = new Network(model.network());
        ParameterLayout layout = network.layout();
        float[] x = Samples.floats(io.path("x_batch"));
        float[] y = Samples.floats(io.path("y_batch"));
        int n = x.length / model.network().inputs();
        Trainer trainer = new Trainer(network, model.training().orElseThrow(), n);
        TrainingState state = trainer.initialState(1);
        OptimizerState stored = model.optimizer().orElseThrow();
        System.arraycopy(model.flatWeights(layout), 0, state.parameters(), 0, layout.length());
        List<String> slots = model.training().get().optimizer().slots();
        for (int i = 0; i < slots.size(); i++) {
            System.arraycopy(KerasModel.flat(layout, stored.slots().get(slots.get(i))), 0, state.slot(i), 0, layout.length());
        }
        state.setIterations(stored.iterations());
        assertThat(trainer.step(state, x, y, null, n)).isTrue();
        float[] first = Samples.floats(io.path("x"));
        float[] outputs = new float[first.length / model.network().inputs() * model.network().outputs()];
        network.predict(state.parameters(), first, first.length / model.network().inputs(), outputs,
                network.workspace(first.length / model.network().inputs()));
        assertClose(outputs, Samples.floats(io.path("prediction_after_one_more_train_step_from_restored_optimizer")), 1e-5f);
        assertThat(stored.iterations()).isEqualTo(io.path("iterations").asLong());
    }

    @ParameterizedTest
    @MethodSource("names")
    void theSummaryIsThatOfKeras(String name) throws IOException {
        KerasModel model = Samples.read(Samples.file(name, ".keras"));
        assertThat(Summary.of(model.name(), model.network(), model.training()).strip())
                .isEqualTo(Files.readString(Samples.file(name, ".summary.txt")).strip());
    }

    /**
     * The trainer's loss before its step is checked against Keras elsewhere. The recorded {@code evaluate_before} is of 48 rows, of
     * which the file keeps 32.
     */
    @ParameterizedTest
    @MethodSource("repeatable")
    void evaluationIsTheLossOfTheTrainer(String name) throws IOException {
        JsonNode io = Samples.io(name);
        KerasModel model = Samples.read(Samples.file(name, ".keras"));
        float[] x = Samples.floats(io.path("x_batch"));
        float[] y = Samples.floats(io.path("y_batch"));
        float[] outputs = Samples.predict(model, x);
        int n = io.path("x_batch").size();
        KerasEvaluation evaluation = new KerasEvaluation(model, n);
        int width = model.network().outputs();
        for (int i = 0; i < n; i++) {
            evaluation.add(Arrays.copyOfRange(outputs, i * width, (i + 1) * width),
                    Arrays.copyOfRange(y, i * evaluation.targetWidth(), (i + 1) * evaluation.targetWidth()), 1);
        }
        Network network = new Network(model.network());
        Trainer trainer = new Trainer(network, model.training().orElseThrow(), n);
        TrainingState state = trainer.initialState(1);
        System.arraycopy(model.flatWeights(network.layout()), 0, state.parameters(), 0, network.layout().length());
        trainer.step(state, x, y, null, n);
        double expected = trainer.dataLoss() + trainer.regularizationLoss();
        assertThat(evaluation.figures().get("loss")).isCloseTo(expected, within(1e-6 * Math.max(1, expected)));
    }

    @Test
    void accuracyCountsAsKerasCounts() {
        KerasEvaluation yesOrNo = new KerasEvaluation(Samples.read(Samples.file("binary_rmsprop", ".keras")), 3);
        yesOrNo.add(new float[]{ 0.5f}, new float[]{ 0}, 1); // 0.5 is not above 0.5
        yesOrNo.add(new float[]{ 0.51f}, new float[]{ 1}, 1);
        yesOrNo.add(new float[]{ 0.2f}, new float[]{ 1}, 1);
        yesOrNo.add(new float[]{ 0.9f}, new float[]{ 1}, 1);
        assertThat(yesOrNo.figures().get("accuracy")).isEqualTo(0.75);
        KerasEvaluation oneOfThree = new KerasEvaluation(Samples.read(Samples.file("softmax_adagrad", ".keras")), 32);
        oneOfThree.add(new float[]{ 0.2f, 0.5f, 0.3f}, new float[]{ 1}, 1);
        oneOfThree.add(new float[]{ 0.2f, 0.5f, 0.3f}, new float[]{ 2}, 1);
        assertThat(oneOfThree.figures().get("accuracy")).isEqualTo(0.5);
    }

    /** {@code Σ_b n_b (Σ w l / n_b) / N}, and for a sum {@code Σ_b n_b Σ w l / N}. */
    @Test
    void theLossTakesWeightsAndWeighsBatchesByTheirSamples() {
        KerasModel model = Samples.read(Samples.file("momentum", ".keras"));
        TrainingSpec mean = new TrainingSpec(new Loss.MeanAbsoluteError(), Loss.Reduction.SUM_OVER_BATCH_SIZE,
                model.training().orElseThrow().optimizer(), List.of(new Metric.Mean("mae", new Loss.MeanAbsoluteError())),
                List.of(new Metric.Mean("mae", new Loss.MeanAbsoluteError()), new Metric.NotComputed("auc", "\"AUC\"")));
        TrainingSpec sum = new TrainingSpec(mean.loss(), Loss.Reduction.SUM, mean.optimizer());
        float[] errors = { 1, 2, 4};
        float[] weights = { 0.5f, 0, 3};
        KerasEvaluation means = new KerasEvaluation(compiled(model, mean), 2);
        KerasEvaluation sums = new KerasEvaluation(compiled(model, sum), 2);
        for (int i = 0; i < 3; i++) {
            means.add(new float[]{ errors[i], -errors[i]}, new float[]{ 0, 0}, weights[i]);
            sums.add(new float[]{ errors[i], -errors[i]}, new float[]{ 0, 0}, weights[i]);
        }
        double penalty = means.figures().get("loss") - (0.5 + 12) / 3;
        assertThat(penalty).isBetween(-1e-9, 10.0);
        assertThat(sums.figures().get("loss") - penalty).isCloseTo((2 * 0.5 + 12) / 3, within(1e-9));
        assertThat(means.figures().get("mae")).isCloseTo(7.0 / 3, within(1e-9));
        assertThat(means.figures().get("weighted_mae")).isCloseTo(12.5 / 3.5, within(1e-9));
        assertThat(means.notComputed()).containsOnlyKeys("auc");
    }

    private static KerasModel compiled(KerasModel model, TrainingSpec training) {
        return new KerasModel(model.name(), model.network(), Optional.of(training), model.weights(), Optional.empty(),
                model.normalization(), model.metadata());
    }

    /** A learner of the configuration that names the file makes the step that Keras makes. */
    @ParameterizedTest
    @MethodSource("repeatable")
    void aLearnerGoesOnFromTheFile(String name) throws IOException {
        JsonNode io = Samples.io(name);
        KerasModel model = Samples.read(Samples.file(name, ".keras"));
        StartingState start = LearnerModels.start(model);
        OnlineLearner learner = LearnerModels.learner(model);
        assertThat(learner.version()).isEqualTo(start.version()).isEqualTo(io.path("iterations").asLong());
        assertThat(Differences.weightsOnly(model, LearnerModels.of("again", learner))).isEmpty();
        learner.reset();
        assertThat(Differences.weightsOnly(model, LearnerModels.of("again", learner))).isEmpty();
    }

    private static void assertClose(float[] actual, float[] expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i]))));
        }
    }
}
