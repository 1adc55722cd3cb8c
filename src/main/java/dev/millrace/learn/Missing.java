package dev.millrace.learn;

/** What happens to a record that lacks a feature, or has null for it. */
public enum Missing {
    /** It is rejected with the reason {@link Reason#MISSING_FEATURE}. */
    REJECT,
    /** The feature is 0 (before standardisation). */
    ZERO,
    /** The feature is its running mean. */
    MEAN
}
