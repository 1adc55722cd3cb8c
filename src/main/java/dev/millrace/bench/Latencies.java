package dev.millrace.bench;

import java.util.Arrays;

/** How long requests took, one by one. Several threads may add. */
final class Latencies {
    private long[] nanos = new long[1 << 12];
    private int count;
    private int failed;

    /** @param answered false if the request failed or was refused: it has no place among the times */
    synchronized void add(long took, boolean answered) {
        if (!answered) {
            failed++;
            return;
        }
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = took;
    }

    synchronized int count() {
        return count;
    }

    synchronized int failed() {
        return failed;
    }

    /** The time that this part of all requests did not exceed, in milliseconds; NaN without any. */
    synchronized double millis(double part) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[Math.min(count - 1, (int) (count * part))] / 1e6;
    }
}
