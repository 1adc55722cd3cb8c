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
            for (Loss loss : List.of(new Loss.MeanSquaredError(), new Loss.MeanAbsoluteError(), new Loss.Huber(0.3f), new Loss.LogCosh(),
                    new Loss.MeanAbsolutePercentageError(), new Loss.Hinge(), new Loss.SquaredHinge(), new Loss.CategoricalHinge(),
                    new Loss.CosineSimilarity())) {
                pairs.add(Arguments.of(activation, loss));
            }
            if (activation == Activation.EXPONENTIAL || activation == Activation.SOFTPLUS || activation == Activation.SOFTMAX) {
                pairs.add(Arguments.of(activation, new Loss.Poisson()));
                pairs.add(Arguments.of(activation, new Loss.MeanSquaredLogarithmicError()));
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
        pairs.add(Arguments.of(Activation.SIGMOID, new Loss.KlDivergence()));
        pairs.add(Arguments.of(Activation.SOFTMAX, new Loss.KlDivergence()));
        return pairs.stream();
    }

    @ParameterizedTest
    @MethodSource("everyLossBehindEveryActivation")
    void gradientsAreTheSlopesOfTheLoss(Activation outputActivation, Loss loss) {
        Activation[] all = Activation.values();
        // Every activation is hidden behind one pair, and eight of them behind each of the others.
        boolean every = outputActivation == Activation.LINEAR && loss instanceof Loss.MeanSquaredError;
        int first = Math.floorMod(loss.kerasName().hashCode() + 5 * outputActivation.ordinal(), all.length);
        for (int turn = 0; turn < (every ? 4 * all.length : 8); turn++) {
            int inputs = WIDTHS[turn % 4];
            int units = WIDTHS[(turn * 3 + 1) % 5];
            boolean classes = loss instanceof Loss.CategoricalCrossentropy || loss instanceof Loss.SparseCategoricalCrossentropy
                    || loss instanceof Loss.CategoricalHinge || loss instanceof Loss.CosineSimilarity
                    || outputActivation == Activation.SOFTMAX || outputActivation == Activation.LOG_SOFTMAX;
            int outputs = classes ? 3 + turn % 2 * 14 : 1 + turn % 3 * 8;
            Activation hidden = all[(first + turn * (every ? 1 : 5)) % all.length];
            check(hidden, units, inputs, outputActivation, outputs, loss, BATCHES[turn % 4], turn);
        }
    }

    private static void check(Activation hidden, int units, int inputs, Activation outputActivation, int outputs, Loss loss, int batch,
            int turn) {
        Regularizer regularizer = turn % 3 == 0 ? new Regularizer(0.01f, 0.02f) : Regularizer.NONE;
        Initializer spread = new Initializer.RandomNormal(0, 0.5f);
        // Large hidden numbers get small weights: the reference cuts probabilities, and so saturates where the trainer does not.
        boolean large = hidden == Activation.EXPONENTIAL || hidden == Activation.LOG_SOFTMAX;
        Initializer output = large ? new Initializer.RandomNormal(0, 0.01f) : Initializer.GLOROT_NORMAL;
        Network network = new Network(new NetworkSpec(inputs,
                List.of(new Dense("a", units, hidden, turn % 2 == 0, Initializer.GLOROT_NORMAL, spread, regularizer, Regularizer.NONE),
                        new Dense("b", outputs, outputActivation, turn % 4 != 1, output, spread, Regularizer.NONE,
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
        double expectedLoss = reference.loss(training, 0, x, y, sampleWeight, batch);
        assertThat(trainer.dataLoss() + trainer.regularizationLoss()).as(what).isCloseTo(expectedLoss,
                within(2e-6 * (1 + Math.abs(expectedLoss))));
        compare(what, network, trainer.gradients(), reference, () -> reference.loss(training, 0, x, y, sampleWeight, batch));
        assertPaddingIsZero(network, trainer.gradients());
    }

    private static float[] targets(Loss loss, int batch, int outputs, RandomStream random) {
        float[] y = new float[batch * loss.targetWidth(outputs)];
        for (int i = 0; i < y.length; i++) {
            double uniform = random.nextUniform();
            y[i] = switch (loss) {
                case Loss.SparseCategoricalCrossentropy _ -> (float) Math.floor(uniform * outputs);
                case Loss.BinaryCrossentropy _,Loss.CategoricalCrossentropy _,Loss.KlDivergence _ -> (float) uniform;
                case Loss.Poisson _ -> (float) Math.floor(4 * uniform);
                case Loss.MeanSquaredLogarithmicError _ -> (float) (3 * uniform);
                case Loss.MeanAbsolutePercentageError _ -> (float) (uniform < 0.5 ? uniform - 1 : uniform);
                case Loss.Hinge _,Loss.SquaredHinge _ -> uniform < 0.5 ? 1 : batch % 2 == 0 ? 0 : -1;
                case Loss.CategoricalHinge _ -> i % outputs == i / outputs % outputs ? 1 : 0;
                default -> (float) random.nextNormal();
            };
        }
        return y;
    }

    static void compare(String what, Network network, float[] gradients, ReferenceNetwork reference,
            DoubleSupplier loss) {
        double largestError = 0;
        double largest = 0;
        for (int v = 0; v < reference.variables.size(); v++) {
            if (!network.layout().variables().get(v).trainable()) {
                continue;
            }
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
