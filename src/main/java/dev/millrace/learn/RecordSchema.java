package dev.millrace.learn;

import java.util.List;

/**
 * Which fields of a record a learner reads, and as what. Each field has a slot; a {@link RawRecord} holds its value there.
 * A decoder fills a RawRecord by these slots and needs to know nothing else of the learner.
 */
public final class RecordSchema {
    /**
     * One field of a record.
     *
     * @param slot position in {@link #fields()}
     * @param number whether its number is wanted
     * @param text whether its text is wanted (a category or class); numbers are then given as text too
     * @param label whether this is the label
     * @param array whether the value is an array of {@code width} numbers
     * @param offset first of its {@code width} places in {@link RawRecord#numbers}
     */
    public record Field(String name, int slot, boolean number, boolean text, boolean label, boolean array, int offset, int width) {
    }

    RecordSchema(LearnerSpec spec) {
        throw new UnsupportedOperationException();
    }

    /** The fields, by slot. */
    public List<Field> fields() {
        throw new UnsupportedOperationException();
    }

    /** An empty record for this schema. */
    public RawRecord newRecord() {
        throw new UnsupportedOperationException();
    }
}
