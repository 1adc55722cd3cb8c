package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PresetsTest {
    @Test
    void aRegressorEndsInALinearLayer() {
        assertThat(Presets.dnnRegressor(8, List.of(10, 5), Activation.RELU, 2)).isEqualTo(new NetworkSpec(8, List.of(
                new Dense("dense", 10, Activation.RELU), new Dense("dense_1", 5, Activation.RELU),
                new Dense("dense_2", 2, Activation.LINEAR))));
        assertThat(Presets.regressorLoss()).isEqualTo(new Loss.MeanSquaredError());
    }

    @Test
    void hiddenLayersMayBeDroppedAndNormalized() {
        assertThat(Presets.dnnClassifier(8, List.of(10, 5), 3, Activation.RELU, 0.2f, true).layers()).containsExactly(
                new Dense("dense", 10, Activation.RELU), new Dropout("dropout", 0.2f),
                new BatchNormalization("batch_normalization", 0.999f, 0.001f, true, true), new Dense("dense_1", 5, Activation.RELU),
                new Dropout("dropout_1", 0.2f), new BatchNormalization("batch_normalization_1", 0.999f, 0.001f, true, true),
                new Dense("dense_2", 3, Activation.LINEAR));
        assertThat(Presets.dnnRegressor(8, List.of(10), Activation.RELU, 1, 0, false))
                .isEqualTo(Presets.dnnRegressor(8, List.of(10), Activation.RELU, 1));
    }

    @Test
    void aClassifierAnswersWithLogits() {
        assertThat(Presets.dnnClassifier(4, List.of(3), 2, Activation.TANH).outputs()).isEqualTo(1);
        assertThat(Presets.classifierLoss(2)).isEqualTo(new Loss.BinaryCrossentropy(true, 0));
        assertThat(Presets.dnnClassifier(4, List.of(), 3, Activation.TANH).layers())
                .containsExactly(new Dense("dense", 3, Activation.LINEAR));
        assertThat(Presets.classifierLoss(3)).isEqualTo(new Loss.SparseCategoricalCrossentropy(true));
        assertThatThrownBy(() -> Presets.dnnClassifier(4, List.of(), 1, Activation.TANH)).hasMessageContaining("found 1");
    }

    @Test
    void logitsBecomeProbabilities() {
        float[] binary = { 0, 2, -2};
        Losses.toProbabilities(Presets.classifierLoss(2), binary, 3, 1);
        assertThat(binary[0]).isEqualTo(0.5f);
        assertThat(binary[1] + binary[2]).isCloseTo(1, within(1e-6f));

        float[] classes = { 1, 2, 3, 0, 0, 0, 9};
        Losses.toProbabilities(Presets.classifierLoss(3), classes, 2, 3);
        assertThat(classes[0] + classes[1] + classes[2]).isCloseTo(1, within(1e-6f));
        assertThat(classes).endsWith(1 / 3f, 1 / 3f, 1 / 3f, 9);

        float[] numbers = { 1, 2};
        Losses.toProbabilities(new Loss.MeanSquaredError(), numbers, 1, 2);
        Losses.toProbabilities(new Loss.CategoricalCrossentropy(false, 0), numbers, 1, 2);
        assertThat(numbers).containsExactly(1, 2);
    }

    @Test
    void kerasNamesAreFoundInBothSpellings() {
        for (String name : List.of("glorot_uniform", "GlorotUniform")) {
            assertThat(KerasNames.initializer(name)).contains(Initializer.GLOROT_UNIFORM);
        }
        for (String name : List.of("mse", "mean_squared_error", "MeanSquaredError")) {
            assertThat(KerasNames.loss(name)).contains(new Loss.MeanSquaredError());
        }
        for (String name : KerasNames.initializerNames()) {
            assertThat(KerasNames.initializer(name)).as(name).isPresent();
        }
        for (String name : KerasNames.optimizerNames()) {
            assertThat(KerasNames.optimizer(name)).as(name).isPresent();
        }
        for (String name : List.of("SGD", "RMSprop", "AdamW", "Adadelta", "Ftrl")) {
            assertThat(KerasNames.optimizer(name)).as(name).isPresent();
        }
        for (String name : List.of("max_norm", "MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm")) {
            assertThat(KerasNames.constraint(name)).as(name).isPresent();
        }
        assertThat(KerasNames.constraintNames()).hasSize(4);
        assertThat(KerasNames.loss("KLDivergence")).contains(new Loss.KlDivergence());
        assertThat(Activation.of("swish")).contains(Activation.SILU);
        assertThat(Activation.of("no_such")).isEmpty();
        for (String name : KerasNames.lossNames()) {
            assertThat(KerasNames.loss(name)).as(name).isPresent();
        }
        assertThat(KerasNames.loss("no_such")).isEmpty();
        assertThat(KerasNames.initializer("glorotuniform")).isEmpty();
        assertThat(KerasNames.lossNames()).contains("mse", "sparse_categorical_crossentropy");
    }
}
