package dev.millrace.learn;

import java.util.Arrays;
import java.util.OptionalDouble;

/** What somebody has set on a running learner, beside its specification. Part of its state, so that it outlives a restart. */
final class Steering {
    private static final int FROZEN = 0;
    private static final int RATE_GIVEN = 1;
    private static final int RATE = 2; // bits of a float

    private final long[] state = new long[3];

    void reset() {
        Arrays.fill(state, 0);
    }

    boolean frozen() {
        return state[FROZEN] != 0;
    }

    void setFrozen(boolean frozen) {
        state[FROZEN] = frozen ? 1 : 0;
    }

    /** The learning rate that takes the place of the specification's. */
    OptionalDouble learningRate() {
        return state[RATE_GIVEN] == 0 ? OptionalDouble.empty() : OptionalDouble.of(Float.intBitsToFloat((int) state[RATE]));
    }

    void setLearningRate(float rate) {
        state[RATE_GIVEN] = 1;
        state[RATE] = Float.floatToRawIntBits(rate);
    }

    void clearLearningRate() {
        state[RATE_GIVEN] = 0;
        state[RATE] = 0;
    }

    /** Live; after writing to it, {@link #check}. */
    long[] state() {
        return state;
    }

    /** @throws IllegalArgumentException if a restored number can never occur */
    void check() {
        boolean flags = (state[FROZEN] | state[RATE_GIVEN]) >>> 1 == 0;
        float rate = Float.intBitsToFloat((int) state[RATE]);
        if (!flags || state[RATE] >>> 32 != 0 || !(rate >= 0) || !Float.isFinite(rate)) {
            throw new IllegalArgumentException("the steering of a restored learner can never occur: " + Arrays.toString(state));
        }
    }
}
