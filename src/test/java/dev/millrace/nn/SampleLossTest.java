package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.nn.kernel.Elementwise;
import dev.millrace.nn.kernel.Kernels;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Losses, regularizers and activations against tables that were checked with real Keras 3.9.2. */
class SampleLossTest {
    private static final JsonNode TABLES = GoldenCase.document("tables.json");

    @Test
    void lossesAndTheirGradientsAreThoseOfKeras() {
        int checked = 0;
        for (JsonNode table : TABLES.get("losses_per_sample")) {
            Optional<Loss> loss = KerasNames.loss(table.get("name").asString());
            if (loss.isPresent()) {
                check(withArguments(loss.get(), table.get("args")), table);
                checked++;
            }
        }
        assertThat(checked).isGreaterThanOrEqualTo(14);
    }

    private static Loss withArguments(Loss loss, JsonNode args) {
        boolean fromLogits = args.path("from_logits").asBoolean(false);
        float labelSmoothing = (float) args.path("label_smoothing").asDouble(0);
        return switch (loss) {
            case Loss.Huber huber -> new Loss.Huber((float) args.path("delta").asDouble(huber.delta()));
            case Loss.BinaryCrossentropy _ -> new Loss.BinaryCrossentropy(fromLogits, labelSmoothing);
            case Loss.CategoricalCrossentropy _ -> new Loss.CategoricalCrossentropy(fromLogits, labelSmoothing);
            case Loss.SparseCategoricalCrossentropy _ -> new Loss.SparseCategoricalCrossentropy(fromLogits);
            case Loss.MeanSquaredError _,Loss.MeanAbsoluteError _ -> loss;
        };
    }

    private static void check(Loss loss, JsonNode table) {
        float[] p = GoldenTensor.floats(table.get("y_pred"));
        float[] y = GoldenTensor.floats(table.get("y_true"));
        int n = table.get("y_pred").size();
        int width = p.length / n;
        float[] gradient = new float[p.length];
        float[] losses = new float[n];
        SampleLoss arithmetic = SampleLoss.of(loss, loss.isFromLogits());
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
        for (Activation activation : Activation.values()) {
            JsonNode table = TABLES.get("activations").path(activation.kerasName());
            if (!table.isObject()) {
                continue; // softmax has no table of single values
            }
            float[] x = GoldenTensor.floats(table.get("x"));
            Stage stage = new Stage(1, 1, activation, 0, 0);
            for (int i = 0; i < x.length; i++) {
                float[] a = new float[16];
                float[] da = new float[16];
                a[0] = x[i];
                da[0] = 1;
                stage.activate(Kernels.create(), a, 1);
                stage.activationGradient(a, da, 1);
                GoldenTensor.checkNumber(activation + " of " + x[i], a[0], table.get("y").get(i).asDouble(), 1e-4);
                GoldenTensor.checkNumber(activation + "' of " + x[i], da[0], table.get("dy").get(i).asDouble(), 1e-2);
            }
        }
    }
}
