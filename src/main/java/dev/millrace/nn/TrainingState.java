package dev.millrace.nn;

/**
 * The numbers a training run carries from step to step: parameters, optimizer slots and the iteration count. Each array has the
 * layout of {@link ParameterLayout}. Every array exists twice: a step writes its result beside the old values and the two are
 * exchanged only if every new number is finite, so a refused step leaves no trace. Hence an array got from here is valid until
 * the next step only.
 */
public final class TrainingState {
    TrainingState() {
    }

    /** The current parameters; a live array. */
    public float[] parameters() {
        throw new UnsupportedOperationException();
    }

    /** Number of optimizer slots. */
    public int slotCount() {
        throw new UnsupportedOperationException();
    }

    /** The current values of one slot, in the order of {@link Optimizer#slots()}; a live array. */
    public float[] slot(int index) {
        throw new UnsupportedOperationException();
    }

    /** Finished optimizer steps. */
    public long iterations() {
        throw new UnsupportedOperationException();
    }

    /** Sets the number of finished steps, when a stored state is restored. */
    public void setIterations(long iterations) {
        throw new UnsupportedOperationException();
    }
}
