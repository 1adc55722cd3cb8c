package dev.millrace.config;

/**
 * When the weights are written to the snapshot topic.
 *
 * @param everySteps after this many optimizer steps; 0: not by steps
 * @param everySeconds this long after the last snapshot if there were steps since, also when the stream has gone quiet; 0: not by
 *            time
 */
public record SnapshotPolicy(long everySteps, long everySeconds) {
    /** What holds when nothing is configured: at full speed some snapshots a second, on a slow stream one every ten seconds. */
    public static final SnapshotPolicy DEFAULT = new SnapshotPolicy(1000, 10);

    public SnapshotPolicy {
        if (everySteps < 0 || everySeconds < 0 || everySteps + everySeconds == 0) {
            throw new IllegalArgumentException("snapshots need every_steps or every_seconds, found " + everySteps + " and " + everySeconds);
        }
    }
}
