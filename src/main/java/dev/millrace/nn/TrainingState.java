package dev.millrace.nn;

/**
 * The numbers a training run carries from step to step: parameters, optimizer slots and the iteration count. Each array has the
 * layout of {@link ParameterLayout}. Every array exists twice: a step writes its result beside the old values and the two are
 * exchanged only if every new number is finite, so a refused step leaves no trace. Hence an array got from here is valid until
 * the next step only.
 */
public final class TrainingState {
    private float[] parameters;
    private float[] nextParameters;
    private float[][] slots; // [slot][layout.length()]
    private float[][] nextSlots;
    private long iterations;

    /** A state of zeros. */
    TrainingState(int length, int slotCount) {
        parameters = new float[length];
        nextParameters = new float[length];
        slots = new float[slotCount][length];
        nextSlots = new float[slotCount][length];
    }

    /** The current parameters; a live array. */
    public float[] parameters() {
        return parameters;
    }

    /** Number of optimizer slots. */
    public int slotCount() {
        return slots.length;
    }

    /** The current values of one slot, in the order of {@link Optimizer#slots()}; a live array. */
    public float[] slot(int index) {
        return slots[index];
    }

    /** Finished optimizer steps. */
    public long iterations() {
        return iterations;
    }

    /** Sets the number of finished steps, when a stored state is restored. */
    public void setIterations(long iterations) {
        if (iterations < 0) {
            throw new IllegalArgumentException("iterations must not be negative, found " + iterations);
        }
        this.iterations = iterations;
    }

    /** Where a step writes the new parameters. */
    float[] nextParameters() {
        return nextParameters;
    }

    /** Where a step writes the new values of one slot. */
    float[] nextSlot(int index) {
        return nextSlots[index];
    }

    /** Makes the new numbers the current ones. */
    void advance() {
        float[] oldParameters = parameters;
        parameters = nextParameters;
        nextParameters = oldParameters;
        float[][] oldSlots = slots;
        slots = nextSlots;
        nextSlots = oldSlots;
        iterations++;
    }
}
