package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What real Keras 3.9.2 refuses, as far as this package can be asked for it, is refused here. */
class ExpectedErrorsTest {
    private static final LearningRate RATE = new LearningRate.Constant(0.01f);

    private static Optimizer sgd(float momentum) {
        return new Optimizer.Sgd(RATE, momentum, false, Clipping.NONE);
    }

    private static final Map<String, ThrowingCallable> QUESTIONS = Map.of( //
            "unknown_activation", () -> Activation.of("no_such").orElseThrow(), //
            "unknown_kernel_initializer", () -> KerasNames.initializer("no_such").orElseThrow(), //
            "unknown_loss", () -> KerasNames.loss("no_such").orElseThrow(), //
            "unknown_optimizer", () -> KerasNames.optimizer("no_such").orElseThrow(), //
            "unknown_metric", () -> Metric.of("no_such").orElseThrow(), //
            "momentum_gt_1", () -> sgd(1.5f), //
            "momentum_negative", () -> sgd(-0.1f), //
            "l2_negative", () -> new Regularizer(0, -0.01f), //
            "l2_nan", () -> new Regularizer(0, Float.NaN));

    @Test
    void whatKerasRefusesIsRefused() {
        int asked = 0;
        for (JsonNode expected : GoldenCase.document("expected_errors.json")) {
            ThrowingCallable question = QUESTIONS.get(expected.get("id").asString());
            if (question != null) {
                assertThat(expected.get("keras_3_9_2").asString()).isEqualTo("error");
                assertThat(catchThrowable(question)).as(expected.get("description").asString()).isNotNull();
                asked++;
            }
        }
        assertThat(asked).isEqualTo(QUESTIONS.size());
    }
}
