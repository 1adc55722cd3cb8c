package dev.millrace.bench;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns of half a second in which a learner is asked and is left alone, each from one commit to another: what it learned in the ones,
 * and in the others. The first quarter of the records is not counted, nor what ends with the last record, which may have waited for
 * its commit without work.
 */
final class ServeTurns implements Commits.Listener, AutoCloseable {
    private static final long TURN_NANOS = Duration.ofMillis(500).toNanos();

    private final long records;
    private final BooleanSupplier ready;
    private final Supplier<Runnable> asking;
    private final Tally asked = new Tally();
    private final Tally alone = new Tally();
    private @Nullable Runnable stop;
    private long beganOffset = -1;
    private long beganNanos;

    /**
     * Nothing is asked before the first turn.
     *
     * @param records the learner is given
     * @param ready whether it can answer; no turn begins before
     * @param asking starts to ask it, and gives what stops that
     */
    ServeTurns(long records, BooleanSupplier ready, Supplier<Runnable> asking) {
        this.records = records;
        this.ready = ready;
        this.asking = asking;
    }

    @Override
    public boolean committed(long offset, long nanos) {
        if (beganOffset < 0) {
            if (offset >= records / 4 && ready.getAsBoolean()) {
                begin(offset, nanos);
            }
        } else if (offset < records && nanos - beganNanos >= TURN_NANOS) {
            (stop == null ? alone : asked).add(offset - beganOffset, nanos - beganNanos);
            begin(offset, nanos);
        }
        return offset < records;
    }

    private void begin(long offset, long nanos) {
        beganOffset = offset;
        beganNanos = nanos;
        if (stop == null) {
            stop = asking.get();
        } else {
            close();
        }
    }

    /** Records per second. */
    double asked() {
        return asked.perSecond();
    }

    /** Records per second. */
    double alone() {
        return alone.perSecond();
    }

    /** Stops to ask; safe to call twice. */
    @Override
    public void close() {
        if (stop != null) {
            stop.run();
            stop = null;
        }
    }

    private static final class Tally {
        private long records;
        private long nanos;

        void add(long records, long nanos) {
            this.records += records;
            this.nanos += nanos;
        }

        double perSecond() {
            if (nanos == 0) {
                throw new IllegalStateException("the learner was done before it had been asked and left alone for half a second each: "
                        + "give it more records");
            }
            return records * 1e9 / nanos;
        }
    }
}
