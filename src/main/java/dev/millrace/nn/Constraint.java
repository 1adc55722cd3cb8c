package dev.millrace.nn;

/**
 * A rule that weights have to keep, applied after each update; a closed family with the definitions and defaults of Keras 3
 * ({@code keras/src/constraints}). Norms are over Keras's axis 0: of each unit's incoming weights, or of a whole bias.
 */
public sealed interface Constraint {
    /** No rule. */
    Constraint NONE = new None();

    /** Every value is allowed. */
    record None() implements Constraint {
    }

    /** Negative weights become 0. */
    record NonNegative() implements Constraint {
    }

    /** Norms above {@code maxValue} are scaled down to it. Keras default: 2. */
    record MaxNorm(float maxValue) implements Constraint {
        public MaxNorm {
            requireNotNegative("max_value", maxValue);
        }
    }

    /** Norms are 1. */
    record UnitNorm() implements Constraint {
    }

    /**
     * Norms move towards the nearest between {@code minValue} and {@code maxValue}, the part {@code rate} of the way. Keras
     * defaults: 0, 1, 1.
     */
    record MinMaxNorm(float minValue, float maxValue, float rate) implements Constraint {
        public MinMaxNorm {
            requireNotNegative("min_value", minValue);
            requireNotNegative("max_value", maxValue);
            if (!(rate >= 0 && rate <= 1)) {
                throw new IllegalArgumentException("rate must be between 0 and 1, found " + rate);
            }
            if (minValue > maxValue) {
                throw new IllegalArgumentException("min_value must not exceed max_value, found " + minValue + " and " + maxValue);
            }
        }
    }

    private static void requireNotNegative(String name, float value) {
        if (!(value >= 0) || Float.isInfinite(value)) {
            throw new IllegalArgumentException(name + " must be finite and not negative, found " + value);
        }
    }
}
