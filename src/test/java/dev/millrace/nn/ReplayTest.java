package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;

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
        SoftAssertions softly = new SoftAssertions();
        softly.assertThat(train(new Loss.MeanSquaredError(), new Optimizer.Adam(RATE, 0.9f, 0.999f, 1e-7f, false, Clipping.NONE)))
                .isEqualTo(956877849L);
        softly.assertThat(train(new Loss.CategoricalCrossentropy(false, 0.1f),
                new Optimizer.Sgd(RATE, 0.9f, true, new Clipping(Clipping.Kind.GLOBAL_NORM, 1)))).isEqualTo(4037826828L);
        softly.assertThat(train(new Loss.BinaryCrossentropy(false, 0), new Optimizer.RmsProp(RATE, 0.9f, 0.5f, 1e-7f, true, Clipping.NONE)))
                .isEqualTo(981635705L);
        softly.assertThat(trainLayers(new Optimizer.Nadam(new LearningRate.CosineDecay(0.01f, 30, 0, Optional.empty(), 0), 0.9f, 0.999f,
                1e-7f, Clipping.NONE, 0.01f))).isEqualTo(3144304813L);
        softly.assertThat(trainLayers(new Optimizer.Ftrl(new LearningRate.ExponentialDecay(0.1f, 7, 0.9f, false), -0.6f, 0.1f, 0.001f,
                0.01f, 0.01f, 0.1f, Clipping.NONE, 0))).isEqualTo(887883125L);
        softly.assertThat(trainLayers(new Optimizer.Adadelta(RATE, 0.95f, 1e-7f, Clipping.NONE, 0))).isEqualTo(3093668351L);
        softly.assertThat(trainLayers(new Optimizer.Adamax(RATE, 0.9f, 0.999f, 1e-7f, Clipping.NONE, 0))).isEqualTo(1292646210L);
        softly.assertThat(trainLayers(new Optimizer.Lion(RATE, 0.9f, 0.99f, Clipping.NONE, 0.1f))).isEqualTo(2186881035L);
        softly.assertAll();
    }

    /** Twenty steps with batches of one to seven samples; the checksum of parameters, slots and outputs. */
    private static long train(Loss loss, Optimizer optimizer) {
        Regularizer both = new Regularizer(0.001f, 0.002f);
        Network network = new Network(new NetworkSpec(9,
                List.of(new Dense("a", 33, Activation.TANH),
                        new Dense("b", 17, Activation.SIGMOID, true, Initializer.HE_NORMAL, Initializer.ZEROS, both, both),
                        new Dense("c", 16, Activation.RELU), new Dense("d", 3, Activation.SOFTMAX))));
        return train(network, loss, optimizer);
    }

    /** The same with dropout, normalization, constraints and one layer of each new activation. */
    private static long trainLayers(Optimizer optimizer) {
        List<Layer> layers = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            layers.add(new Dense("dense_" + activation, 17, Activation.LINEAR, true, Initializer.HE_NORMAL, Initializer.ZEROS,
                    Regularizer.NONE, Regularizer.NONE, new Constraint.MaxNorm(1.5f), Constraint.NONE));
            layers.add(new BatchNormalization("normalization_" + activation));
            layers.add(new ActivationLayer("activation_" + activation, activation));
        }
        layers.add(new Dropout("dropout", 0.25f, 5));
        layers.add(new Dense("last", 3, Activation.LINEAR));
        return train(new Network(new NetworkSpec(9, layers)), new Loss.LogCosh(), optimizer);
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
