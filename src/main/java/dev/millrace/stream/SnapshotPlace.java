package dev.millrace.stream;

import java.util.Map;

/**
 * A snapshot without its model.
 *
 * @param version optimizer steps of its weights
 * @param atMillis timestamp of its record: that of the feature record it followed, or of the wall clock in a quiet stream
 * @param bytes its length
 * @param sourceOffsets by {@code topic-partition}: the next record the learner would have read
 */
public record SnapshotPlace(long version, long atMillis, int bytes, Map<String, Long> sourceOffsets) {
}
