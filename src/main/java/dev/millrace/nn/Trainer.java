package dev.millrace.nn;

import org.jspecify.annotations.Nullable;

/** Performs optimizer steps on a {@link TrainingState}. Holds the scratch of one thread. */
public final class Trainer {
    /** @param maxBatch the largest number of samples in a step */
    public Trainer(Network network, TrainingSpec training, int maxBatch) {
        throw new UnsupportedOperationException();
    }

    /** A state with freshly initialized parameters and slots. */
    public TrainingState initialState(long seed) {
        throw new UnsupportedOperationException();
    }

    /**
     * One optimizer step: forward, loss, backward, clip, update, in Keras's order. If the loss, a gradient or a number of the
     * new state is not finite, the state stays as it was.
     *
     * @param x row-major {@code [n][inputs]}; read
     * @param y row-major {@code [n][targetWidth]}; read
     * @param sampleWeight {@code [n]} or null for all ones; read
     * @param n number of samples, 1 to maxBatch
     * @return whether the step was applied
     */
    public boolean step(TrainingState state, float[] x, float[] y, float @Nullable [] sampleWeight, int n) {
        throw new UnsupportedOperationException();
    }

    /** The network's outputs for the last step's samples before the update, row-major {@code [n][outputs]}; a live array. */
    public float[] outputs() {
        throw new UnsupportedOperationException();
    }

    /** The last step's loss without regularizers. */
    public double dataLoss() {
        throw new UnsupportedOperationException();
    }

    /** The last step's penalty by regularizers. */
    public double regularizationLoss() {
        throw new UnsupportedOperationException();
    }

    /** The Euclidean norm of the last step's whole gradient, before clipping. */
    public double gradientNorm() {
        throw new UnsupportedOperationException();
    }
}
