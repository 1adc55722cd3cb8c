package dev.millrace.learn;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The examples of the next optimizer step as they arrived, features not yet standardised. Rows behind the count are stale. */
final class PendingBatch {
    private final int capacity;
    private final int inputs;
    private final int targetWidth;
    private final float[] features; // [capacity][inputs]; NaN where missing
    private final float[] targets; // [capacity][target width]
    private final float @Nullable [] weights; // [capacity]

    /** @param weighted whether the examples have weights; without, nothing is kept of them */
    PendingBatch(int capacity, int inputs, int targetWidth, boolean weighted) {
        this.capacity = capacity;
        this.inputs = inputs;
        this.targetWidth = targetWidth;
        this.features = new float[Math.multiplyExact(capacity, inputs)];
        this.targets = new float[Math.multiplyExact(capacity, targetWidth)];
        this.weights = weighted ? new float[capacity] : null;
    }

    int capacity() {
        return capacity;
    }

    void put(int row, Example example) {
        System.arraycopy(example.features, 0, features, row * inputs, inputs);
        System.arraycopy(example.target, 0, targets, row * targetWidth, targetWidth);
        if (weights != null) {
            weights[row] = example.weight;
        }
    }

    /** Live. */
    float[] features() {
        return features;
    }

    /** Live. */
    float[] targets() {
        return targets;
    }

    /** Live; null if every example counts 1. */
    float @Nullable [] weights() {
        return weights;
    }

    void reset() {
        Arrays.fill(features, 0);
        Arrays.fill(targets, 0);
        if (weights != null) {
            Arrays.fill(weights, 0);
        }
    }
}
