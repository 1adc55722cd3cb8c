package dev.millrace.bench;

import java.time.Duration;
import java.util.OptionalDouble;

/** One turn of a contestant: its speed between two of its commits, at least 0.3 s apart. */
final class Turn implements Commits.Listener {
    private static final Duration LENGTH = Duration.ofMillis(300);
    /** An application that was paused reads ahead again, and may wait for an answer of the broker that was asked for before. */
    private static final Duration SETTLING = Duration.ofMillis(100);

    private final long from;
    private final long end;
    private final long settledNanos;
    private long firstOffset = -1;
    private long firstNanos;
    private long lastOffset = -1;
    private long lastNanos;

    /**
     * A turn that begins with the first commit of enough records.
     *
     * @param from so many
     * @param end records of the topic
     * @param nowNanos of {@link System#nanoTime}; what is committed soon after is not counted
     */
    Turn(long from, long end, long nowNanos) {
        this.from = from;
        this.end = end;
        this.settledNanos = nowNanos + SETTLING.toNanos();
    }

    @Override
    public boolean committed(long offset, long nanos) {
        // The last commit may have waited for its time without work: better none than that, but for a short topic.
        if (offset >= from && (nanos >= settledNanos || offset >= end) && (offset < end || lastOffset == firstOffset)) {
            if (firstOffset < 0) {
                firstOffset = offset;
                firstNanos = nanos;
            }
            lastOffset = offset;
            lastNanos = nanos;
        }
        return offset < end && !complete();
    }

    /** Whether it has lasted as long as it should. */
    boolean complete() {
        return lastNanos - firstNanos >= LENGTH.toNanos();
    }

    /** Records per second; empty if there was only one commit. */
    OptionalDouble rate() {
        return lastOffset == firstOffset
                ? OptionalDouble.empty()
                : OptionalDouble.of((lastOffset - firstOffset) * 1e9 / (lastNanos - firstNanos));
    }
}
