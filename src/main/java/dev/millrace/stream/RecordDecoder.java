package dev.millrace.stream;

import dev.millrace.config.RecordFormat;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Rejection;
import org.jspecify.annotations.Nullable;

/** Reads the examples out of a feature record's value. One decoder serves one thread. */
public sealed interface RecordDecoder permits JsonRecordDecoder, PackedRecordDecoder {
    /** A decoder of a format, for what a learner reads. */
    static RecordDecoder of(RecordFormat format, OnlineLearner learner) {
        return switch (format) {
            case JSON -> new JsonRecordDecoder(learner.schema());
            case FLOAT32 -> new PackedRecordDecoder(learner);
        };
    }

    /**
     * Decodes and checks a whole record.
     *
     * @param into the examples of this record, written
     * @return why the record cannot be used, or null
     */
    @Nullable
    Rejection decode(byte[] value, RecordExamples into);
}
