package dev.millrace.learn;

import java.util.Map;

/**
 * The sums behind an {@link Evaluation}. Each sum is kept twice: over the stream, and fading: before an example is added, the
 * old sum is multiplied by {@code 1 - 1/window} (Gama, Sebastião and Rodrigues 2013, "On evaluating stream learning
 * algorithms", section 4).
 */
sealed interface Tally permits RegressionTally, ClassificationTally {
    /** Every number of it, in one live array; all 0 when fresh. The first is the count of examples. */
    double[] state();

    Map<String, Double> figures(Evaluation.Span span);

    /**
     * A sum of numbers that are not negative, after one example faded from it. What became negligible becomes 0: a subnormal
     * number would never fade any further. The smallest square of a float is 10⁻⁹⁰.
     */
    static double fade(double sum, double factor) {
        double faded = sum * factor;
        return faded < 1e-150 ? 0 : faded;
    }
}
