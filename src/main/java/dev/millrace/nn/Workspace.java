package dev.millrace.nn;

import java.util.List;
import java.util.stream.IntStream;

/** Scratch arrays for the evaluation of one network by one thread; made by {@link Network#workspace}. */
public final class Workspace {
    private final int maxBatch;
    private final float[][] activations; // of each stage: [maxBatch][stride]; a stage in place shares its predecessor's
    private final float[][] products; // those of the products

    Workspace(List<Stage> stages, int maxBatch) {
        if (maxBatch < 1) {
            throw new IllegalArgumentException("a batch needs at least 1 sample, found " + maxBatch);
        }
        this.maxBatch = maxBatch;
        this.activations = rows(stages, maxBatch);
        this.products = ofProducts(stages, activations);
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

    /** Of these arrays, those of the products. */
    static float[][] ofProducts(List<Stage> stages, float[][] rows) {
        return IntStream.range(0, rows.length).filter(i -> stages.get(i) instanceof Stage.Product).mapToObj(i -> rows[i])
                .toArray(float[][]::new);
    }

    int maxBatch() {
        return maxBatch;
    }

    /** The output of one stage, {@code [maxBatch][stride]}; a live array. */
    float[] activations(int stage) {
        return activations[stage];
    }

    /** The outputs of the products, or of what works in place on them; live arrays. */
    float[][] products() {
        return products;
    }

    /** The output of the last stage; a live array. */
    float[] last() {
        return activations[activations.length - 1];
    }
}
