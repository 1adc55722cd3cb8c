package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No input can make a weight non-finite: a step that would is refused and leaves no trace. */
class TrainerGuardTest {
    private static final LearningRate RATE = new LearningRate.Constant(0.01f);
    private static final Optimizer ADAM = new Optimizer.Adam(RATE, 0.9f, 0.999f, 1e-7f, true, Clipping.NONE);

    private static Network network(Activation hidden) {
        return new Network(Presets.dnnRegressor(3, List.of(5, 4), hidden, 2));
    }

    private static TrainingSpec training(Optimizer optimizer) {
        return new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE, optimizer);
    }

    private static float[] ones(int length) {
        float[] values = new float[length];
        Arrays.fill(values, 1);
        return values;
    }

    private record Copy(float[] parameters, List<float[]> slots, long iterations) {
        static Copy of(TrainingState state) {
            List<float[]> slots = new ArrayList<>();
            for (int i = 0; i < state.slotCount(); i++) {
                slots.add(state.slot(i).clone());
            }
            return new Copy(state.parameters().clone(), slots, state.iterations());
        }

        void assertUnchanged(TrainingState state) {
            assertThat(state.iterations()).isEqualTo(iterations);
            assertThat(Arrays.equals(state.parameters(), parameters)).as("parameters, bit for bit").isTrue();
            for (int i = 0; i < slots.size(); i++) {
                assertThat(Arrays.equals(state.slot(i), slots.get(i))).as("slot, bit for bit").isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(floats = { Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void refusesNonFiniteNumbersWhereverTheyEnter(float bad) {
        for (Activation hidden : Activation.values()) {
            Trainer trainer = new Trainer(network(hidden), training(ADAM), 3);
            TrainingState state = trainer.initialState(1);
            assertThat(trainer.step(state, ones(9), ones(6), null, 3)).isTrue();
            Copy before = Copy.of(state);
            for (int i = 0; i < 9; i++) {
                float[] x = ones(9);
                x[i] = bad;
                assertThat(trainer.step(state, x, ones(6), null, 3)).as("x[%s] with %s", i, hidden).isFalse();
                before.assertUnchanged(state);
            }
            for (int i = 0; i < 6; i++) {
                float[] y = ones(6);
                y[i] = bad;
                assertThat(trainer.step(state, ones(9), y, null, 3)).as("y[%s]", i).isFalse();
                before.assertUnchanged(state);
            }
            float[] weights = ones(3);
            weights[1] = bad;
            assertThat(trainer.step(state, ones(9), ones(6), weights, 3)).as("weight").isFalse();
            before.assertUnchanged(state);
            assertThat(trainer.step(state, ones(9), ones(6), null, 3)).as("the next good batch").isTrue();
        }
    }

    @Test
    void refusesAStepWhoseUpdateOverflows() {
        Optimizer huge = new Optimizer.Sgd(new LearningRate.Constant(1e38f), 0, false, Clipping.NONE);
        Trainer trainer = new Trainer(network(Activation.LINEAR), training(huge), 1);
        TrainingState state = trainer.initialState(1);
        Copy before = Copy.of(state);
        assertThat(trainer.step(state, new float[]{ 100, 100, 100}, new float[]{ 1e5f, 1e5f}, null, 1)).isFalse();
        assertThat(trainer.gradientNorm()).isFinite();
        before.assertUnchanged(state);
    }

    @Test
    void refusesAStepWhoseSlotOverflows() {
        Optimizer adagrad = new Optimizer.Adagrad(RATE, 0.1f, 1e-7f, Clipping.NONE);
        Trainer trainer = new Trainer(network(Activation.LINEAR), training(adagrad), 1);
        TrainingState state = trainer.initialState(1);
        Copy before = Copy.of(state);
        // Gradients near 1e21: their squares are infinite, w - lr g / sqrt(infinity) would be the old w.
        assertThat(trainer.step(state, ones(3), new float[]{ 1e21f, 1e21f}, null, 1)).isFalse();
        before.assertUnchanged(state);
    }

    @Test
    void clippedHugeGradientsAreUseful() {
        Optimizer clipped = new Optimizer.Sgd(RATE, 0, false, new Clipping(Clipping.Kind.GLOBAL_NORM, 1));
        Trainer trainer = new Trainer(network(Activation.LINEAR), training(clipped), 1);
        TrainingState state = trainer.initialState(1);
        assertThat(trainer.step(state, ones(3), new float[]{ 1e15f, 1e15f}, null, 1)).isTrue();
        assertThat(trainer.gradientNorm()).isGreaterThan(1e14);
    }

    @Test
    void paddingStaysZeroAndCannotFailAStepEvenWithoutEpsilon() {
        List<Optimizer> withoutEpsilon = List.of(new Optimizer.Adam(RATE, 0.9f, 0.999f, 0, false, Clipping.NONE),
                new Optimizer.Adam(RATE, 0.9f, 0.999f, 0, true, Clipping.NONE), new Optimizer.Adagrad(RATE, 0, 0, Clipping.NONE),
                new Optimizer.RmsProp(RATE, 0.9f, 0.5f, 0, false, Clipping.NONE),
                new Optimizer.RmsProp(RATE, 0.9f, 0.5f, 0, true, Clipping.NONE),
                new Optimizer.Adamax(RATE, 0.9f, 0.999f, 0, Clipping.NONE, 0.1f),
                new Optimizer.Nadam(RATE, 0.9f, 0.999f, 0, Clipping.NONE, 0), new Optimizer.Adadelta(RATE, 0.9f, 0, Clipping.NONE, 0),
                new Optimizer.Ftrl(RATE, -0.5f, 0, 0, 0, 0, 0, Clipping.NONE, 0),
                new Optimizer.Ftrl(RATE, -0.7f, 0.1f, 0.01f, 0.1f, 0.1f, 1, Clipping.NONE, 0.1f),
                new Optimizer.Lion(RATE, 0.9f, 0.99f, Clipping.NONE, 0.1f));
        for (Optimizer optimizer : withoutEpsilon) {
            Network network = network(Activation.SIGMOID);
            Trainer trainer = new Trainer(network, training(optimizer), 2);
            TrainingState state = trainer.initialState(1);
            for (int i = 0; i < 5; i++) {
                float[] x = { 1, 2, 3, -1, i, 0.5f};
                assertThat(trainer.step(state, x, ones(4), null, 2)).as(optimizer.toString()).isTrue();
            }
            GradientCheckTest.assertPaddingIsZero(network, state.parameters());
            for (int i = 0; i < state.slotCount(); i++) {
                GradientCheckTest.assertPaddingIsZero(network, state.slot(i));
            }
        }
    }

    @Test
    void paddingStaysZeroWithPenaltiesMomentumAndEveryActivation() {
        for (Activation activation : Activation.values()) {
            Regularizer both = new Regularizer(0.1f, 0.1f);
            Network network = new Network(new NetworkSpec(3,
                    List.of(new Dense("a", 18, activation, true, Initializer.GLOROT_UNIFORM, Initializer.ONES, both, both),
                            new Dense("b", 3, activation, true, Initializer.GLOROT_UNIFORM, Initializer.ONES, both, both))));
            Optimizer nesterov = new Optimizer.Sgd(RATE, 0.9f, true, new Clipping(Clipping.Kind.NORM, 0.5f));
            Trainer trainer = new Trainer(network, training(nesterov), 2);
            TrainingState state = trainer.initialState(1);
            for (int i = 0; i < 5; i++) {
                assertThat(trainer.step(state, ones(6), ones(6), null, 2)).isTrue();
            }
            GradientCheckTest.assertPaddingIsZero(network, state.parameters());
            GradientCheckTest.assertPaddingIsZero(network, state.slot(0));
        }
    }

    @Test
    void refusesArgumentsThatDoNotFit() {
        Trainer trainer = new Trainer(network(Activation.RELU), training(ADAM), 2);
        TrainingState state = trainer.initialState(1);
        assertThatThrownBy(() -> trainer.step(state, ones(9), ones(6), null, 3)).hasMessage("a step takes 1 to 2 samples, found 3");
        assertThatThrownBy(() -> trainer.step(state, ones(9), ones(6), null, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> trainer.step(state, ones(5), ones(6), null, 2)).hasMessage("x needs 2 rows of 3, found 5 values");
        assertThatThrownBy(() -> trainer.step(state, ones(6), ones(3), null, 2)).hasMessageContaining("y needs 2 rows of 2");
        assertThatThrownBy(() -> trainer.step(state, ones(6), ones(4), ones(1), 2)).hasMessageContaining("sampleWeight");
        Trainer other = new Trainer(network(Activation.RELU), training(new Optimizer.Sgd(RATE, 0, false, Clipping.NONE)), 2);
        assertThatThrownBy(() -> other.step(state, ones(6), ones(4), null, 2)).hasMessageContaining("another network or optimizer");
    }

    @Test
    void refusesAClassThatDoesNotExist() {
        Network network = new Network(Presets.dnnClassifier(3, List.of(4), 3, Activation.RELU));
        Trainer trainer = new Trainer(network, new TrainingSpec(Presets.classifierLoss(3), Loss.Reduction.SUM, ADAM), 1);
        TrainingState state = trainer.initialState(1);
        Copy before = Copy.of(state);
        for (float bad : new float[]{ 3, -1, 0.5f, Float.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> trainer.step(state, ones(3), new float[]{ bad}, null, 1))
                    .isInstanceOf(IllegalArgumentException.class).hasMessage("a class must be an integer from 0 to 2, found " + bad);
        }
        assertThat(trainer.step(state, ones(3), new float[]{ Float.NaN}, null, 1)).isFalse();
        before.assertUnchanged(state);
        assertThat(trainer.step(state, ones(3), new float[]{ 2}, null, 1)).isTrue();
    }
}
