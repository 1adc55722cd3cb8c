package dev.millrace.nn.kernel;

/**
 * The loops a vector unit is made for. Every implementation gives the same bits, because every result is defined here, element
 * by element, as one sequence of exactly rounded operations; lanes may only run over <em>independent</em> elements.
 *
 * <p>
 * Shapes. {@code n} samples lie in rows of a given stride, at least the width. A matrix {@code [inputs][units]} lies in
 * {@code ceil(units/16)} panels {@code [inputs][16]}, one after the other; columns beyond {@code units} are 0 and stay 0. Rows
 * written by {@link #forward} and {@link #inputGradient} are written to whole panels, so their stride must be a multiple of 16;
 * so must that of {@code dy}, whose columns beyond {@code units} must be 0. No two arguments may be the same array, unless it says so.
 *
 * <p>
 * Implementations hold no state that a result depends on, and allocate nothing. Arguments are trusted: an index out of range throws, or computes nonsense
 * within the arrays.
 */
public sealed interface Kernels permits PlainKernels, VectorKernels {
    /** Columns of a panel; rows of activations are padded to a multiple of it. */
    int PANEL = 16;

    /** The value of an offset that says that a layer has no bias. */
    int NO_BIAS = -1;

    /** The module that has to be added to the virtual machine for vector loops. */
    String VECTOR_MODULE = "jdk.incubator.vector";

    /** Up to so many rows {@link #inputGradient} is made of dot products. */
    int MOST_ROWS_OF_DOTS = 2;

    /** The fastest implementation this virtual machine can run: that with vectors if it has the module for them. */
    static Kernels create() {
        return vectorised() ? new VectorKernels() : new PlainKernels();
    }

    /** Whether {@link #create} gives vector loops: the module {@value #VECTOR_MODULE} is there, and vectors of 4 to 16 floats. */
    static boolean vectorised() {
        // The class needs the module, so it must not be touched without.
        return ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent() && VectorKernels.fits();
    }

    /** Width rounded up to whole panels. */
    static int padded(int width) {
        return (width + PANEL - 1) / PANEL * PANEL;
    }

    /**
     * The distance of rows of that width, so that elements below one another do not all fall into the same few sets of a cache:
     * at distances of whole multiples of 1 KiB, a column of a hundred rows does not fit into the nearest one, and a large layer takes
     * a quarter longer.
     */
    static int spaced(int width) {
        return width % 256 == 0 ? width + PANEL : width;
    }

    /**
     * {@code y[b][o] = bias[o] + Σ_k x[b][k] w[k][o]}: starts from the bias (or 0), then {@code s = fma(x[b][k], w[k][o], s)}
     * for k ascending.
     *
     * @param x {@code [n][inputs]}; read
     * @param parameters kernel at offset {@code kernel}, bias at offset {@code bias} or {@link #NO_BIAS}; read
     * @param y {@code [n][padded(units)]}; written
     */
    void forward(int n, int inputs, int units, float[] x, int xStride, float[] parameters, int kernel, int bias, float[] y,
            int yStride);

    /**
     * {@code dw[k][o] = Σ_b x[b][k] dy[b][o]}: starts from 0, then {@code s = fma(x[b][k], dy[b][o], s)} for b ascending.
     *
     * @param x {@code [n][inputs]}; read
     * @param dy {@code [n][padded(units)]}; read
     * @param gradients panels at offset {@code kernel}; written
     * @param scratch made for such a layer; written
     */
    void weightGradient(int n, int inputs, int units, float[] x, int xStride, float[] dy, int dyStride, float[] gradients, int kernel,
            Scratch scratch);

    /**
     * {@code db[o] = Σ_b dy[b][o]}: four interleaved sums {@code s_j} of the rows {@code b mod 4 = j}, each from 0 in ascending
     * order, then {@code (s0 + s1) + (s2 + s3)}. One sum would wait for the latency of every addition.
     *
     * @param dy {@code [n][padded(units)]}; read
     * @param gradients {@code padded(units)} elements at offset {@code bias}; written
     */
    void biasGradient(int n, int units, float[] dy, int dyStride, float[] gradients, int bias);

    /**
     * {@code dx[b][k] = Σ_o dy[b][o] w[k][o]}. For n above {@link #MOST_ROWS_OF_DOTS} it starts from 0, then
     * {@code s = fma(dy[b][o], w[k][o], s)} for o ascending. For fewer rows, for which a transpose would cost more than the product:
     * sixteen such sums, of the units {@code o mod 16 = j}, added as a tree: j and j+8, j and j+4, j and j+2, j and j+1.
     *
     * @param dy {@code [n][padded(units)]}; read
     * @param parameters kernel at offset {@code kernel}; read
     * @param scratch made for such a layer, for fewer rows any; written
     * @param dx {@code [n][padded(inputs)]}; written
     */
    void inputGradient(int n, int inputs, int units, float[] dy, int dyStride, float[] parameters, int kernel, Scratch scratch,
            float[] dx, int dxStride);

    /**
     * One step of gradient descent for a single sample, without a gradient in memory:
     * {@code w[k][o] = fma(-lr, fma(x[k], dy[o], 0), w[k][o])} and {@code bias[o] = fma(-lr, dy[o] + 0, bias[o])}.
     *
     * @param x {@code [inputs]}; read
     * @param dy {@code [padded(units)]}; read
     * @param parameters kernel at offset {@code kernel}, bias at offset {@code bias} or {@link #NO_BIAS}; read and written
     */
    void rankOneStep(int inputs, int units, float lr, float[] x, float[] dy, float[] parameters, int kernel, int bias);

