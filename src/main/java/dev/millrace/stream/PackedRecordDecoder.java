package dev.millrace.stream;

import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.PackedRow;
import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of packed float32 numbers, little-endian: either one row without a label, or one or more rows with the label's
 * place, where NaN is no label. Which it is follows from the length: fewer bytes than one full row are never a multiple of it.
 */
public final class PackedRecordDecoder implements RecordDecoder {
    private final PackedRow row;

    /** A decoder for what a learner reads. */
    public PackedRecordDecoder(OnlineLearner learner) {
        row = new PackedRow(learner.spec(), learner.schema());
    }

    @Override
    public @Nullable Rejection decode(byte[] value, RecordExamples into) {
        int full = 4 * row.width();
        if (value.length == 4 * row.featureWidth()) {
            into.begin(false);
            row.read(value, 0, false, into.row());
            return into.add();
        }
        if (value.length == 0 || value.length % full != 0) {
            return new Rejection(Reason.WRONG_WIDTH,
                    "found " + value.length + " bytes; a record has " + 4 * row.featureWidth() + " (" + row.featureWidth()
                            + " float32 numbers without a label) or a multiple of " + full + " (rows of " + row.width()
                            + " with the label's place)");
        }
        into.begin(value.length > full);
        for (int at = 0; at < value.length; at += full) {
            row.read(value, at, true, into.row());
            Rejection rejection = into.add();
            if (rejection != null) {
                return rejection;
            }
        }
        return null;
    }
}
