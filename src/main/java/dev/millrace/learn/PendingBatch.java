package dev.millrace.learn;

import java.util.Arrays;

/** The examples of the next optimizer step as they arrived, features not yet standardised. Rows behind the count are stale. */
final class PendingBatch {
    private final int capacity;
    private final int inputs;
    private final int targetWidth;
    private final float[] features; // [capacity][inputs]; NaN where missing
    private final float[] targets; // [capacity][target width]

    PendingBatch(int capacity, int inputs, int targetWidth) {
        this.capacity = capacity;
        this.inputs = inputs;
        this.targetWidth = targetWidth;
        this.features = new float[Math.multiplyExact(capacity, inputs)];
        this.targets = new float[Math.multiplyExact(capacity, targetWidth)];
    }

    int capacity() {
        return capacity;
    }

    void put(int row, Example example) {
        System.arraycopy(example.features, 0, features, row * inputs, inputs);
        System.arraycopy(example.target, 0, targets, row * targetWidth, targetWidth);
    }

    /** Live. */
    float[] features() {
        return features;
    }

    /** Live. */
    float[] targets() {
        return targets;
    }

    void reset() {
        Arrays.fill(features, 0);
        Arrays.fill(targets, 0);
    }
}
