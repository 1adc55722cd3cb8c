package dev.millrace.nn;

import dev.millrace.nn.kernel.Kernels;
import java.util.List;

/** The function a {@link NetworkSpec} describes. Holds no weights and no scratch: safe to share between threads. */
public final class Network {
    private final NetworkSpec spec;
    private final ParameterLayout layout;
    private final List<Stage> stages;
    private final Kernels kernels;

    public Network(NetworkSpec spec) {
        this(spec, Kernels.create());
    }

    Network(NetworkSpec spec, Kernels kernels) {
        this.spec = spec;
        this.layout = new ParameterLayout(spec);
        this.stages = Stage.of(spec, layout);
        this.kernels = kernels;
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
        int index = 0;
        for (Layer layer : spec.layers()) {
            switch (layer) {
                case Dense dense -> {
                    index = initialize(dense.kernelInitializer(), seed, index, parameters);
                    if (dense.useBias()) {
                        index = initialize(dense.biasInitializer(), seed, index, parameters);
                    }
                }
            }
        }
        return parameters;
    }

    private int initialize(Initializer initializer, long seed, int index, float[] parameters) {
        ParameterLayout.Variable variable = layout.variables().get(index);
        float[] values = InitialValues.of(initializer, variable, new RandomStream(seed, index));
        layout.fromRowMajor(values, variable, parameters);
        return index + 1;
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
     * @param outputs row-major {@code [n][outputs]}; written
     */
    public void predict(float[] parameters, float[] x, int n, float[] outputs, Workspace workspace) {
        if (n < 0 || n > workspace.maxBatch()) {
            throw new IllegalArgumentException("this workspace takes up to " + workspace.maxBatch() + " samples, found " + n);
        }
        requireValues("x", x, n, spec.inputs());
        requireValues("outputs", outputs, n, spec.outputs());
        forward(parameters, x, n, workspace);
        stages.getLast().activate(kernels, workspace.last(), n);
        copyOutputs(workspace, n, outputs);
    }

    /** Evaluates everything but the last activation, the argument of which is left in {@link Workspace#last}. */
    void forward(float[] parameters, float[] x, int n, Workspace workspace) {
        float[] input = x;
        int inputStride = spec.inputs();
        for (int i = 0; i < stages.size(); i++) {
            Stage stage = stages.get(i);
            float[] z = workspace.activations(i);
            kernels.forward(n, stage.inputs(), stage.units(), input, inputStride, parameters, stage.kernel(), stage.bias(), z,
                    stage.stride());
            if (i < stages.size() - 1) {
                stage.activate(kernels, z, n);
            }
            input = z;
            inputStride = stage.stride();
        }
    }

    /** Copies the last stage's rows, without padding. */
    void copyOutputs(Workspace workspace, int n, float[] outputs) {
        Stage last = stages.getLast();
        for (int b = 0; b < n; b++) {
            System.arraycopy(workspace.last(), b * last.stride(), outputs, b * last.units(), last.units());
        }
    }

    static void requireValues(String name, float[] array, int rows, int width) {
        if (array.length < (long) rows * width) {
            throw new IllegalArgumentException(name + " needs " + rows + " rows of " + width + ", found " + array.length + " values");
        }
    }
}
