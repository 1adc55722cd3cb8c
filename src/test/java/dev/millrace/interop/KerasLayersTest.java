package dev.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.nn.Activation;
import dev.millrace.nn.ActivationLayer;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Layer;
import dev.millrace.nn.Loss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers and losses of files, in the shapes Keras gives them: understood, or refused with the layer's name and the reason. */
class KerasLayersTest {
    private static Architecture read(String layer, String loss) {
        return KerasConfigReader.read(JsonPlace.parse("config", """
                {"module":"keras","class_name":"Sequential","config":{"name":"s","layers":[
                 {"module":"keras.layers","class_name":"InputLayer","config":{"batch_shape":[null,2],"name":"in"}},
                 %s]},"compile_config":{"optimizer":"sgd","loss":%s}}""".formatted(layer, loss)));
    }

    private static Layer layer(String className, String arguments) {
        String json = "{\"module\":\"keras.layers\",\"class_name\":\"" + className + "\",\"config\":{\"name\":\"it\"" + arguments + "}}";
        return read(json, "\"mse\"").network().layers().getFirst();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
            "ReLU       | ,\"max_value\":null,\"negative_slope\":0.0,\"threshold\":0.0 | RELU", "ReLU | ,\"max_value\":6.0 | RELU6",
            "ReLU       | ,\"negative_slope\":0.2                                      | LEAKY_RELU",
            "LeakyReLU  | ,\"negative_slope\":0.2                                      | LEAKY_RELU",
            "LeakyReLU  | ,\"alpha\":0.20000000298023224                               | LEAKY_RELU",
            "ELU        | ,\"alpha\":1.0                                               | ELU",
            "Softmax    | ,\"axis\":-1                                                 | SOFTMAX",
            "Activation | ,\"activation\":\"hard_swish\"                               | HARD_SILU",
            "Activation | ,\"activation\":{\"class_name\":\"function\",\"config\":\"relu6\"} | RELU6"})
    void functionsAsLayersAreRead(String className, String arguments, Activation expected) {
        assertThat(layer(className, arguments)).isEqualTo(new ActivationLayer("it", expected));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
            "LeakyReLU  | ,\"alpha\":0.3              | its alpha is 0.3, this program has 0.2",
            "LeakyReLU  | ''                          | its negative_slope is 0.3, this program has 0.2",
            "ELU        | ,\"alpha\":0.5              | its alpha is 0.5, this program has 1.0",
            "ReLU       | ,\"threshold\":1.0          | its threshold is 1.0, this program has 0.0",
            "ReLU       | ,\"max_value\":3.0          | its negative_slope is 0.0 and its max_value \"3.0\"",
            "Softmax    | ,\"axis\":0                 | its axis is \"0\"",
            "PReLU      | ''                          | this program knows Dense, Activation, ReLU",
            "Activation | ,\"activation\":\"glu\"     | its activation is glu",
            "Dense      | ,\"units\":2,\"activity_regularizer\":{\"class_name\":\"L2\",\"config\":{\"l2\":0.1}} | activity_regularizer is an object",
            "Dense      | ,\"units\":2,\"activation\":{\"module\":\"keras.layers\",\"class_name\":\"LeakyReLU\",\"config\":{\"negative_slope\":0.1}} | its negative_slope is 0.1",
            "BatchNormalization | ,\"axis\":0         | its axis is \"0\""})
    void othersAreRefusedByName(String className, String arguments, String why) {
        assertThatThrownBy(() -> layer(className, arguments)).isInstanceOf(ModelFileException.class).hasMessageContaining("layer it (")
                .hasMessageContaining(why);
    }

    @Test
    void aLayerCanBeAnActivation() {
        assertThat(layer("Dense", ",\"units\":2,\"activation\":{\"class_name\":\"ReLU\",\"config\":{\"max_value\":6.0}}"))
                .isEqualTo(new Dense("it", 2, Activation.RELU6));
    }

    @Test
    void reductionsAreThoseThatGiveOneNumber() {
        String dense = "{\"class_name\":\"Dense\",\"config\":{\"name\":\"it\",\"units\":1}}";
        String loss = "{\"class_name\":\"MeanSquaredError\",\"config\":{\"reduction\":%s}}";
        assertThat(read(dense, loss.formatted("\"mean\"")).training().orElseThrow().reduction())
                .isEqualTo(Loss.Reduction.SUM_OVER_BATCH_SIZE);
        assertThat(read(dense, loss.formatted("\"sum\"")).training().orElseThrow().reduction()).isEqualTo(Loss.Reduction.SUM);
        for (String other : new String[]{ "null", "\"none\"", "\"mean_with_sample_weight\""}) {
            assertThatThrownBy(() -> read(dense, loss.formatted(other))).isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("reduction: found").hasMessageContaining("allowed: sum_over_batch_size, mean, sum");
        }
    }
}
