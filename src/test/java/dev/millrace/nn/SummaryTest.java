package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The expected texts are what Keras 3.9.2 printed. */
class SummaryTest {
    private static final LearningRate RATE = new LearningRate.Constant(0.01f);
    private static final Optimizer ADAM = new Optimizer.Adam(RATE, 0.9f, 0.999f, 1e-7f, false, Clipping.NONE);

    @Test
    void isTheTextKerasPrints() throws IOException {
        check("binary_rmsprop", 4, List.of(6, 1), new Optimizer.RmsProp(RATE, 0.9f, 0, 1e-7f, false, Clipping.NONE));
        check("keras32", 32, List.of(64, 50, 40, 10), ADAM);
        check("momentum", 4, List.of(6, 2), new Optimizer.Sgd(RATE, 0.9f, true, Clipping.NONE));
        check("n1_sgd_clip", 8, List.of(10, 10, 1), new Optimizer.Sgd(RATE, 0, false, new Clipping(Clipping.Kind.NORM, 5)));
        check("softmax_adagrad", 5, List.of(8, 3), new Optimizer.Adagrad(RATE, 0.1f, 1e-7f, Clipping.NONE));
        LearningRate schedule = new LearningRate.ExponentialDecay(0.1f, 10, 0.9f, false);
        check("ftrl_exp_schedule", 3, List.of(4, 1), new Optimizer.Ftrl(schedule, -0.5f, 0.1f, 0, 0, 0, 0, Clipping.NONE, 0));
        check("dropout_nadam", new NetworkSpec(4, List.of(new Dense("dense", 8, Activation.RELU), new Dropout("dropout", 0.25f),
                new Dense("dense_1", 8, Activation.ELU), new ActivationLayer("activation", Activation.TANH),
                new Dense("dense_2", 2, Activation.LINEAR))), new Optimizer.Nadam(RATE, 0.9f, 0.999f, 1e-7f, Clipping.NONE, 0));
        check("nobias_adamw", new NetworkSpec(3, List.of(new Dense("dense", 5, Activation.SELU, false, Initializer.GLOROT_UNIFORM,
                Initializer.ZEROS, Regularizer.NONE, Regularizer.NONE), new Dense("dense_1", 2, Activation.LINEAR))),
                new Optimizer.AdamW(RATE, 0.9f, 0.999f, 1e-7f, false, Clipping.NONE, 0.004f));
    }

    @Test
    void countsWhatIsNotTrained() {
        NetworkSpec network = Presets.dnnRegressor(4, List.of(6), Activation.RELU, 1, 0.1f, true);
        assertThat(Summary.of("m", network, Optional.of(new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM, ADAM))))
                .contains("""
                        │ batch_normalization             │ (None, 6)              │            24 │
                        │ (BatchNormalization)            │                        │               │
                        """).endsWith(" Total params: 161 (644.00 B)\n Trainable params: 49 (196.00 B)\n"
                        + " Non-trainable params: 12 (48.00 B)\n Optimizer params: 100 (400.00 B)\n");
    }

    private static void check(String name, int inputs, List<Integer> units, Optimizer optimizer) throws IOException {
        check(name, Presets.dnnRegressor(inputs, units.subList(0, units.size() - 1), Activation.RELU, units.getLast()), optimizer);
    }

    private static void check(String name, NetworkSpec network, Optimizer optimizer) throws IOException {
        TrainingSpec training = new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM, optimizer);
        String expected = Files.readString(Path.of("src/test/resources/keras", name + ".summary.txt"));
        assertThat(Summary.of("sequential", network, Optional.of(training))).isEqualTo(expected.stripTrailing() + "\n");
    }

    @Test
    void leavesTheOptimizerOutWhenThereIsNone() {
        NetworkSpec network = Presets.dnnRegressor(4, List.of(6), Activation.RELU, 1);
        assertThat(Summary.of("california", network, Optional.empty())).startsWith("Model: \"california\"\n")
                .endsWith(" Total params: 37 (148.00 B)\n Trainable params: 37 (148.00 B)\n Non-trainable params: 0 (0.00 B)\n");
    }

    @Test
    void breaksNamesThatAreTooLong() {
        NetworkSpec network = new NetworkSpec(1, List.of(new Dense("a_layer_with_quite_a_long_name", 1, Activation.RELU),
                new Dense("x".repeat(40), 100_000_000, Activation.LINEAR)));
        assertThat(Summary.of("m", network, Optional.empty()).lines().map(String::length).filter(length -> length > 76)).isEmpty();
        assertThat(Summary.of("m", network, Optional.empty())).contains("""
                │ a_layer_with_quite_a_long_name  │ (None, 1)              │             2 │
                │ (Dense)                         │                        │               │
                """).contains(" Total params: 200,000,002 (762.94 MB)\n");
    }
}
