package dev.millrace.nn;

import dev.millrace.nn.kernel.Kernels;
import java.util.List;

/** The function a {@link NetworkSpec} describes. Holds no weights and no scratch: safe to share between threads. */
public final class Network {
    private final NetworkSpec spec;
    private final ParameterLayout layout;
    private final List<Stage> stages;
    private final Kernels kernels;
    private final int inputs;
    private final int outputs;

    public Network(NetworkSpec spec) {
        this(spec, Kernels.create());
    }

    Network(NetworkSpec spec, Kernels kernels) {
        this.spec = spec;
        this.layout = new ParameterLayout(spec);
        this.stages = Stage.of(spec, layout);
        this.kernels = kernels;
        this.inputs = spec.inputs();
        this.outputs = spec.outputs();
    }

    public NetworkSpec spec() {
        return spec;
    }

    public ParameterLayout layout() {
        return layout;
    }

    List<Stage> stages() {
        return stages;
    }

    Kernels kernels() {
        return kernels;
    }

    /** A new flat array with the initial values the layers' initializers give for that seed. */
    public float[] initialParameters(long seed) {
        float[] parameters = new float[layout.length()];
        for (int i = 0; i < layout.variables().size(); i++) {
            ParameterLayout.Variable variable = layout.variables().get(i);
            float[] values = InitialValues.of(layout.specs().get(i).initializer(), variable, new RandomStream(seed, i));
            layout.fromRowMajor(values, variable, parameters);
        }
        return parameters;
    }

    /** Scratch for batches of up to {@code maxBatch} samples. */
    public Workspace workspace(int maxBatch) {
        return new Workspace(stages, maxBatch);
    }

    /**
     * Evaluates the network.
     *
     * @param parameters flat, in {@link #layout()}; read
     * @param x row-major {@code [n][inputs]}; read
     * @param n number of samples, at most the workspace's maximum
     * @param answers row-major {@code [n][outputs]}; written
     */
    public void predict(float[] parameters, float[] x, int n, float[] answers, Workspace workspace) {
        if (n < 0 || n > workspace.maxBatch()) {
            throw new IllegalArgumentException("this workspace takes up to " + workspace.maxBatch() + " samples, found " + n);
        }
        requireValues("x", x, n, inputs);
        requireValues("outputs", answers, n, outputs);
        forward(parameters, x, n, workspace);
        copyOutputs(workspace, n, answers);
    }

    /** Evaluates all stages as in a prediction; leaves their outputs in the workspace. */
    void forward(float[] parameters, float[] x, int n, Workspace workspace) {
        float[] input = x;
        int inputStride = inputs;
        for (int i = 0; i < stages.size(); i++) {
            Stage stage = stages.get(i);
            stage.predict(kernels, parameters, input, inputStride, workspace.activations(i), n);
            input = workspace.activations(i);
            inputStride = stage.stride();
        }
    }

    /** Copies the last stage's rows, without padding. */
    void copyOutputs(Workspace workspace, int n, float[] answers) {
        int stride = stages.getLast().stride();
        int width = outputs;
        float[] rows = workspace.last();
        if (width == 1) { // a call to copy each of them would take longer than all the rest of a small network's prediction
            for (int b = 0; b < n; b++) {
                answers[b] = rows[b * stride];
            }
            return;
        }
        for (int b = 0; b < n; b++) {
            System.arraycopy(rows, b * stride, answers, b * width, width);
        }
    }

    static void requireValues(String name, float[] array, int rows, int width) {
        if (array.length < (long) rows * width) {
            throw new IllegalArgumentException(name + " needs " + rows + " rows of " + width + ", found " + array.length + " values");
        }
    }
}
