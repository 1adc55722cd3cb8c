package dev.millrace.learn;

import java.util.Arrays;

/**
 * Running mean and variance of each feature (Welford 1962), in double. Standardised is {@code (x - mean) / sqrt(variance)};
 * a feature that never varied is only shifted.
 *
 * <p>
 * Always kept, whether the network's inputs are standardised or not: {@link Missing#MEAN} needs the means. A missing value
 * (NaN) does not count; where one is used it stands for the mean of that moment, which is 0 after standardisation.
 * A double holds the square of any float 10²³⁰ times, so the statistics stay finite.
 *
 * <p>
 * In training a value is an outlier if its squared distance from the mean is more than {@value #OUTLIER_FACTOR} times the sum of all
 * squared distances so far, and some more while there are few. It counts as missing: a single 10³⁰ would otherwise make every other
 * value the same for ever. No value that was counted before can be one, however rare: its own square is in the sum.
 *
 * <p>
 * By Chebyshev's inequality at most one value of 400 is <em>far</em>, 20 standard deviations from the mean. A feature of which many
 * are, as when its unit has changed, is in doubt: its statistics stand still and every far value is an outlier. Doubt grows by 1 with
 * each far value, shrinks by ⅛ with each other one, and begins at {@value #DOUBT}. At a whole {@code patience} the feature has changed
 * for good, and its statistics start again. It is judged after {@value #JUDGED_AFTER} values.
 */
public final class Scaler {
    private static final int JUDGED_AFTER = 32;
    private static final double OUTLIER_FACTOR = 4;
    /** In variances; beside the sum, so that the first values of a feature with rare large ones are not outliers. */
    private static final double OUTLIER_VARIANCES = 3200;
    private static final double FAR_SQUARED = 400;
    private static final double DOUBT = 4;
    private static final double REASSURANCE = 0.125;

    private final int width;
    private final boolean standardize;
    private final int patience;
    /** Per feature. */
    private final double[] doubt;
    /** {@code [3][width]}: number of values, mean, sum of squared deviations from the mean. */
    private final double[] state;
    private long changes;

    /** @param patience doubt at which a feature starts again */
    Scaler(int width, boolean standardize, int patience) {
        this.width = width;
        this.patience = patience;
        this.doubt = new double[width];
        this.standardize = standardize;
        this.state = new double[3 * width];
    }

    public int width() {
        return width;
    }

    /** Values of this feature seen so far. */
    public double count(int feature) {
        return state[feature];
    }

    public double mean(int feature) {
        return state[width + feature];
    }

    /** Population variance; 0 before the second value. */
    public double variance(int feature) {
        return count(feature) == 0 ? 0 : state[2 * width + feature] / count(feature);
    }

    /** Counts one example's raw features, {@code [width]}. */
    void update(float[] features) {
        changed();
        for (int j = 0; j < width; j++) {
            float x = features[j];
            if (Float.isNaN(x)) {
                continue;
            }
            // Nearly all values take the first way, on which nothing is written that would have to be read again.
            if (doubt[j] == 0 && !isFar(j, x)) {
                count(j, x);
            } else if (believable(j, x)) {
                count(j, x);
            }
        }
    }

    private void count(int j, double x) {
        double count = ++state[j];
        double mean = state[width + j];
        double before = x - mean;
        mean += before / count;
        state[width + j] = mean;
        state[2 * width + j] += before * (x - mean);
    }

    private boolean isFar(int j, double x) {
        double count = state[j];
        double squares = state[2 * width + j];
        double distance = x - state[width + j];
        return distance * distance * count > FAR_SQUARED * squares && squares != 0 && count >= JUDGED_AFTER;
    }

    /** Whether a value may be counted of a feature that is in some doubt, or if it is far; changes the doubt. */
    private boolean believable(int j, double x) {
        if (!isFar(j, x)) {
            doubt[j] = Math.max(0, doubt[j] - REASSURANCE);
            return doubt[j] < DOUBT;
        }
        if (++doubt[j] < patience) {
            double distance = x - state[width + j];
            return distance * distance <= limit(j) && doubt[j] < DOUBT;
        }
        doubt[j] = 0;
        state[j] = 0;
        state[width + j] = 0;
        state[2 * width + j] = 0;
        return true;
    }

