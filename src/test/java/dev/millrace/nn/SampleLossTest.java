package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.nn.kernel.Elementwise;
import dev.millrace.nn.kernel.Kernels;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Losses, regularizers and activations against tables that were checked with real Keras 3.9.2. */
class SampleLossTest {
    private static final JsonNode TABLES = GoldenCase.document("tables.json");

    @Test
    void lossesAndTheirGradientsAreThoseOfKeras() {
        int checked = 0;
        for (JsonNode table : TABLES.get("losses_per_sample")) {
            Loss loss = KerasNames.loss(table.get("name").asString()).orElseThrow();
            check(GoldenCase.withArguments(loss, table.get("args")), table);
            checked++;
        }
        assertThat(checked).isEqualTo(26);
    }

    private static void check(Loss loss, JsonNode table) {
        float[] p = GoldenTensor.floats(table.get("y_pred"));
        float[] y = GoldenTensor.floats(table.get("y_true"));
        int n = table.get("y_pred").size();
        int width = p.length / n;
        float[] gradient = new float[p.length];
        float[] losses = new float[n];
        boolean zerosAndOnes = true;
        for (float label : y) {
            zerosAndOnes &= label == 0 || label == 1;
        }
        SampleLoss arithmetic = SampleLoss.of(loss, loss.isFromLogits(), zerosAndOnes);
        for (int i = 0; i < n; i++) {
            losses[i] = (float) arithmetic.evaluate(p, i * width, y, i * loss.targetWidth(width), width, gradient);
        }
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] /= n;
        }
        new GoldenTensor(table.get("per_sample")).check(loss + " of each sample", losses);
        new GoldenTensor(table.get("d_mean_d_pred")).check("gradient of " + loss, gradient);
    }

    @Test
    void penaltiesAreThoseOfKeras() {
        for (JsonNode table : TABLES.get("regularizers")) {
            float l1 = (float) table.at("/reg/l1").asDouble(0);
            float l2 = (float) table.at("/reg/l2").asDouble(0);
            float[] w = GoldenTensor.floats(table.get("w"));
            float[] gradient = new float[w.length];
            Elementwise.addPenaltyGradient(l1, l2, w, gradient, 0, w.length);
            new GoldenTensor(table.get("grad")).check("gradient of " + table.get("reg"), gradient);
        }
    }

    @Test
    void activationsAndTheirDerivativesAreThoseOfKeras() {
        int checked = 0;
        for (var entry : TABLES.get("activations").properties()) {
            check(Activation.of(entry.getKey()).orElseThrow(), entry.getValue());
            checked++;
        }
        assertThat(checked).isEqualTo(16);
    }

    private static void check(Activation activation, JsonNode table) {
        float[] x = GoldenTensor.floats(table.get("x"));
        Stage.Activate stage = Stage.Activate.of(activation, 1);
        for (int i = 0; i < x.length; i++) {
            float[] z = new float[16];
            float[] a = new float[16];
            float[] dx = new float[16];
            float[] da = new float[16];
            z[0] = x[i];
            da[0] = 1;
            stage.predict(Kernels.create(), new float[0], z, 16, a, 1);
            stage.gradient(Kernels.create(), z, a, da, dx, 1);
            checkFloat(activation + " of " + x[i], a[0], table.get("y").get(i).asDouble(), 1e-4);
            checkFloat(activation + "' of " + x[i], dx[0], table.get("dy").get(i).asDouble(), 1e-2);
        }
    }

    /** What no float can hold has to be infinite. */
    private static void checkFloat(String what, float actual, double expected, double scale) {
        if (Math.abs(expected) > Float.MAX_VALUE) {
            assertThat(actual).as(what).isEqualTo((float) expected);
        } else {
            GoldenTensor.checkNumber(what, actual, expected, scale);
        }
    }

    @Test
    void softmaxesAreThoseOfKeras() {
        for (JsonNode table : TABLES.get("softmax")) {
            check(Activation.SOFTMAX, table.get("x"), table.get("softmax"));
            check(Activation.LOG_SOFTMAX, table.get("x"), table.get("log_softmax"));
        }
    }

    private static void check(Activation activation, JsonNode x, JsonNode expected) {
        float[] y = new float[16];
        Stage.Activate.of(activation, x.size()).predict(Kernels.create(), new float[0], GoldenTensor.floats(x), x.size(), y, 1);
        new GoldenTensor(expected).check(activation.toString(), Arrays.copyOf(y, x.size()));
    }

    @Test
    void schedulesAreThoseOfKeras() {
        int checked = 0;
        for (JsonNode table : TABLES.get("schedules")) {
            LearningRate rate = GoldenCase.schedule(table);
            JsonNode expected = table.get("learning_rate_at_step_0_to_12");
            for (int t = 0; t < expected.size(); t++) {
                assertThat((double) rate.at(t)).as("%s at %s", table, t).isCloseTo(expected.get(t).asDouble(), within(1e-8));
            }
            checked++;
        }
        assertThat(checked).isEqualTo(9);
    }
}
