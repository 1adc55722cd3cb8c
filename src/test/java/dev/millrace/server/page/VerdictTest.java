package dev.millrace.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.learn.Label;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static final Label NUMBER = new Label.Regression("y", 1, 1);
    private static final Label CLASS = new Label.Classification("y", List.of("a", "b"));

    @Test
    void comparesWithTheBetterGuess() {
        assertThat(Verdict.of(NUMBER, Map.of("rmse", 3.0, "baseline_mean_rmse", 5.0, "baseline_last_rmse", 4.0)))
                .isEqualTo(new Verdict("rmse", 3, "last", 4));
        assertThat(Verdict.of(NUMBER, Map.of("rmse", 3.0, "baseline_mean_rmse", 5.0, "baseline_last_rmse", 6.0)))
                .isEqualTo(new Verdict("rmse", 3, "mean", 5));
    }

    @Test
    void countsWrongAnswersOfClasses() {
        assertThat(Verdict.of(CLASS, Map.of("accuracy", 0.75, "baseline_majority_accuracy", 0.5, "baseline_last_accuracy", 0.25)))
                .isEqualTo(new Verdict("error_rate", 0.25, "majority", 0.5));
        assertThat(Verdict.of(CLASS, Map.of("accuracy", 0.75, "baseline_majority_accuracy", 0.5, "baseline_last_accuracy", 0.875)))
                .isEqualTo(new Verdict("error_rate", 0.25, "last", 0.125));
    }

    @Test
    void knowsNothingBeforeTheFirstTest() {
        assertThat(Verdict.of(NUMBER, Map.of()).error()).isNaN();
        assertThat(Verdict.of(CLASS, Map.of()).baselineError()).isNaN();
    }
}
