package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares the gradients with finite differences of {@link ReferenceNetwork}, at widths around a panel's. */
class GradientCheckTest {
    private static final int[] BATCHES = { 1, 2, 3, 7};
    private static final int[] WIDTHS = { 1, 15, 16, 17, 33};
    private static final double H = 1e-5;

    static Stream<Arguments> everyLossBehindEveryActivation() {
        List<Arguments> pairs = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            for (Loss loss : List.of(new Loss.MeanSquaredError(), new Loss.MeanAbsoluteError(), new Loss.Huber(0.3f))) {
                pairs.add(Arguments.of(activation, loss));
            }
            for (boolean fromLogits : new boolean[]{ false, true}) {
                // Without logits the last activation has to make probabilities.
                if (fromLogits || activation == Activation.SIGMOID || activation == Activation.SOFTMAX) {
                    pairs.add(Arguments.of(activation, new Loss.BinaryCrossentropy(fromLogits, 0)));
                    pairs.add(Arguments.of(activation, new Loss.BinaryCrossentropy(fromLogits, 0.2f)));
                    pairs.add(Arguments.of(activation, new Loss.CategoricalCrossentropy(fromLogits, 0)));
                    pairs.add(Arguments.of(activation, new Loss.CategoricalCrossentropy(fromLogits, 0.1f)));
                    pairs.add(Arguments.of(activation, new Loss.SparseCategoricalCrossentropy(fromLogits)));
                }
            }
        }
        return pairs.stream();
    }

    @ParameterizedTest
    @MethodSource("everyLossBehindEveryActivation")
    void gradientsAreTheSlopesOfTheLoss(Activation outputActivation, Loss loss) {
        int turn = 0;
        for (Activation hidden : Activation.values()) {
            for (int batch : BATCHES) {
                int inputs = WIDTHS[turn % 4];
                int units = WIDTHS[(turn * 3 + 1) % 5];
                boolean classes = loss instanceof Loss.CategoricalCrossentropy || loss instanceof Loss.SparseCategoricalCrossentropy
                        || outputActivation == Activation.SOFTMAX;
                int outputs = classes ? 3 + turn % 2 * 14 : 1 + turn % 3 * 8;
                check(hidden, units, inputs, outputActivation, outputs, loss, batch, turn);
                turn++;
            }
        }
    }

    private static void check(Activation hidden, int units, int inputs, Activation outputActivation, int outputs, Loss loss, int batch,
            int turn) {
        Regularizer regularizer = turn % 3 == 0 ? new Regularizer(0.01f, 0.02f) : Regularizer.NONE;
        Initializer spread = new Initializer.RandomNormal(0, 0.5f);
        Network network = new Network(new NetworkSpec(inputs,
                List.of(new Dense("a", units, hidden, turn % 2 == 0, Initializer.GLOROT_NORMAL, spread, regularizer, Regularizer.NONE),
                        new Dense("b", outputs, outputActivation, turn % 4 != 1, Initializer.GLOROT_NORMAL, spread, Regularizer.NONE,
                                regularizer))));
        TrainingSpec training = new TrainingSpec(loss, turn % 2 == 0 ? Loss.Reduction.SUM_OVER_BATCH_SIZE : Loss.Reduction.SUM,
                new Optimizer.Sgd(new LearningRate.Constant(0.1f), 0, false, Clipping.NONE));
        RandomStream random = new RandomStream(turn, 99);
        float[] x = new float[batch * inputs];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextNormal();
        }
        float[] y = targets(loss, batch, outputs, random);
        float[] weights = new float[batch];
        for (int i = 0; i < batch; i++) {
            weights[i] = (float) (0.5 + random.nextUniform());
        }
        float[] sampleWeight = turn % 2 == 0 ? null : weights;

        Trainer trainer = new Trainer(network, training, 7);
        TrainingState state = trainer.initialState(turn);
        trainer.computeGradients(state, x, y, sampleWeight, batch);
        ReferenceNetwork reference = new ReferenceNetwork(network, state.parameters());

        String what = "hidden " + hidden + " " + inputs + "x" + units + "x" + outputs + " batch " + batch + " turn " + turn;
        double expectedLoss = reference.loss(training, x, y, sampleWeight, batch);
        assertThat(trainer.dataLoss() + trainer.regularizationLoss()).as(what).isCloseTo(expectedLoss, within(2e-6 * (1 + expectedLoss)));
        compare(what, network, trainer.gradients(), reference, () -> reference.loss(training, x, y, sampleWeight, batch));
        assertPaddingIsZero(network, trainer.gradients());
    }

    private static float[] targets(Loss loss, int batch, int outputs, RandomStream random) {
        float[] y = new float[batch * loss.targetWidth(outputs)];
        for (int i = 0; i < y.length; i++) {
            y[i] = switch (loss) {
                case Loss.SparseCategoricalCrossentropy _ -> (float) Math.floor(random.nextUniform() * outputs);
                case Loss.BinaryCrossentropy _,Loss.CategoricalCrossentropy _ -> (float) random.nextUniform();
                case Loss.MeanSquaredError _,Loss.MeanAbsoluteError _,Loss.Huber _ -> (float) random.nextNormal();
            };
        }
        return y;
    }

    private static void compare(String what, Network network, float[] gradients, ReferenceNetwork reference,
            DoubleSupplier loss) {
        double largestError = 0;
        double largest = 0;
        for (int v = 0; v < reference.variables.size(); v++) {
            float[] actual = network.layout().toRowMajor(gradients, network.layout().variables().get(v));
            double[] values = reference.variables.get(v);
            int stride = Math.max(1, values.length / 40); // a sample of the larger matrices, first and last element included
            for (int i = 0; i < values.length; i = i == values.length - 1 ? values.length : Math.min(i + stride, values.length - 1)) {
                double value = values[i];
                values[i] = value + H;
                double above = loss.getAsDouble();
                values[i] = value - H;
                double below = loss.getAsDouble();
                values[i] = value;
                double expected = (above - below) / (2 * H);
                largest = Math.max(largest, Math.abs(expected));
                largestError = Math.max(largestError, Math.abs(actual[i] - expected));
            }
        }
        assertThat(largestError).as(what + ", largest gradient " + largest).isLessThanOrEqualTo(1e-5 * largest + 1e-8);
    }

    static void assertPaddingIsZero(Network network, float[] flat) {
        float[] cleared = flat.clone();
        network.layout().clearPadding(cleared);
        assertThat(flat).as("padding").isEqualTo(cleared);
    }
}