    /** The largest squared distance from its mean at which a feature's value is believed. */
    private double limit(int feature) {
        double squares = state[2 * width + feature];
        double count = count(feature);
        if (squares == 0 || count < JUDGED_AFTER) {
            return Double.POSITIVE_INFINITY;
        }
        return doubt[feature] < DOUBT
                ? OUTLIER_FACTOR * squares + OUTLIER_VARIANCES * squares / count
                : FAR_SQUARED * squares / count;
    }

    /**
     * Makes raw features of labelled examples into inputs of the network: missing ones and outliers filled, and standardised if the
     * learner does so. All finite.
     *
     * @param features {@code [n][width]}; read
     * @param inputs {@code [n][width]}; written; may be the same array
     */
    void applyToBatch(float[] features, int n, float[] inputs) {
        for (int j = 0; j < width; j++) {
            apply(j, mean(j), divisor(j), limit(j), features, n, inputs);
        }
    }

    /**
     * Makes raw features into inputs of the network: missing ones filled, and standardised if the learner does so. All finite.
     *
     * @param features {@code [n][width]}; read
     * @param inputs {@code [n][width]}; written; may be the same array
     */
    void apply(float[] features, int n, float[] inputs) {
        for (int j = 0; j < width; j++) {
            apply(j, mean(j), divisor(j), Double.POSITIVE_INFINITY, features, n, inputs);
        }
    }

    /** The same for one example, with the means and {@linkplain #divisor divisors} of all features at hand. */
    void apply(double[] means, double[] divisors, float[] features, float[] inputs) {
        for (int j = 0; j < width; j++) {
            float x = features[j];
            if (Float.isNaN(x)) {
                inputs[j] = filled(means[j]);
            } else {
                inputs[j] = standardize ? finite((x - means[j]) / divisors[j]) : x;
            }
        }
    }

    private void apply(int j, double mean, double divisor, double limit, float[] features, int n, float[] inputs) {
        float filled = filled(mean);
        for (int i = j; i < n * width; i += width) {
            float x = features[i];
            double distance = x - mean;
            if (distance * distance <= limit) {
                inputs[i] = standardize ? finite(distance / divisor) : x;
            } else {
                inputs[i] = filled; // an outlier, or NaN
            }
        }
    }

    /** What a network gets for a missing value. */
    private float filled(double mean) {
        return standardize ? 0 : finite(mean);
    }

    /** What a feature's distance from its mean is divided by. */
    double divisor(int feature) {
        double deviation = Math.sqrt(variance(feature));
        return deviation > 0 ? deviation : 1;
    }

    /** Grows whenever the statistics change. */
    long changes() {
        return changes;
    }

    /** The statistics have changed, perhaps by somebody who has {@link #state()}. */
    void changed() {
        changes++;
    }

    /**
     * Goes on from given statistics.
     *
     * @param statistics {@code [3][width]}: number of values, mean, variance; or empty to start without
     */
    void startAt(double[] statistics) {
        if (statistics.length == 0) {
            return;
        }
        changed();
        if (statistics.length != state.length) {
            throw new IllegalArgumentException("statistics of " + width + " features are " + state.length + " numbers, found "
                    + statistics.length);
        }
        System.arraycopy(statistics, 0, state, 0, 2 * width);
        for (int j = 0; j < width; j++) {
            state[2 * width + j] = statistics[2 * width + j] * statistics[j];
        }
    }

    void copyFrom(Scaler other) {
        changed();
        System.arraycopy(other.state, 0, state, 0, state.length);
        System.arraycopy(other.doubt, 0, doubt, 0, width);
    }

    /** Live: per feature, see above. */
    double[] doubt() {
        return doubt;
    }

    /** Live; after writing to it, {@link #changed}. */
    double[] state() {
        return state;
    }

    void reset() {
        changed();
        Arrays.fill(state, 0);
        Arrays.fill(doubt, 0);
    }

    /** The nearest float that is finite: far outside of what was seen, a deviation of 10⁻³⁰ would give infinite inputs. */
    private static float finite(double value) {
        float nearest = (float) value;
        return Float.isFinite(nearest) ? nearest : Math.copySign(Float.MAX_VALUE, nearest);
    }
}
