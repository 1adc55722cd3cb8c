package dev.millrace.nn;

import dev.millrace.nn.kernel.Powers;

/**
 * The momentum schedule of Nadam, {@code u_t = β1 (1 - 0.96^t / 2)}, and the product of its terms. The product is the same sequence
 * of multiplications however it is asked for: one after the other in training, from the start after a restore.
 */
final class NadamSchedule {
    private static final double DECAY = 0.96;
    /** What is smaller cannot change 1 minus it. */
    private static final double NEGLIGIBLE = 0x1p-80;

    private final double beta1;
    private long factors;
    private double product = 1;

    NadamSchedule(double beta1) {
        this.beta1 = beta1;
    }

    NadamSchedule(float beta1) {
        this(Double.parseDouble(Float.toString(beta1)));
    }

    double u(long t) {
        return beta1 * (1 - 0.5 * Powers.power(DECAY, t));
    }

    /** {@code u_1 u_2 … u_t}, or something negligible. */
    double product(long t) {
        if (t < factors) {
            factors = 0;
            product = 1;
        }
        while (factors < t && product > NEGLIGIBLE) {
            factors++;
            product *= u(factors);
        }
        return product;
    }
}
