package dev.millrace.demo;

/**
 * Chooses a fixed fraction of records, spread evenly and the same in every run: for 0.1 exactly every tenth. For one thread.
 */
final class Spacing {
    private final double fraction;
    private long seen;
    private long chosen;

    /**
     * Chooses nothing before the first call of {@link #next}.
     *
     * @param fraction between 0 and 1
     */
    Spacing(double fraction) {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("a fraction is between 0 and 1, found " + fraction);
        }
        this.fraction = fraction;
    }

    /** Whether the next record is one of the chosen. */
    boolean next() {
        seen++;
        // From counts, not from a running sum: 0.1 is not exact, and a sum of it drifts. The slack is for n * (1 / n) < 1.
        boolean choose = chosen + 1 <= seen * fraction * (1 + 0x1.0p-50);
        if (choose) {
            chosen++;
        }
        return choose;
    }
}
