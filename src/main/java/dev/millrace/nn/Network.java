package dev.millrace.nn;

import dev.millrace.nn.kernel.Kernels;
import dev.millrace.nn.kernel.NarrowLayers;
import dev.millrace.nn.kernel.PlainKernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The function a {@link NetworkSpec} describes. Holds no weights and no scratch: safe to share between threads. */
public final class Network {
    private final NetworkSpec spec;
    private final ParameterLayout layout;
    private final List<Stage> stages;
    private Kernels kernels;
    private boolean plainLoops;
    private final int inputs;
    private final int outputs;
    private final @Nullable NarrowLayers narrowLayers; // all products, if they are narrow and have only relus between them
    private final int narrowStages; // up to the last of them

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
        this.narrowStages = narrowStages(stages);
        this.narrowLayers = narrowStages == 0 ? null : narrowLayers(stages);
    }

    /** How many stages there are up to the last product, if they are narrow products with relus between and one activation at most follows; else 0. */
    private static int narrowStages(List<Stage> stages) {
        int count = stages.size() % 2 == 1 ? stages.size() : stages.size() - 1;
        for (int i = 0; i < stages.size(); i++) {
            boolean fits = i % 2 == 0
                    ? stages.get(i) instanceof Stage.Product product && product.units() <= Kernels.PANEL
                    : stages.get(i) instanceof Stage.Activate activate && (i == count || activate.activation() == Activation.RELU);
            if (!fits) {
                return 0;
            }
        }
        return count;
    }

    private static NarrowLayers narrowLayers(List<Stage> stages) {
        List<Stage.Product> products = stages.stream().filter(Stage.Product.class::isInstance).map(Stage.Product.class::cast).toList();
        return new NarrowLayers(products.stream().mapToInt(Stage.Product::inputs).toArray(),
                products.stream().mapToInt(Stage.Product::units).toArray(), products.stream().mapToInt(Stage.Product::kernel).toArray(),
                products.stream().mapToInt(Stage.Product::bias).toArray());
    }

    /** All products, if the network is so small that for a single sample they are best computed together. */
    @Nullable
    NarrowLayers narrowLayers() {
        return narrowLayers;
    }

    /** The number of stages {@link #narrowLayers} stand for, from the first. */
    int narrowStages() {
        return narrowStages;
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

    /**
     * Computes with plain loops from now on, or with the fastest ones again. The results are the same bits; which is faster while the
     * virtual machine has not compiled them yet is another matter.
     */
    public void usePlainLoops(boolean plain) {
        plainLoops = plain;
        kernels = plain ? new PlainKernels() : Kernels.create();
    }

    /** Whether it was told to by {@link #usePlainLoops}. */
    public boolean usesPlainLoops() {
        return plainLoops;
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
        int first = 0;
        if (n == 1 && narrowLayers != null) {
            kernels.forward(narrowLayers, parameters, x, workspace.products());
            first = narrowStages;
            input = workspace.activations(first - 1);
            inputStride = stages.get(first - 1).stride();
        }
        for (int i = first; i < stages.size(); i++) {
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
