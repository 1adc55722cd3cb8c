package dev.millrace.learn;

import java.util.Locale;

/** Why a record could not be used. */
public enum Reason {
    /** The value of the record is null. */
    NULL_VALUE,
    /** The value is not JSON, or JSON with something behind it, or nested too deep. */
    MALFORMED,
    /** With key and headers it is larger, unpacked, than a single record of its topic may be, so that nothing can quote it. */
    TOO_LARGE,
    /** JSON, but not an object. */
    NOT_AN_OBJECT,
    /** A field has another type than its use needs. */
    WRONG_TYPE,
    /** An array has another length than configured. */
    WRONG_WIDTH,
    /** A feature's field is absent or null. */
    MISSING_FEATURE,
    /** A feature or label is infinite, not a number, or too large for a float. */
    NON_FINITE,
    /** The label is not in the vocabulary. */
    UNKNOWN_CLASS,
    /** The weight of a labelled record is absent, negative, or too large for a float. */
    INVALID_WEIGHT,
    /** Of the rows of one record some have a label and some have none. */
    MIXED_LABELS,
    /**
     * The batch this record was part of gave a loss, gradient or weight that is not finite, or a loss that exploded; the step was not applied.
     */
    STEP_REFUSED,
    /** A record of the control topic is none of the commands, or has another field than that command needs. */
    INVALID_COMMAND;

    /** The value of the header and of the metric's tag, for example {@code missing_feature}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
