package dev.millrace.learn;

import dev.millrace.learn.RecordSchema.Field;
import org.jspecify.annotations.Nullable;

/**
 * Reads the weight of a labelled record. One that is absent or null is not taken for 1: the estimators need their column too, and a
 * misspelt field would otherwise go unnoticed. Does not allocate for a good record.
 */
final class WeightEncoder {
    private final @Nullable Field field;

    WeightEncoder(LearnerSpec spec, RecordSchema schema) {
        field = spec.weight().map(schema::field).orElse(null);
    }

    /** Sets the weight of {@code into}, which is 1 if none is configured; unspecified if the record is rejected. */
    @Nullable
    Rejection encode(RawRecord record, Example into) {
        if (field == null) {
            return null;
        }
        double number = record.numbers[field.offset()];
        float weight = (float) number;
        if (!(weight >= 0) || Float.isInfinite(weight)) {
            String found = Double.isNaN(number) ? "absent or null" : Double.toString(number);
            return new Rejection(Reason.INVALID_WEIGHT,
                    "weight " + field.name() + ": found " + found + "; allowed are numbers from 0 to " + Float.MAX_VALUE);
        }
        into.weight = weight;
        return null;
    }
}
