package dev.millrace.learn;

import java.util.Map;

/**
 * Prequential quality (Gama, Sebastião and Rodrigues 2013): each labelled example is predicted before it is learned from. Every
 * figure exists over the whole stream and over a fading window, and stands beside the trivial baselines that saw the same
 * examples.
 */
public final class Evaluation {
    /** Over which part of the stream. */
    public enum Span {
        STREAM, WINDOW
    }

    Evaluation() {
        throw new UnsupportedOperationException();
    }

    /** Examples evaluated so far. */
    public long examples() {
        throw new UnsupportedOperationException();
    }

    /**
     * All figures by name, in a fixed order. Regression: mae, rmse, r2, baseline_mean_mae, baseline_mean_rmse, baseline_last_mae,
     * baseline_last_rmse. Classification: accuracy, log_loss, kappa, kappa_temporal, baseline_majority_accuracy,
     * baseline_last_accuracy. NaN where not yet defined.
     */
    public Map<String, Double> figures(Span span) {
        throw new UnsupportedOperationException();
    }

    /** One figure by its name in {@link #figures}. */
    public double figure(String name, Span span) {
        throw new UnsupportedOperationException();
    }
}
