package dev.millrace.learn;

import java.util.Arrays;

/**
 * Tells which losses are explosions: those above {@value #FACTOR} times the reference. The reference is the largest loss of the
 * applied steps, fading with the time constant of the evaluation's window, but never less than the mean loss of the first
 * {@value #WARM_UP} steps, which are never refused: once a stream is learned to the last digit, an ordinary error is many times any recent one.
 *
 * <p>
 * Each refusal doubles the reference. So a stream that has changed for good is learned from after as many refusals as it has
 * changed by powers of two beyond the factor, and a spike is forgotten with the window.
 */
final class StepGuard {
    private static final double FACTOR = 100;
    private static final int WARM_UP = 32;
    // state
    private static final int STEPS = 0; // at most WARM_UP
    private static final int FLOOR = 1; // mean loss of those
    private static final int PEAK = 2;

    private final double fading;
    private final double[] state = new double[3];
    /** The last power of the fading, which is that of nearly every step. */
    private int samples;
    private double power = 1;

    /** @param window in examples */
    StepGuard(int window) {
        this.fading = 1 - 1.0 / window;
    }

    /** The largest loss that is believed; infinite while there is nothing to compare with. */
    double limit() {
        return state[STEPS] < WARM_UP ? Double.POSITIVE_INFINITY : FACTOR * reference();
    }

    private double reference() {
        return Math.max(Math.max(state[PEAK], state[FLOOR]), Float.MIN_NORMAL);
    }

    /** A step of n examples was applied. */
    void applied(double loss, int n) {
        if (state[STEPS] < WARM_UP) {
            state[STEPS]++;
            state[FLOOR] += (loss - state[FLOOR]) / state[STEPS];
        }
        state[PEAK] = Math.max(loss, state[PEAK] * faded(n));
    }

    private double faded(int n) {
        if (n != samples) {
            samples = n;
            power = Math.pow(fading, n);
        }
        return power;
    }

    /** A step's loss was above the limit. */
    void refused() {
        state[PEAK] = 2 * reference();
    }

    /** Live. */
    double[] state() {
        return state;
    }

    void copyFrom(StepGuard other) {
        System.arraycopy(other.state, 0, state, 0, state.length);
    }

    /** @throws IllegalArgumentException if a restored number can never occur */
    void check() {
        if (!(state[STEPS] >= 0 && state[STEPS] <= WARM_UP && state[FLOOR] >= 0 && state[PEAK] >= 0)) {
            throw new IllegalArgumentException("the step guard of a restored learner can never occur: " + Arrays.toString(state));
        }
    }

    void reset() {
        Arrays.fill(state, 0);
    }
}
