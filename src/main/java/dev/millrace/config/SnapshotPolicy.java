package dev.millrace.config;

/**
 * When the weights are written to the snapshot topic, and how many of the past stay there.
 *
 * @param everySteps after this many optimizer steps; 0: not by steps
 * @param everySeconds this long after the last snapshot if there were steps since, also when the stream has gone quiet; 0: not by
 *            time
 * @param keep versions that can be gone back to, the newest among them; 1: only that one
 */
public record SnapshotPolicy(long everySteps, long everySeconds, int keep) {
    /** Versions kept when nothing is configured. */
    public static final int DEFAULT_KEEP = 10;
    /** Each version kept costs its size in the topic. */
    public static final int MOST_KEPT = 1000;
    /** What holds when nothing is configured: at full speed some snapshots a second, on a slow stream one every ten seconds. */
    public static final SnapshotPolicy DEFAULT = new SnapshotPolicy(1000, 10);

    public SnapshotPolicy {
        if (everySteps < 0 || everySeconds < 0 || everySteps + everySeconds == 0) {
            throw new IllegalArgumentException("snapshots need every_steps or every_seconds, found " + everySteps + " and " + everySeconds);
        }
        if (keep < 1 || keep > MOST_KEPT) {
            throw new IllegalArgumentException("between 1 and " + MOST_KEPT + " snapshots can be kept, found " + keep);
        }
    }

    /** Keeps {@link #DEFAULT_KEEP} versions. */
    public SnapshotPolicy(long everySteps, long everySeconds) {
        this(everySteps, everySeconds, DEFAULT_KEEP);
    }
}
