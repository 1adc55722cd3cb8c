package dev.millrace.stream;

import dev.millrace.learn.Example;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The examples of one record: one, or one for each of its rows. All are labelled or none is, so that a record either trains or
 * is answered. Reused from record to record; for one thread.
 */
public final class RecordExamples {
    /** Features that a record's rows may have together (64 MB): short rows could ask for far more memory than they take. */
    private static final int MAX_FEATURES = 1 << 24;

    private final OnlineLearner learner;
    private final RawRecord raw;
    private final int maxRows;
    private Example[] examples;
    private int count;
    private boolean rows;

    /** @param learner whose examples they are; its encodings are used, not its weights */
    public RecordExamples(OnlineLearner learner) {
        this.learner = learner;
        this.raw = learner.schema().newRecord();
        this.examples = new Example[]{ learner.newExample()};
        this.maxRows = Math.max(1, MAX_FEATURES / examples[0].width());
    }

    /**
     * Starts a record.
     *
     * @param ofRows whether it is a list of rows, be it of one
     */
    void begin(boolean ofRows) {
        count = 0;
        rows = ofRows;
    }

    /** Where a decoder puts a row's fields before it {@linkplain #add adds} the row. */
    RawRecord row() {
        return raw;
    }

    /** Takes the fields in {@link #row} as the next example, or tells why that is not possible. */
    @Nullable
    Rejection add() {
        if (count == examples.length && !grow()) {
            return new Rejection(Reason.WRONG_WIDTH, "found more than " + maxRows + " rows, which is what a record may have");
        }
        Rejection rejection = learner.encode(raw, examples[count]);
        if (rejection != null) {
            return inRow(rejection);
        }
        if (count > 0 && examples[count].labelled() != examples[0].labelled()) {
            return inRow(new Rejection(Reason.MIXED_LABELS, examples[0].labelled()
                    ? "it has no label, and the rows before it have one; a record's rows have all a label or none"
                    : "it has a label, and the rows before it have none; a record's rows have all a label or none"));
        }
        count++;
        return null;
    }

    private boolean grow() {
        int larger = (int) Math.min(maxRows, 2L * examples.length);
        int before = examples.length;
        examples = Arrays.copyOf(examples, larger);
        for (int i = before; i < larger; i++) {
            examples[i] = learner.newExample();
        }
        return larger > before;
    }

    /** A rejection that says that it is about the row that is to be added, if there are several. */
    Rejection inRow(Rejection rejection) {
        return inRow(count, rejection);
    }

    /** A rejection that says which row it is about, if there are several. */
    Rejection inRow(int row, Rejection rejection) {
        return rows ? new Rejection(rejection.reason(), "row " + row + ": " + rejection.detail()) : rejection;
    }

    /** Number of examples, at least 1 after a record was decoded. */
    int count() {
        return count;
    }

    Example get(int index) {
        return examples[index];
    }

    /** Whether the record was a list of rows, which is answered with a list. */
    boolean ofRows() {
        return rows;
    }

    boolean labelled() {
        return examples[0].labelled();
    }
}
