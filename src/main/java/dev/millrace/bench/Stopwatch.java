package dev.millrace.bench;

import java.util.Arrays;

/**
 * The time one repetition of an action takes. A machine is never all ours: other programs take the core away for milliseconds. So
 * time is taken in short windows and of each round the fastest counts, which is one that nobody disturbed; the figure is the median
 * over rounds, between which other subjects had their turn.
 */
final class Stopwatch {
    private static final long WINDOW_NANOS = 4_000_000;
    private static final long LONGEST_WARM_UP_NANOS = 12_000_000_000L;

    private final Runnable action;
    private final double[] rounds;
    private int done;
    private int repetitions = 1;

    Stopwatch(Runnable action, int rounds) {
        this.action = action;
        this.rounds = new double[rounds];
    }

    /**
     * Repeats the action until the compiler has nothing more to improve, and learns how many repetitions fill a window.
     *
     * @param nanos how long at least; and so long no window may have been a twentieth faster than all before
     */
    void warmUp(long nanos) {
        long start = System.nanoTime();
        long improved = start;
        double best = Double.MAX_VALUE;
        int windows = 0;
        for (long now = start; (now - improved < nanos || windows < 3) && now - start < LONGEST_WARM_UP_NANOS; now = System.nanoTime()) {
            double perRepetition = window();
            repetitions = Math.clamp((long) (WINDOW_NANOS / perRepetition), 1, 10_000_000);
            if (perRepetition < 0.95 * best) {
                best = perRepetition;
                improved = System.nanoTime();
            }
            windows++;
        }
    }

    /** One round: the fastest of the windows that fit into this time, at least two. */
    void round(long nanos) {
        long start = System.nanoTime();
        double best = window();
        do {
            best = Math.min(best, window());
        } while (System.nanoTime() - start < nanos);
        rounds[done++] = best;
    }

    private double window() {
        long start = System.nanoTime();
        for (int i = 0; i < repetitions; i++) {
            action.run();
        }
        return Math.max(1, System.nanoTime() - start) / (double) repetitions;
    }

    /** The median over the rounds so far, in nanoseconds per repetition. */
    double medianNanos() {
        double[] sorted = Arrays.copyOf(rounds, done);
        Arrays.sort(sorted);
        return done % 2 == 1 ? sorted[done / 2] : (sorted[done / 2 - 1] + sorted[done / 2]) / 2;
    }
}
