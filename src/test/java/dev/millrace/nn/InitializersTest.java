package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class InitializersTest {
    /** Enough draws that a mean or deviation off by three per cent is no accident. */
    private static final int DRAWS = 100_000;

    @Test
    void distributionsHaveKerassParameters() {
        int checked = 0;
        for (JsonNode statistics : GoldenCase.document("tables.json").get("initializer_statistics")) {
            if (statistics.has("distribution") || statistics.has("std")) {
                checkDistribution(statistics);
                checked++;
            }
        }
        assertThat(checked).isGreaterThanOrEqualTo(27);
    }

    private static void checkDistribution(JsonNode statistics) {
        String name = statistics.get("name").asString();
        Initializer initializer = KerasNames.initializer(name).orElseThrow();
        JsonNode shape = statistics.path("shape");
        boolean vector = shape.size() == 1;
        int columns = shape.size() == 2 ? shape.get(1).asInt() : shape.size() == 1 ? shape.get(0).asInt() : 100;
        int rows = shape.size() == 2 ? shape.get(0).asInt() : vector ? 1 : 100;
        var variable = new ParameterLayout.Variable(name, rows, columns, vector, 0, 0);

        double std = statistics.has("std") ? statistics.get("std").asDouble() : statistics.get("high").asDouble() / Math.sqrt(3);
        double largest = statistics.has("max_abs")
                ? statistics.get("max_abs").asDouble()
                : statistics.has("high") ? statistics.get("high").asDouble() : 6 * std;
        double sum = 0;
        double squares = 0;
        double extreme = 0;
        int count = 0;
        for (int stream = 0; count < DRAWS; stream++) {
            for (float value : InitialValues.of(initializer, variable, new RandomStream(42, stream))) {
                sum += value;
                squares += (double) value * value;
                extreme = Math.max(extreme, Math.abs(value));
                count++;
            }
        }
        assertThat(sum / count).as("mean of %s", statistics).isCloseTo(0, within(0.01 * std));
        assertThat(Math.sqrt(squares / count)).as("deviation of %s", statistics).isCloseTo(std, within(0.01 * std));
        assertThat(extreme).as("extreme of %s", statistics).isLessThanOrEqualTo(largest * (1 + 1e-6));
        if (!statistics.path("distribution").asString("truncated_normal").equals("normal")) {
            assertThat(extreme).as("extreme of %s", statistics).isGreaterThan(0.995 * largest);
        }
    }

    @Test
    void orthogonalMatricesHaveOrthonormalRowsOrColumns() {
        for (int[] shape : new int[][]{ { 8, 10}, { 10, 8}, { 1, 5}, { 5, 1}, { 33, 33}, { 100, 64}, { 64, 150}}) {
            var variable = new ParameterLayout.Variable("w", shape[0], shape[1], false, 0, 0);
            float[] w = InitialValues.of(new Initializer.Orthogonal(1), variable, new RandomStream(1, 0));
            boolean wide = shape[0] < shape[1];
            int narrow = Math.min(shape[0], shape[1]);
            double largestError = 0;
            for (int i = 0; i < narrow; i++) {
                for (int j = 0; j < narrow; j++) {
                    double dot = 0;
                    for (int k = 0; k < Math.max(shape[0], shape[1]); k++) {
                        dot += wide
                                ? (double) w[i * shape[1] + k] * w[j * shape[1] + k]
                                : (double) w[k * shape[1] + i] * w[k * shape[1] + j];
                    }
                    largestError = Math.max(largestError, Math.abs(dot - (i == j ? 1 : 0)));
                }
            }
            assertThat(largestError).as("%s x %s", shape[0], shape[1]).isLessThanOrEqualTo(1e-5);
        }
    }

    @Test
    void gainScalesOrthogonalAndIdentityMatrices() {
        var variable = new ParameterLayout.Variable("w", 4, 3, false, 0, 0);
        float[] plain = InitialValues.of(new Initializer.Orthogonal(1), variable, new RandomStream(1, 0));
        float[] twice = InitialValues.of(new Initializer.Orthogonal(2), variable, new RandomStream(1, 0));
        for (int i = 0; i < plain.length; i++) {
            assertThat(twice[i]).isEqualTo(2 * plain[i]);
        }
        assertThat(InitialValues.of(new Initializer.Identity(2), variable, new RandomStream(1, 0))).containsExactly(2, 0, 0, 0, 2, 0, 0, 0,
                2, 0, 0, 0);
    }

    @Test
    void uniformExcludesItsUpperBound() {
        var variable = new ParameterLayout.Variable("w", 1000, 100, false, 0, 0);
        float low = 1;
        float high = Math.nextUp(Math.nextUp(low)); // so narrow that rounding would reach it
        for (float value : InitialValues.of(new Initializer.RandomUniform(low, high), variable, new RandomStream(1, 0))) {
            assertThat(value).isGreaterThanOrEqualTo(low).isLessThan(high);
        }
    }

    @Test
    void theSameSeedGivesTheSameBitsOnEveryMachine() {
        // Recorded once; a change here changes what every stored configuration trains.
        assertThat(checksum(7)).isEqualTo(2271862156L);
        assertThat(checksum(7)).isNotEqualTo(checksum(8));
    }

    private static long checksum(long seed) {
        CRC32C checksum = new CRC32C();
        for (String name : KerasNames.initializerNames()) {
            Initializer initializer = KerasNames.initializer(name).orElseThrow();
            Network network = new Network(new NetworkSpec(19, List.of(new Dense("dense", 21, Activation.RELU, true, initializer,
                    Initializer.GLOROT_NORMAL, Regularizer.NONE, Regularizer.NONE))));
            for (float value : network.initialParameters(seed)) {
                checksum.update(ByteBuffer.allocate(4).putFloat(value).flip());
            }
        }
        return checksum.getValue();
    }

    @Test
    void everyVariableHasItsOwnStream() {
        Initializer normal = new Initializer.RandomNormal(0, 1);
        Network network = new Network(new NetworkSpec(4, List.of(named("a", normal), named("b", normal))));
        float[] parameters = network.initialParameters(3);
        List<ParameterLayout.Variable> variables = network.layout().variables();
        float[] a = network.layout().toRowMajor(parameters, variables.get(0));
        float[] b = network.layout().toRowMajor(parameters, variables.get(2));
        assertThat(a).isNotEqualTo(b);
        assertThat(a).doesNotContain(b);
        // A layer's first values depend on its place only, not on how many values the ones before it drew.
        Network narrower = new Network(new NetworkSpec(1, List.of(named("a", normal), named("b", normal))));
        assertThat(narrower.layout().toRowMajor(narrower.initialParameters(3), narrower.layout().variables().get(2))).isEqualTo(b);
    }

    private static Dense named(String name, Initializer initializer) {
        return new Dense(name, 4, Activation.RELU, true, initializer, Initializer.ZEROS, Regularizer.NONE, Regularizer.NONE);
    }

    @Test
    void biasInitializersAreRefusedWhereKerasRefusesThem() {
        int checked = 0;
        for (JsonNode expected : GoldenCase.document("expected_errors.json")) {
            JsonNode name = expected.at("/args/bias_initializer");
            if (name.isString()) {
                Initializer initializer = KerasNames.initializer(name.asString()).orElseThrow();
                if (expected.get("keras_3_9_2").asString().equals("error")) {
                    assertThatThrownBy(() -> biased(initializer)).as(name.asString()).isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining(name.asString()).hasMessageContaining("bias_initializer of layer dense");
                } else {
                    float[] values = new Network(new NetworkSpec(2, List.of(biased(initializer)))).initialParameters(1);
                    assertThat(values).hasSize(48).doesNotContain(Float.NaN);
                }
                checked++;
            }
        }
        assertThat(checked).isEqualTo(11);
    }

    private static Dense biased(Initializer initializer) {
        return new Dense("dense", 3, Activation.LINEAR, true, Initializer.GLOROT_UNIFORM, initializer, Regularizer.NONE, Regularizer.NONE);
    }

    @Test
    void unknownKernelInitializersAreRefusedAsInKeras() {
        for (JsonNode expected : GoldenCase.document("expected_errors.json")) {
            JsonNode name = expected.at("/args/kernel_initializer");
            if (name.isString()) {
                assertThat(KerasNames.initializer(name.asString()).isEmpty()).as(name.asString())
                        .isEqualTo(expected.get("keras_3_9_2").asString().equals("error"));
            }
        }
    }
}
