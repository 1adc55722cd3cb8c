package dev.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Network;
import dev.millrace.nn.NetworkSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Microsoft's runtime computes from our files what we compute. */
class OnnxTest {
    @ParameterizedTest
    @EnumSource(Activation.class)
    void everyActivationIsTheSameFunction(Activation activation) throws Exception {
        NetworkSpec network = new NetworkSpec(3, List.of(new Dense("a", 5, activation), new Dense("b", 2, Activation.LINEAR)));
        assertSame(withWeights(network, 3), 1e-6);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyNetworkIsTheSameFunction(long seed) throws Exception {
        assertSame(RandomModels.of(seed), 1e-6);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theNormalizationTravels(long seed) throws Exception {
        KerasModel model = RandomModels.normalized(seed);
        if (model.network().layers().getFirst() instanceof Dense) {
            float[] x = RandomModels.numbers(new Random(seed), 4 * model.network().inputs(), false);
            assertClose(run(model, x), run(ModelFiles.fold(model), x), 1e-4); // another order of rounding
        }
    }

    static LongStream seeds() {
        return LongStream.range(0, 25);
    }

    static KerasModel withWeights(NetworkSpec network, long seed) {
        Random random = new Random(seed);
        Map<String, float[]> weights = new java.util.HashMap<>();
        new Network(network).layout().variables()
                .forEach(variable -> weights.put(variable.name(), RandomModels.numbers(random, variable.size(), false)));
        return new KerasModel("net", network, Optional.empty(), weights, Optional.empty(), Optional.empty(), Map.of());
    }

    private static void assertSame(KerasModel model, double tolerance) throws Exception {
        float[] x = RandomModels.numbers(new Random(1), 7 * model.network().inputs(), false);
        assertClose(run(model, x), Samples.predict(model, x), tolerance);
    }

    private static float[] run(KerasModel model, float[] x) throws Exception {
        int inputs = model.network().inputs();
        float[][] rows = new float[x.length / inputs][inputs];
        for (int i = 0; i < x.length; i++) {
            rows[i / inputs][i % inputs] = x[i];
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(OnnxWriter.write(model).toByteArray());
                OnnxTensor input = OnnxTensor.createTensor(environment, rows);
                OrtSession.Result result = session.run(Map.of("input", input))) {
            float[][] answer = (float[][]) result.get(0).getValue();
            float[] flat = new float[answer.length * answer[0].length];
            for (int i = 0; i < flat.length; i++) {
                flat[i] = answer[i / answer[0].length][i % answer[0].length];
            }
            return flat;
        }
    }

    /** Against the largest output: where numbers of that size were added up to a small one, the small one has their rounding. */
    private static void assertClose(float[] actual, float[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 1;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).as("value %d", i).isCloseTo(expected[i], within(tolerance * largest));
        }
    }
}
