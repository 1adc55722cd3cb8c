package dev.millrace.nn;

/**
 * A penalty {@code l1 * Σ|w| + l2 * Σw²} that is added to the loss once per step. The l2 term is not halved, its gradient is
 * {@code 2 * l2 * w}; the gradient of the l1 term at 0 is 0 (Keras {@code regularizers.py}).
 *
 * @param l1 finite and not negative
 * @param l2 finite and not negative
 */
public record Regularizer(float l1, float l2) {
    /** No penalty. */
    public static final Regularizer NONE = new Regularizer(0, 0);

    public Regularizer {
        if (!(l1 >= 0) || !(l2 >= 0) || Float.isInfinite(l1) || Float.isInfinite(l2)) {
            throw new IllegalArgumentException("a regularizer needs finite factors >= 0, found l1=" + l1 + ", l2=" + l2);
        }
    }

    public boolean isNone() {
        return l1 == 0 && l2 == 0;
    }
}
