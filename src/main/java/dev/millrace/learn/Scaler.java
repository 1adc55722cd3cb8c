package dev.millrace.learn;

/**
 * Running mean and variance of each feature (Welford 1962), in double. Standardised is {@code (x - mean) / sqrt(variance)};
 * a feature that never varied is only shifted.
 */
public final class Scaler {
    Scaler() {
        throw new UnsupportedOperationException();
    }

    public int width() {
        throw new UnsupportedOperationException();
    }

    /** Values of this feature seen so far. */
    public double count(int feature) {
        throw new UnsupportedOperationException();
    }

    public double mean(int feature) {
        throw new UnsupportedOperationException();
    }

    /** Population variance; 0 before the second value. */
    public double variance(int feature) {
        throw new UnsupportedOperationException();
    }
}
