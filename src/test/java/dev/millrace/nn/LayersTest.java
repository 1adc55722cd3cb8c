package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Layers that do something else in training than in a prediction, and rules for weights. */
class LayersTest {
    private static final LearningRate RATE = new LearningRate.Constant(0.05f);
    private static final Optimizer SGD = new Optimizer.Sgd(RATE, 0, false, Clipping.NONE);

    private static Trainer trainer(Network network, Optimizer optimizer, int maxBatch) {
        return new Trainer(network, new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE, optimizer), maxBatch);
    }

    private static float[] normal(int length, int stream) {
        float[] values = new float[length];
        RandomStream random = new RandomStream(7, stream);
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextNormal();
        }
        return values;
    }

    private static float[] variable(Network network, float[] flat, String name) {
        for (ParameterLayout.Variable variable : network.layout().variables()) {
            if (variable.name().equals(name)) {
                return network.layout().toRowMajor(flat, variable);
            }
        }
        throw new AssertionError(name);
    }

    /** Every kind of layer in every place it could be awkward in, at widths around a panel's. */
    private static List<NetworkSpec> mixtures() {
        List<NetworkSpec> all = new ArrayList<>();
        for (int units : new int[]{ 3, 16, 17}) {
            all.add(new NetworkSpec(5, List.of(new Dense("a", units, Activation.TANH), new Dropout("b", 0.3f),
                    new BatchNormalization("c"), new ActivationLayer("d", Activation.GELU), new Dense("e", 2, Activation.LINEAR))));
            all.add(new NetworkSpec(5, List.of(new BatchNormalization("a"), new ActivationLayer("b", Activation.TANH),
                    new ActivationLayer("c", Activation.SIGMOID), new Dense("d", units, Activation.LINEAR),
                    new BatchNormalization("e", 0.9f, 0.01f, false, true), new Dense("f", 2, Activation.LINEAR))));
            all.add(new NetworkSpec(5, List.of(new Dropout("a", 0.2f, 9), new Dense("b", units, Activation.SILU),
                    new ActivationLayer("c", Activation.LINEAR), new ActivationLayer("d", Activation.MISH),
                    new BatchNormalization("e", 0.9f, 0.01f, true, false), new Dropout("f", 0.5f), new Dense("g", 2, Activation.LINEAR),
                    new BatchNormalization("h", 0.5f, 0.1f, false, false))));
            all.add(new NetworkSpec(5, List.of(new ActivationLayer("a", Activation.SOFTSIGN), new Dense("b", units, Activation.SIGMOID),
                    new Dropout("c", 0), new Dense("d", 2, Activation.LINEAR), new ActivationLayer("e", Activation.SOFTPLUS))));
        }
        return all;
    }

    @Test
    void gradientsAreTheSlopesOfTheTrainingLoss() {
        for (NetworkSpec spec : mixtures()) {
            for (int batch : new int[]{ 2, 7}) {
                Network network = new Network(spec);
                TrainingSpec training = new TrainingSpec(new Loss.LogCosh(), Loss.Reduction.SUM, SGD);
                Trainer trainer = new Trainer(network, training, 7);
                TrainingState state = trainer.initialState(batch);
                state.setIterations(3);
                float[] x = normal(batch * 5, 1);
                float[] y = normal(batch * 2, 2);
                trainer.computeGradients(state, x, y, null, batch);
                ReferenceNetwork reference = new ReferenceNetwork(network, state.parameters());
                double expected = reference.loss(training, 3, x, y, null, batch);
                assertThat(trainer.dataLoss()).as(spec.toString()).isCloseTo(expected, within(2e-6 * (1 + expected)));
                List<ParameterLayout.Variable> variables = network.layout().variables();
                for (int i = 0; i < variables.size(); i++) {
                    if (!variables.get(i).trainable()) {
                        assertThat(network.layout().toRowMajor(trainer.gradients(), variables.get(i))).containsOnly(0);
                    }
                }
                GradientCheckTest.compare(spec.toString(), network, trainer.gradients(), reference,
                        () -> reference.loss(training, 3, x, y, null, batch));
                GradientCheckTest.assertPaddingIsZero(network, trainer.gradients());
            }
        }
    }

    @Test
    void outputsOfAStepArePredictionsAndPredictionsMatchTheReference() {
        for (NetworkSpec spec : mixtures()) {
            Network network = new Network(spec);
            Trainer trainer = trainer(network, SGD, 6);
            TrainingState state = trainer.initialState(1);
            float[] expected = new float[12];
            for (int step = 0; step < 3; step++) {
                float[] x = normal(30, step);
                network.predict(state.parameters(), x, 6, expected, network.workspace(6));
                double[][] reference = new ReferenceNetwork(network, state.parameters()).predict(x, 6);
                for (int i = 0; i < 12; i++) {
                    assertThat((double) expected[i]).as(spec.toString()).isCloseTo(reference[i / 2][i % 2], within(2e-6));
                }
                assertThat(trainer.step(state, x, normal(12, 9), null, 6)).isTrue();
                assertThat(trainer.outputs()).isEqualTo(expected);
            }
            GradientCheckTest.assertPaddingIsZero(network, state.parameters());
        }
    }

    @Test
    void dropoutKeepsTheExpectation() {
        float[] ones = new float[16 * 20_000];
        Arrays.fill(ones, 1);
        float[] y = new float[ones.length];
        for (float rate : new float[]{ 0, 0.1f, 0.5f, 0.9f, 1}) {
            new Stage.Drop(10, rate, 1, 0).drop(ones, 16, y, 20_000, 5);
            int dropped = 0;
            double sum = 0;
            for (int b = 0; b < 20_000; b++) {
                for (int j = 0; j < 10; j++) {
                    dropped += y[b * 16 + j] == 0 ? 1 : 0;
                    sum += y[b * 16 + j];
                }
            }
            assertThat(dropped / 200_000.0).as("dropped").isCloseTo(rate, within(0.005));
            assertThat(sum / 200_000).as("mean").isCloseTo(rate == 1 ? 0 : 1, within(0.03));
        }
    }

    @Test
    void theMaskDependsOnSeedIterationAndPlaceOnly() {
        float[] mask = mask(new Stage.Drop(10, 0.5f, 1, 2), 7, 4);
        assertThat(mask(new Stage.Drop(10, 0.5f, 1, 2), 7, 4)).isEqualTo(mask);
        assertThat(mask(new Stage.Drop(10, 0.5f, 1, 2), 7, 9)).startsWith(mask);
        assertThat(mask(new Stage.Drop(10, 0.5f, 2, 2), 7, 4)).isNotEqualTo(mask);
        assertThat(mask(new Stage.Drop(10, 0.5f, 1, 3), 7, 4)).isNotEqualTo(mask);
        assertThat(mask(new Stage.Drop(10, 0.5f, 1, 2), 8, 4)).isNotEqualTo(mask);
    }

    private static float[] mask(Stage.Drop drop, long iterations, int n) {
        float[] ones = new float[n * 10];
        Arrays.fill(ones, 1);
        float[] y = new float[n * 16];
        drop.drop(ones, 10, y, n, iterations);
        float[] mask = new float[n * 10];
        for (int b = 0; b < n; b++) {
            System.arraycopy(y, b * 16, mask, b * 10, 10);
        }
        return mask;
    }

    @Test
    void movingStatisticsFollowTheBatches() {
        Network network = new Network(new NetworkSpec(2, List.of(new BatchNormalization("n"), new Dense("d", 1, Activation.LINEAR))));
        Trainer trainer = trainer(network, new Optimizer.AdamW(RATE, 0.9f, 0.999f, 1e-7f, true, Clipping.NONE, 0.1f), 4);
        TrainingState state = trainer.initialState(1);
        double[] mean = { 0, 0};
        double[] variance = { 1, 1};
        for (int step = 0; step < 5; step++) {
            float[] x = normal(8, step);
            assertThat(trainer.step(state, x, normal(4, 50), null, 4)).isTrue();
            for (int j = 0; j < 2; j++) {
                double batchMean = (x[j] + x[2 + j] + x[4 + j] + x[6 + j]) / 4.0;
                double batchVariance = 0;
                for (int b = 0; b < 4; b++) {
                    batchVariance += (x[2 * b + j] - batchMean) * (x[2 * b + j] - batchMean) / 4;
                }
                mean[j] = 0.99 * mean[j] + 0.01 * batchMean;
                variance[j] = 0.99 * variance[j] + 0.01 * batchVariance;
            }
        }
        for (int j = 0; j < 2; j++) {
            assertThat((double) variable(network, state.parameters(), "n/moving_mean")[j]).isCloseTo(mean[j], within(1e-7));
            assertThat((double) variable(network, state.parameters(), "n/moving_variance")[j]).isCloseTo(variance[j], within(2e-7));
        }
        for (int slot = 0; slot < state.slotCount(); slot++) {
            assertThat(variable(network, state.slot(slot), "n/moving_mean")).containsOnly(0);
            assertThat(variable(network, state.slot(slot), "n/gamma")).doesNotContain(0);
        }
    }

    @Test
    void aRefusedStepLeavesTheMovingStatistics() {
        Network network = new Network(new NetworkSpec(2, List.of(new BatchNormalization("n"), new Dense("d", 1, Activation.LINEAR))));
        Trainer trainer = trainer(network, SGD, 2);
        TrainingState state = trainer.initialState(1);
        assertThat(trainer.step(state, normal(4, 1), normal(2, 2), null, 2)).isTrue();
        float[] before = state.parameters().clone();
        for (float bad : new float[]{ Float.NaN, Float.POSITIVE_INFINITY}) {
            assertThat(trainer.step(state, new float[]{ 1, 2, bad, 4}, normal(2, 2), null, 2)).isFalse();
            assertThat(trainer.step(state, normal(4, 1), new float[]{ 1, bad}, null, 2)).isFalse();
            assertThat(Arrays.equals(state.parameters(), before)).isTrue();
        }
        assertThat(state.iterations()).isEqualTo(1);
    }

    @Test
    void aCrossentropyIsFusedWithAnActivationLayer() {
        Network own = new Network(new NetworkSpec(3, List.of(new Dense("a", 2, Activation.LINEAR), new ActivationLayer("b",
                Activation.SOFTMAX))));
        Network inside = new Network(new NetworkSpec(3, List.of(new Dense("a", 2, Activation.SOFTMAX))));
        TrainingSpec training = new TrainingSpec(new Loss.CategoricalCrossentropy(false, 0), Loss.Reduction.SUM, SGD);
        float[] y = { 1, 0, 0, 1};
        float[][] parameters = new float[2][];
        for (int i = 0; i < 2; i++) {
            Trainer trainer = new Trainer(i == 0 ? own : inside, training, 2);
            TrainingState state = trainer.initialState(1);
            assertThat(trainer.step(state, normal(6, 1), y, null, 2)).isTrue();
            parameters[i] = state.parameters();
        }
        assertThat(parameters[0]).isEqualTo(parameters[1]);
    }

    @Test
    void constraintsHoldAfterEachStep() {
        float[] kernel = { 3, -0.1f, 0, 4, 0.2f, 0};
        float[] bias = { 0.6f, -0.8f, 0};
        check(Constraint.NONE, kernel, bias, kernel, bias);
        check(new Constraint.NonNegative(), kernel, bias, new float[]{ 3, 0, 0, 4, 0.2f, 0}, new float[]{ 0.6f, 0, 0});
        check(new Constraint.MaxNorm(2), kernel, bias, new float[]{ 1.2f, -0.1f, 0, 1.6f, 0.2f, 0}, bias);
        float norm = (float) Math.sqrt(0.05);
        check(new Constraint.UnitNorm(), kernel, bias, new float[]{ 0.6f, -0.1f / norm, 0, 0.8f, 0.2f / norm, 0}, bias);
        float half = 0.5f + 0.5f / norm; // half the way from the norm to 1
        check(new Constraint.MinMaxNorm(1, 2, 0.5f), kernel, bias, new float[]{ 2.1f, -0.1f * half, 0, 2.8f, 0.2f * half, 0}, bias);
    }

    private static void check(Constraint constraint, float[] kernel, float[] bias, float[] expectedKernel, float[] expectedBias) {
        Network network = new Network(new NetworkSpec(2, List.of(new Dense("d", 3, Activation.LINEAR, true, Initializer.ZEROS,
                Initializer.ZEROS, Regularizer.NONE, Regularizer.NONE, constraint, constraint))));
        Trainer trainer = trainer(network, SGD, 1);
        TrainingState state = trainer.initialState(1);
        network.layout().fromRowMajor(kernel, network.layout().variables().get(0), state.parameters());
        network.layout().fromRowMajor(bias, network.layout().variables().get(1), state.parameters());
        // No features and the present answer as label: the gradient is 0, only the rule changes anything.
        assertThat(trainer.step(state, new float[2], bias, null, 1)).isTrue();
        assertThat(variable(network, state.parameters(), "d/kernel")).as(constraint.toString()).containsExactly(expectedKernel,
                within(2e-6f));
        assertThat(variable(network, state.parameters(), "d/bias")).as(constraint.toString()).containsExactly(expectedBias, within(2e-6f));
        GradientCheckTest.assertPaddingIsZero(network, state.parameters());
    }

    @Test
    void wrongArgumentsAreRefusedInKerassWords() {
        assertThatThrownBy(() -> new Dropout("d", 1.5f)).hasMessage(
                "Invalid value received for argument `rate`. Expected a float value between 0 and 1. Received: rate=1.5");
        assertThatThrownBy(() -> new BatchNormalization("b", 1.1f, 0.1f, true, true)).hasMessageContaining("momentum");
        assertThatThrownBy(() -> new Constraint.MinMaxNorm(2, 1, 1)).hasMessageContaining("min_value must not exceed max_value");
        assertThatThrownBy(() -> new LearningRate.ExponentialDecay(0.1f, 0, 0.5f, false))
                .hasMessage("Argument `decay_steps` must be > 0. Received: decay_steps=0");
        assertThatThrownBy(() -> new LearningRate.PiecewiseConstantDecay(List.of(1L), List.of(0.1f)))
                .hasMessageStartingWith("The length of boundaries should be 1 less than the length of values.");
        assertThatThrownBy(() -> new Optimizer.Ftrl(RATE, 0.5f, 0, 0, 0, 0, 0, Clipping.NONE, 0))
                .hasMessage("`learning_rate_power` needs to be negative or zero. Received: learning_rate_power=0.5.");
        assertThatThrownBy(() -> new NetworkSpec(1, List.of(new Dropout("d", 0), new Dense("d", 1, Activation.LINEAR))))
                .hasMessage("two layers are named d");
    }

    @Test
    void ftrlRestsWhileTheRateIsZero() {
        Network network = new Network(Presets.dnnRegressor(3, List.of(4), Activation.TANH, 1));
        LearningRate ending = new LearningRate.CosineDecay(0.1f, 2, 0, Optional.empty(), 0);
        Trainer trainer = trainer(network, new Optimizer.Ftrl(ending, -0.5f, 0.1f, 0, 0, 0, 0.5f, Clipping.NONE, 0), 2);
        TrainingState state = trainer.initialState(1);
        for (int i = 0; i < 2; i++) {
            assertThat(trainer.step(state, normal(6, i), normal(2, 9), null, 2)).isTrue();
        }
        float[] before = state.parameters().clone();
        assertThat(trainer.step(state, normal(6, 5), normal(2, 9), null, 2)).isTrue();
        assertThat(state.parameters()).isEqualTo(before);
    }

    @Test
    void nadamsProductFollowsFromTheIterations() {
        Optimizer.Nadam nadam = new Optimizer.Nadam(RATE, 0.9f, 0.999f, 1e-7f, Clipping.NONE, 0);
        assertThat(nadam.uProduct(0)).isEqualTo(1);
        assertThat(nadam.uProduct(1)).isCloseTo(0.468, within(1e-15));
        NadamSchedule schedule = new NadamSchedule(0.9f);
        for (long t : new long[]{ 1, 2, 3, 3, 50, 7, 100_000, 6}) {
            assertThat(schedule.product(t)).as("%s", t).isEqualTo(nadam.uProduct(t));
        }
    }
}
