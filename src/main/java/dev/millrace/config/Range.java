package dev.millrace.config;

import java.math.BigDecimal;

/**
 * The numbers that make sense for a setting.
 *
 * @param minOpen whether {@code min} itself is excluded
 * @param maxOpen whether {@code max} itself is excluded
 */
record Range(double min, boolean minOpen, double max, boolean maxOpen) {
    static final Range ANY = new Range(-Double.MAX_VALUE, false, Double.MAX_VALUE, false);
    static final Range NOT_NEGATIVE = atLeast(0);
    static final Range POSITIVE = new Range(0, true, Double.MAX_VALUE, false);
    /** {@code [0, 1)}, for decay rates. */
    static final Range FRACTION = new Range(0, false, 1, true);

    static Range atLeast(double min) {
        return new Range(min, false, Double.MAX_VALUE, false);
    }

    static Range between(double min, double max) {
        return new Range(min, false, max, false);
    }

    /** Whether a number lies in the range; NaN and the infinities never do. */
    boolean contains(double value) {
        return (minOpen ? value > min : value >= min) && (maxOpen ? value < max : value <= max);
    }

    /** For a user, for example {@code a number >= 0}. */
    String describe(String kind) {
        boolean lower = min > -Double.MAX_VALUE;
        boolean upper = max < Double.MAX_VALUE;
        String atLeast = (minOpen ? "> " : ">= ") + plain(min);
        String atMost = (maxOpen ? "< " : "<= ") + plain(max);
        if (lower && upper) {
            return minOpen || maxOpen ? kind + " " + atLeast + " and " + atMost : kind + " from " + plain(min) + " to " + plain(max);
        }
        if (lower) {
            return kind + " " + atLeast;
        }
        return upper ? kind + " " + atMost : kind;
    }

    private static String plain(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
