package dev.millrace.server.page;

import dev.millrace.learn.Label;
import java.util.Map;

/**
 * Whether a model is any good: its error beside that of the best trivial guess on the same recent examples.
 *
 * @param figure what the errors are: {@code rmse}, or {@code error_rate} for classes
 * @param error of the model; NaN before the first test
 * @param baseline the guess: {@code mean}, {@code last} or {@code majority}
 * @param baselineError of the guess
 */
record Verdict(String figure, double error, String baseline, double baselineError) {

    /** @param figures over the fading window, as {@link dev.millrace.learn.Evaluation#figures} names them */
    static Verdict of(Label label, Map<String, Double> figures) {
        return switch (label) {
            case Label.Regression _ -> best("rmse", figure(figures, "rmse"), "mean", figure(figures, "baseline_mean_rmse"),
                    figure(figures, "baseline_last_rmse"));
            case Label.Classification _ -> best("error_rate", 1 - figure(figures, "accuracy"), "majority",
                    1 - figure(figures, "baseline_majority_accuracy"), 1 - figure(figures, "baseline_last_accuracy"));
        };
    }

    private static Verdict best(String figure, double error, String usual, double usualError, double lastError) {
        return lastError < usualError ? new Verdict(figure, error, "last", lastError) : new Verdict(figure, error, usual, usualError);
    }

    private static double figure(Map<String, Double> figures, String name) {
        return figures.getOrDefault(name, Double.NaN);
    }
}
