package dev.millrace.nn;

/**
 * The numbers a training run carries from step to step: parameters, optimizer slots and the iteration count. Each array has the
 * layout of {@link ParameterLayout}. A step changes them in place, or writes its result beside them into a second set that is made
 * when it is first needed; the two are exchanged if the step is applied, so an array got from here is valid until the next step only.
 */
public final class TrainingState {
    private float[] parameters;
    private float[][] slots; // [slot][layout.length()]
    private float[] nextParameters; // either the array above or the spare one
    private float[][] nextSlots;
    private float[] spareParameters = new float[0];
    private float[][] spareSlots = new float[0][];
    private final double[] bounds; // see Reach: of the parameters' magnitudes, then of each slot's; the first is NaN if unknown
    private long iterations;

    /** A state of zeros. */
    TrainingState(int length, int slotCount) {
        parameters = new float[length];
        slots = new float[slotCount][length];
        nextParameters = parameters;
        nextSlots = slots;
        bounds = new double[1 + slotCount];
        changed();
    }

    /** The current parameters; a live array. Who writes to it calls {@link #changed} afterwards. */
    public float[] parameters() {
        return parameters;
    }

    /** Number of optimizer slots. */
    public int slotCount() {
        return slots.length;
    }

    /** The current values of one slot, in the order of {@link Optimizer#slots()}; a live array like {@link #parameters}. */
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
        changed();
    }

    /** To be called when somebody else than a step has written to an array. */
    public void changed() {
        bounds[0] = Double.NaN;
    }

    double[] bounds() {
        return bounds;
    }

    /** Decides where the next step writes: over the current numbers, or beside them. */
    void prepare(boolean inPlace) {
        if (inPlace) {
            nextParameters = parameters;
            nextSlots = slots;
            return;
        }
        if (spareParameters.length == 0) {
            spareParameters = new float[parameters.length];
            spareSlots = new float[slots.length][parameters.length];
        }
        nextParameters = spareParameters;
        nextSlots = spareSlots;
        changed();
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
        spareParameters = exchangedFor(nextParameters, parameters, spareParameters);
        parameters = nextParameters;
        spareSlots = exchangedFor(nextSlots, slots, spareSlots);
        slots = nextSlots;
        iterations++;
    }

    /** What is spare once {@code next} has become the current array. */
    @SuppressWarnings("ReferenceEquality") // whether it is the same array
    private static <T> T exchangedFor(T next, T current, T spare) {
        return next == current ? spare : current;
    }
}
