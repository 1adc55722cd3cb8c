package dev.millrace.stream;

import dev.millrace.learn.Observation;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.RecordSchema;
import dev.millrace.learn.Rejection;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Lets others look at the learner of this process without stopping it: its own thread copies, about once a second and only while
 * somebody looks. Also remembers the latest dead letters; those of an aborted transaction are among them, once.
 */
public final class LearnerWatch {
    private static final int DEAD_LETTERS = 50;
    /** Bounds what a glance at a large model costs its learner. */
    private static final int GRADIENTS_PER_VARIABLE = 4096;

    private final Deque<RefusedRecord> refused = new ArrayDeque<>();
    private volatile boolean looking;
    private volatile @Nullable Sight sight;

    /**
     * What was seen.
     *
     * @param record the inputs of a record that was read lately, by field: a Double, a String, or an array of doubles; empty if its
     *            fields were not complete
     */
    public record Sight(Observation observation, Map<String, Object> record) {
    }

    /** For the learner's thread, between two records: copies what is to be seen, if somebody looks. */
    void pass(OnlineLearner learner, RecordExamples examples) {
        if (looking) {
            sight = new Sight(learner.observe(GRADIENTS_PER_VARIABLE), inputs(learner, examples.row()));
        }
    }

    private static Map<String, Object> inputs(OnlineLearner learner, RawRecord raw) {
        Map<String, Object> inputs = new LinkedHashMap<>();
        for (RecordSchema.Field field : learner.schema().fields()) {
            boolean weight = learner.spec().weight().equals(Optional.of(field.name()));
            if (!field.label() && !weight) {
                Object value = value(field, raw);
                if (value == null) {
                    return Map.of();
                }
                inputs.put(field.name(), value);
            }
        }
        return inputs;
    }

    private static @Nullable Object value(RecordSchema.Field field, RawRecord raw) {
        if (field.array()) {
            double[] numbers = Arrays.copyOfRange(raw.numbers, field.offset(), field.offset() + field.width());
            return Arrays.stream(numbers).allMatch(Double::isFinite) ? numbers : null;
        }
        if (!field.number()) {
            return raw.texts[field.slot()];
        }
        double number = raw.numbers[field.offset()];
        return Double.isFinite(number) ? (Object) number : null;
    }

    /** Remembers a dead letter. */
    void refused(Record<byte[], byte[]> record, DeadLetters.Source source, Rejection rejection, long nowMillis) {
        RefusedRecord seen = RefusedRecord.of(record, source, rejection, nowMillis);
        synchronized (refused) {
            refused.removeIf(earlier -> earlier.topic().equals(seen.topic()) && earlier.partition() == seen.partition()
                    && earlier.offset() == seen.offset() && earlier.rejection().equals(seen.rejection()));
            refused.addFirst(seen);
            if (refused.size() > DEAD_LETTERS) {
                refused.removeLast();
            }
        }
    }

    /** Whether somebody looks from now on. */
    public void look(boolean whether) {
        looking = whether;
    }

    /** What was last seen; empty until a second or so after somebody began to look, and in an instance without the learner. */
    public Optional<Sight> sight() {
        return Optional.ofNullable(sight);
    }

    /** The latest dead letters of this process, newest first. */
    public List<RefusedRecord> deadLetters() {
        synchronized (refused) {
            return List.copyOf(refused);
        }
    }
}
