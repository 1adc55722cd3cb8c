package dev.millrace.learn;

import java.util.Arrays;

/** The whole numbers of a learner's state, and the two figures of its last step as bits, in one {@code long[]}. */
final class Counters {
    private static final int VERSION = 0;
    private static final int LABELLED = 1;
    private static final int REFUSED_STEPS = 2;
    private static final int PENDING = 3;
    private static final int FIRST_PENDING_MILLIS = 4;
    private static final int LOSS = 5;
    private static final int GRADIENT_NORM = 6;

    private final long[] state = new long[7];

    Counters() {
        reset();
    }

    void reset() {
        Arrays.fill(state, 0);
        state[LOSS] = Double.doubleToRawLongBits(Double.NaN);
        state[GRADIENT_NORM] = Double.doubleToRawLongBits(Double.NaN);
    }

    /** Goes on from that many steps. */
    void startAt(long version) {
        state[VERSION] = version;
    }

    /** Goes back to the step of another learner, without what both have counted. */
    void rollBackTo(Counters past) {
        state[VERSION] = past.state[VERSION];
        state[LOSS] = past.state[LOSS];
        state[GRADIENT_NORM] = past.state[GRADIENT_NORM];
    }

    /** Counts a labelled example into the pending batch. */
    void added(long timestampMillis) {
        if (state[PENDING] == 0) {
            state[FIRST_PENDING_MILLIS] = timestampMillis;
        }
        state[PENDING]++;
        state[LABELLED]++;
    }

    void stepped(long version, double loss, double gradientNorm) {
        state[VERSION] = version;
        state[LOSS] = Double.doubleToRawLongBits(loss);
        state[GRADIENT_NORM] = Double.doubleToRawLongBits(gradientNorm);
        emptied();
    }

    void refused() {
        state[REFUSED_STEPS]++;
        emptied();
    }

    void tested() {
        emptied();
    }

    private void emptied() {
        state[PENDING] = 0;
        state[FIRST_PENDING_MILLIS] = 0;
    }

    long version() {
        return state[VERSION];
    }

    long labelled() {
        return state[LABELLED];
    }

    long refusedSteps() {
        return state[REFUSED_STEPS];
    }

    int pending() {
        return (int) state[PENDING];
    }

    /** Whether the oldest pending example has waited that long; in exact arithmetic, whatever the timestamps. */
    boolean waited(long streamTimeMillis, long waitMillis) {
        long first = state[FIRST_PENDING_MILLIS];
        long waited = streamTimeMillis - first;
        boolean overflowed = waited < 0;
        return state[PENDING] > 0 && streamTimeMillis >= first && (overflowed || waited >= waitMillis);
    }

    double loss() {
        return Double.longBitsToDouble(state[LOSS]);
    }

    double gradientNorm() {
        return Double.longBitsToDouble(state[GRADIENT_NORM]);
    }

    /** Live; after writing to it, {@link #check}. */
    long[] state() {
        return state;
    }

    /** @throws IllegalArgumentException if a restored number can never occur in a learner with that batch size */
    void check(int batchSize) {
        for (int i = VERSION; i <= PENDING; i++) {
            if (state[i] < 0) {
                throw new IllegalArgumentException("counter " + i + " of a restored learner is negative: " + state[i]);
            }
        }
        if (state[PENDING] >= batchSize) {
            throw new IllegalArgumentException(
                    "a restored learner with batch_size " + batchSize + " has " + state[PENDING] + " pending examples");
        }
    }
}