    /**
     * {@link #forward} and {@link #relu} of all layers for one sample.
     *
     * @param x {@code [inputs]}; read
     * @param y of each layer, {@code [16]}; written
     */
    default void forward(NarrowLayers layers, float[] parameters, float[] x, float[][] y) {
        for (int i = 0; i < layers.count(); i++) {
            forward(1, layers.inputs[i], layers.units[i], i == 0 ? x : y[i - 1], PANEL, parameters, layers.kernels[i], layers.biases[i],
                    y[i], PANEL);
            if (i + 1 < layers.count()) {
                relu(y[i], PANEL);
            }
        }
    }

    /**
     * {@link #inputGradient} and {@link #reluGradient} of all layers but the first for one sample, last to first.
     *
     * @param y what {@link #forward} wrote, columns beyond the units 0; read
     * @param dy of each layer, {@code [16]}: the gradient by its product; that of the last is read, those of the others are written
     */
    default void backward(NarrowLayers layers, float[] parameters, float[][] y, float[][] dy) {
        for (int i = layers.count() - 1; i > 0; i--) {
            inputGradient(1, layers.inputs[i], layers.units[i], dy[i], PANEL, parameters, layers.kernels[i], Scratch.NONE,
                    dy[i - 1], PANEL);
            reluGradient(y[i - 1], dy[i - 1], PANEL);
        }
    }

    /**
     * {@link #shortSumOfSquares} of several rows of a panel.
     *
     * @param rows each {@code [16]}; read
     * @param count of rows
     * @param sums {@code [count]}; written
     */
    default void shortSumsOfSquares(float[][] rows, int count, float[] sums) {
        for (int i = 0; i < count; i++) {
            sums[i] = shortSumOfSquares(rows[i], PANEL);
        }
    }

    /**
     * {@link #rankOneStep} of all layers.
     *
     * @param x {@code [inputs]}; read
     * @param y what {@link #forward} wrote; read
     * @param dy what {@link #backward} read and wrote; read
     */
    default void rankOneStep(NarrowLayers layers, float lr, float[] x, float[][] y, float[][] dy, float[] parameters) {
        for (int i = 0; i < layers.count(); i++) {
            rankOneStep(layers.inputs[i], layers.units[i], lr, i == 0 ? x : y[i - 1], dy[i], parameters, layers.kernels[i],
                    layers.biases[i]);
        }
    }

    /** {@code a = max(a, 0)} for the first {@code length} elements; a NaN stays. */
    void relu(float[] a, int length);

    /**
     * {@code da *= relu'} for the first {@code length} elements.
     *
     * @param a values of the activation; read
     * @param da gradient by the activation; becomes the gradient by its argument
     */
    void reluGradient(float[] a, float[] da, int length);

    /** Replaces the first {@code length} elements by {@link FloatMath#sigmoid}. */
    void sigmoid(float[] a, int length);

    /** Replaces the first {@code length} elements by {@link FloatMath#tanh}. */
    void tanh(float[] a, int length);

    /**
     * Replaces each row by its softmax: {@code e_j = exp(a_j - max)}, summed from 0 for j ascending, then {@code e_j / sum}. What
     * lies between the width and the stride may become any finite number.
     *
     * @param a {@code [n][width]}; read and written
     */
    void softmax(int n, int width, float[] a, int stride);

    /**
     * {@code e_j = exp(z_j - max)} in each row, the beginning of {@link #softmax}.
     *
     * @param z {@code [n][width]}; read
     * @param e the same shape and stride; written, with 0 from the width to the next multiple of 16, or to the stride
     * @param max {@code [n]}; written
     */
    void exponentials(int n, int width, float[] z, int stride, float[] e, float[] max);

    /**
     * {@code Σ a²} in double precision: thirty-two sums, of the elements whose index from {@code offset} is {@code j mod 32}, each in
     * ascending order, then added as a tree: j and j+16, j and j+8, j and j+4, j and j+2, j and j+1. Fewer sums would wait for the
     * latency of every addition. Squares of floats cannot overflow a double, so the sum is finite if and only if all elements are.
     *
     * @param length a multiple of 16
     */
    double sumOfSquares(float[] a, int offset, int length);

    /**
     * {@code Σ a²} in single precision, for a few elements: sixteen chains {@code s = fma(a, a, s)}, of the elements {@code j mod 16},
     * then added as a tree: j and j+8, j and j+4, j and j+2, j and j+1. Infinite where a square or the sum is larger than a float.
     *
     * @param length any
     */
    float shortSumOfSquares(float[] a, int length);

    /** {@code Σ |a|} in the order of {@link #sumOfSquares}. */
    double sumOfMagnitudes(float[] a, int offset, int length);

    /** Whether none of the first {@code length} elements is infinite or NaN. */
    boolean allFinite(float[] a, int length);

    /** {@link Updates#sgd}; all lengths are multiples of 16. */
    void sgd(float lr, float[] g, float[] w, float[] newW);

    /** {@link Updates#adagrad}; all lengths are multiples of 16. */
    void adagrad(float lr, float epsilon, float[] g, float[] w, float[] a, float[] newW, float[] newA);

    /** {@link Updates#adam}; all lengths are multiples of 16. */
    void adam(float alpha, float oneMinusBeta1, float oneMinusBeta2, float epsilon, float[] g, float[] w, float[] m, float[] v,
            float[] newW, float[] newM, float[] newV);
}
