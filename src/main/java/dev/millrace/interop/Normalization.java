package dev.millrace.interop;

/**
 * What Keras's layer of that name does before the first layer: {@code (x - mean) / max(sqrt(variance), 1e-7)}.
 *
 * @param count values the statistics were taken from, 0 if not known; what a learner that goes on from here weighs them with
 * @param mean per input; borrowed
 * @param variance per input, not negative; borrowed
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by Models.difference only.
public record Normalization(double count, double[] mean, double[] variance) {
    public Normalization {
        if (mean.length != variance.length) {
            throw new IllegalArgumentException("a normalization has " + mean.length + " means and " + variance.length + " variances");
        }
        for (int i = 0; i < mean.length; i++) {
            if (!Double.isFinite(mean[i]) || !Double.isFinite(variance[i]) || variance[i] < 0) {
                throw new IllegalArgumentException(
                        "the normalization of input " + i + " has mean " + mean[i] + ", variance " + variance[i]);
            }
        }
        if (!(count >= 0) || Double.isInfinite(count)) {
            throw new IllegalArgumentException("the normalization counts " + count + " values");
        }
    }
}
