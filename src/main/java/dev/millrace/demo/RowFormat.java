package dev.millrace.demo;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.PackedRow;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.Rejection;
import dev.millrace.stream.JsonRecordDecoder;

/** Puts a row of JSON into the format that a configuration reads. For one thread. */
interface RowFormat {
    /**
     * The value of the record.
     *
     * @param json a flat object
     * @throws DataException if the row has what the format has no place for
     */
    byte[] value(byte[] json);

    /** The format of a configuration. */
    static RowFormat of(ApplicationConfig config) {
        return switch (config.format()) {
            case JSON -> json -> json;
            case FLOAT32 -> packed(new OnlineLearner(config.learner()));
        };
    }

    private static RowFormat packed(OnlineLearner learner) {
        PackedRow row = new PackedRow(learner.spec(), learner.schema());
        JsonRecordDecoder decoder = new JsonRecordDecoder(learner.schema());
        RawRecord raw = learner.schema().newRecord();
        return json -> {
            Rejection rejection = decoder.decode(json, raw);
            if (rejection != null) {
                throw new DataException("a row cannot be packed: " + rejection.detail());
            }
            return row.write(raw);
        };
    }
}
