package dev.millrace.interop;

/**
 * What Keras's layer of that name does before the first layer: {@code (x - mean) / max(sqrt(variance), 1e-7)}.
 *
 * @param name of the layer in the file
 * @param variables whether the file keeps the statistics among the weights, as {@code adapt} does; counts in a summary only
 * @param count values the statistics were taken from, 0 if not known; what a learner that goes on from here weighs them with
 * @param mean per input; borrowed
 * @param variance per input, not negative; borrowed
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by Models.difference only.
public record Normalization(String name, boolean variables, double count, double[] mean, double[] variance) {
    /** Keras's own name for the layer, with the statistics in its configuration. */
    public Normalization(double count, double[] mean, double[] variance) {
        this("normalization", false, count, mean, variance);
    }

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

    /** What Keras counts for the layer: means, variances and one count. */
    public long parameters() {
        return variables ? 2L * mean.length + 1 : 0;
    }
}
