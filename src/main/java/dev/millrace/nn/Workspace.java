package dev.millrace.nn;

import java.util.List;

/** Scratch arrays for the evaluation of one network by one thread; made by {@link Network#workspace}. */
public final class Workspace {
    private final int maxBatch;
    private final float[][] activations; // of each stage: [maxBatch][stride]; a stage in place shares its predecessor's

    Workspace(List<Stage> stages, int maxBatch) {
        if (maxBatch < 1) {
            throw new IllegalArgumentException("a batch needs at least 1 sample, found " + maxBatch);
        }
        this.maxBatch = maxBatch;
        this.activations = rows(stages, maxBatch);
    }

    /** For each stage a zeroed array {@code [maxBatch][stride]}, or its predecessor's where it can work in place. */
    static float[][] rows(List<Stage> stages, int maxBatch) {
        float[][] arrays = new float[stages.size()][];
        for (int i = 0; i < arrays.length; i++) {
            boolean shared = i > 0 && stages.get(i).worksInPlace() && !stages.get(i - 1).needsItsOutput();
            arrays[i] = shared ? arrays[i - 1] : new float[Math.multiplyExact(maxBatch, stages.get(i).stride())];
        }
        return arrays;
    }

    int maxBatch() {
        return maxBatch;
    }

    /** The output of one stage, {@code [maxBatch][stride]}; a live array. */
    float[] activations(int stage) {
        return activations[stage];
    }

    /** The output of the last stage; a live array. */
    float[] last() {
        return activations[activations.length - 1];
    }
}
