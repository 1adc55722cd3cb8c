package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.nn.kernel.Kernels;
import dev.millrace.nn.kernel.PlainKernels;
import dev.millrace.nn.kernel.VectorKernels;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** The same batches give the same weights, bit for bit, on every machine and with every implementation of the kernels. */
class ReplayTest {
    private static final LearningRate RATE = new LearningRate.Constant(0.01f);

    @Test
    void trainingGivesTheRecordedBits() {
        // Recorded once; a change here means that stored models no longer replay.
        for (Kernels kernels : List.of(new PlainKernels(), new VectorKernels())) {
            trainingGivesTheRecordedBits(kernels);
        }
    }

    private static void trainingGivesTheRecordedBits(Kernels kernels) {
        SoftAssertions softly = new SoftAssertions();
        softly.assertThat(train(kernels, new Loss.MeanSquaredError(), new Optimizer.Adam(RATE, 0.9f, 0.999f, 1e-7f, false, Clipping.NONE)))
                .isEqualTo(2538446366L);
        softly.assertThat(train(kernels, new Loss.CategoricalCrossentropy(false, 0.1f),
                new Optimizer.Sgd(RATE, 0.9f, true, new Clipping(Clipping.Kind.GLOBAL_NORM, 1)))).isEqualTo(3637385961L);
        softly.assertThat(
                train(kernels, new Loss.BinaryCrossentropy(false, 0), new Optimizer.RmsProp(RATE, 0.9f, 0.5f, 1e-7f, true, Clipping.NONE)))
                .isEqualTo(2758394342L);
        softly.assertThat(
                trainLayers(kernels, new Optimizer.Nadam(new LearningRate.CosineDecay(0.01f, 30, 0, Optional.empty(), 0), 0.9f, 0.999f,
                        1e-7f, Clipping.NONE, 0.01f)))
                .isEqualTo(2302193558L);
        softly.assertThat(
                trainLayers(kernels, new Optimizer.Ftrl(new LearningRate.ExponentialDecay(0.1f, 7, 0.9f, false), -0.6f, 0.1f, 0.001f,
                        0.01f, 0.01f, 0.1f, Clipping.NONE, 0)))
                .isEqualTo(887883125L);
        softly.assertThat(trainLayers(kernels, new Optimizer.Adadelta(RATE, 0.95f, 1e-7f, Clipping.NONE, 0))).isEqualTo(2758576277L);
        softly.assertThat(trainLayers(kernels, new Optimizer.Adamax(RATE, 0.9f, 0.999f, 1e-7f, Clipping.NONE, 0))).isEqualTo(524028980L);
        softly.assertThat(trainLayers(kernels, new Optimizer.Lion(RATE, 0.9f, 0.99f, Clipping.NONE, 0.1f))).isEqualTo(1774134799L);
        softly.assertAll();
    }

    /** Twenty steps with batches of one to seven samples; the checksum of parameters, slots and outputs. */
    private static long train(Kernels kernels, Loss loss, Optimizer optimizer) {
        Regularizer both = new Regularizer(0.001f, 0.002f);
        Network network = new Network(new NetworkSpec(9,
                List.of(new Dense("a", 33, Activation.TANH),
                        new Dense("b", 17, Activation.SIGMOID, true, Initializer.HE_NORMAL, Initializer.ZEROS, both, both),
                        new Dense("c", 16, Activation.RELU), new Dense("d", 3, Activation.SOFTMAX))),
                kernels);
        return train(network, loss, optimizer);
    }

    /** The same with dropout, normalization, constraints and one layer of each new activation. */
    private static long trainLayers(Kernels kernels, Optimizer optimizer) {
        List<Layer> layers = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            layers.add(new Dense("dense_" + activation, 17, Activation.LINEAR, true, Initializer.HE_NORMAL, Initializer.ZEROS,
                    Regularizer.NONE, Regularizer.NONE, new Constraint.MaxNorm(1.5f), Constraint.NONE));
            layers.add(new BatchNormalization("normalization_" + activation));
            layers.add(new ActivationLayer("activation_" + activation, activation));
        }
        layers.add(new Dropout("dropout", 0.25f, 5));
        layers.add(new Dense("last", 3, Activation.LINEAR));
        return train(new Network(new NetworkSpec(9, layers), kernels), new Loss.LogCosh(), optimizer);
    }

    private static long train(Network network, Loss loss, Optimizer optimizer) {
        Trainer trainer = new Trainer(network, new TrainingSpec(loss, Loss.Reduction.SUM_OVER_BATCH_SIZE, optimizer), 7);
        TrainingState state = trainer.initialState(11);
        RandomStream random = new RandomStream(12, 0);
        CRC32C checksum = new CRC32C();
        for (int i = 0; i < 20; i++) {
            int n = 1 + i % 7;
            float[] x = new float[n * 9];
            for (int j = 0; j < x.length; j++) {
                x[j] = (float) random.nextNormal();
            }
            float[] y = new float[n * 3];
            for (int b = 0; b < n; b++) {
                y[b * 3 + (int) (random.nextUniform() * 3)] = 1;
            }
            assertThat(trainer.step(state, x, y, null, n)).isTrue();
            update(checksum, trainer.outputs());
        }
        update(checksum, state.parameters());
        for (int i = 0; i < state.slotCount(); i++) {
            update(checksum, state.slot(i));
        }
        return checksum.getValue();
    }

    private static void update(CRC32C checksum, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
        bytes.asFloatBuffer().put(values);
        checksum.update(bytes);
    }
}
