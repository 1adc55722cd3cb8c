package dev.millrace.nn;

/**
 * A bound on gradients, applied before the update (Keras {@code base_optimizer.py}).
 *
 * @param limit positive unless kind is NONE
 */
public record Clipping(Kind kind, float limit) {
    /** What is bounded. */
    public enum Kind {
        /** Nothing. */
        NONE,
        /** {@code clipnorm}: the norm of each variable's gradient on its own. */
        NORM,
        /** {@code global_clipnorm}: the norm of all gradients together. */
        GLOBAL_NORM,
        /** {@code clipvalue}: each element, to {@code [-limit, limit]}. */
        VALUE
    }

    public static final Clipping NONE = new Clipping(Kind.NONE, 0);

    public Clipping {
        if (kind != Kind.NONE && !(limit > 0)) {
            throw new IllegalArgumentException("a gradient clip must be positive, found " + limit);
        }
    }
}
