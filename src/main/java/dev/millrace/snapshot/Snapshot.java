package dev.millrace.snapshot;

import dev.millrace.learn.OnlineLearner;
import java.util.Map;

/**
 * A learner at one version, as it stands in the snapshot topic.
 *
 * @param name of the model
 * @param learner restored; owned by whoever decoded it
 * @param sourceOffsets by {@code topic-partition}: the next record the learner would have read
 * @param weightsSha256 lower-case hexadecimal SHA-256 over all weights, in Keras's order, as little-endian float32
 * @param byteLength of the encoded snapshot
 */
public record Snapshot(String name, OnlineLearner learner, Map<String, Long> sourceOffsets, String weightsSha256, int byteLength) {

    /** Number of optimizer steps in it. */
    public long version() {
        return learner.version();
    }

    /** Encodes a learner; the pending batch is not part of a snapshot. */
    public static byte[] encode(String name, OnlineLearner learner, Map<String, Long> sourceOffsets) {
        throw new UnsupportedOperationException();
    }

    /**
     * Restores a learner.
     *
     * @throws SnapshotException if the bytes are not a whole and undamaged snapshot of a version that can be read
     */
    public static Snapshot decode(byte[] bytes) {
        throw new UnsupportedOperationException();
    }
}
