package dev.millrace.learn;

import java.util.Arrays;

/**
 * A small memory of what was learned lately, for whoever looks: what was predicted and what was true, and the features of some
 * examples. No part of the learner's state: a restarted learner begins with none. Remembering is two stores for each example and a
 * short copy for one in {@link #EXAMPLES_PER_ROW}.
 */
final class RecentExamples {
    // Powers of two: a remainder would cost more than all the rest.
    private static final int PAIRS = 1024;
    /** Once all rows are filled; a slow stream fills them with every example. */
    private static final int EXAMPLES_PER_ROW = 16;
    private static final int MOST_ROWS = 512;
    /** Limits the rows of a wide learner, to 1 MiB. */
    private static final int MOST_FEATURES = 1 << 18;

    private final int width;
    private final int rows;
    private final float[] answers = new float[PAIRS];
    private final float[] truths = new float[PAIRS];
    private final float[] features; // [rows][width], as they arrived; NaN where missing
    private long pairs;
    private long examples;
    private long rowsTaken;

    RecentExamples(int width) {
        this.width = width;
        this.rows = Math.clamp(MOST_FEATURES / width, 1, MOST_ROWS);
        this.features = new float[Math.multiplyExact(rows, width)];
    }

    /** Remembers a test: two numbers, or the positions of two classes. */
    void tested(float answer, float truth) {
        int at = (int) pairs++ & (PAIRS - 1);
        answers[at] = answer;
        truths[at] = truth;
    }

    /** Remembers, perhaps, the features of an example. */
    void arrived(float[] example) {
        if (rowsTaken < rows || (examples & (EXAMPLES_PER_ROW - 1)) == 0) {
            System.arraycopy(example, 0, features, (int) (rowsTaken++ % rows) * width, width);
        }
        examples++;
    }

    /** Copy, in no particular order. */
    float[] answers() {
        return Arrays.copyOf(answers, (int) Math.min(pairs, PAIRS));
    }

    /** Copy, in the order of {@link #answers}. */
    float[] truths() {
        return Arrays.copyOf(truths, (int) Math.min(pairs, PAIRS));
    }

    /** Copy of whole rows, in no particular order. */
    float[] features() {
        return Arrays.copyOf(features, (int) Math.min(rowsTaken, rows) * width);
    }

    void reset() {
        pairs = 0;
        examples = 0;
        rowsTaken = 0;
    }
}
