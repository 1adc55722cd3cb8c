package dev.millrace.stream;

import dev.millrace.config.RecordFormat;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Reads and checks a whole feature record, before anything is changed by it. For one thread. */
final class RecordReader {
    /** For a {@linkplain #RecordReader reader} of records whose size is known to be right. */
    static final int ANY_SIZE = Integer.MAX_VALUE;

    private final RecordDecoder decoder;
    private final RecordExamples examples;
    private final int maxRecordBytes;

    /** @param learner whose fields and encodings are used */
    RecordReader(RecordFormat format, OnlineLearner learner, int maxRecordBytes) {
        this.decoder = RecordDecoder.of(format, learner);
        this.examples = new RecordExamples(learner);
        this.maxRecordBytes = maxRecordBytes;
    }

    /** Why a record cannot be used, or null; then {@link #examples} holds what is in it. */
    @Nullable
    Rejection read(Record<byte[], byte[]> record) {
        Rejection tooLarge = maxRecordBytes == ANY_SIZE ? null : DeadLetters.tooLarge(record, maxRecordBytes);
        if (tooLarge != null) {
            return tooLarge;
        }
        if (record.value() == null) {
            return new Rejection(Reason.NULL_VALUE, "the value is null");
        }
        return decoder.decode(record.value(), examples);
    }

    /** The examples of the last record; live. */
    RecordExamples examples() {
        return examples;
    }
}
