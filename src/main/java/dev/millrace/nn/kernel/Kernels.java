package dev.millrace.nn.kernel;

/**
 * The loops a vector unit is made for. Every implementation gives the same bits, because every result is defined here, element
 * by element, as one sequence of exactly rounded operations; lanes may only run over <em>independent</em> elements.
 *
 * <p>
 * Shapes. {@code n} samples lie in rows of a given stride, at least the width. A matrix {@code [inputs][units]} lies in
 * {@code ceil(units/16)} panels {@code [inputs][16]}, one after the other; columns beyond {@code units} are 0 and stay 0. Rows
 * written by {@link #forward} and {@link #inputGradient} are written to whole panels, so their stride must be a multiple of 16;
 * so must that of {@code dy}, whose columns beyond {@code units} must be 0. No two arguments may be the same array.
 *
 * <p>
 * Implementations hold no state and allocate nothing. Arguments are trusted: an index out of range throws, or computes nonsense
 * within the arrays.
 */
public interface Kernels {
    /** Columns of a panel; rows of activations are padded to a multiple of it. */
    int PANEL = 16;

    /** The value of an offset that says that a layer has no bias. */
    int NO_BIAS = -1;

    /** The implementation to use on this machine. */
    static Kernels create() {
        return new PlainKernels();
    }

    /** Width rounded up to whole panels. */
    static int padded(int width) {
        return (width + PANEL - 1) / PANEL * PANEL;
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
     */
    void weightGradient(int n, int inputs, int units, float[] x, int xStride, float[] dy, int dyStride, float[] gradients, int kernel);

    /**
     * {@code db[o] = Σ_b dy[b][o]}: four interleaved sums {@code s_j} of the rows {@code b mod 4 = j}, each from 0 in ascending
     * order, then {@code (s0 + s1) + (s2 + s3)}. One sum would wait for the latency of every addition.
     *
     * @param dy {@code [n][padded(units)]}; read
     * @param gradients {@code padded(units)} elements at offset {@code bias}; written
     */
    void biasGradient(int n, int units, float[] dy, int dyStride, float[] gradients, int bias);

    /**
     * Copies a kernel into the panels of its transpose, {@code [units][inputs]}.
     *
     * @param parameters panels of {@code [inputs][units]} at offset {@code kernel}; read
     * @param transposed {@code units * padded(inputs)} elements from 0; written, padding with 0
     */
    void transpose(int inputs, int units, float[] parameters, int kernel, float[] transposed);

    /**
     * {@code dx[b][k] = Σ_o dy[b][o] w[k][o]}: starts from 0, then {@code s = fma(dy[b][o], w[k][o], s)} for o ascending.
     *
     * @param dy {@code [n][units]}; read
     * @param transposed what {@link #transpose} wrote; read
     * @param dx {@code [n][padded(inputs)]}; written
     */
    void inputGradient(int n, int inputs, int units, float[] dy, int dyStride, float[] transposed, float[] dx, int dxStride);

    /** Replaces the first {@code length} elements by {@link FloatMath#sigmoid}. */
    void sigmoid(float[] a, int length);

    /** Replaces the first {@code length} elements by {@link FloatMath#tanh}. */
    void tanh(float[] a, int length);

    /**
     * Replaces each row by its softmax: {@code e_j = exp(a_j - max)}, summed from 0 for j ascending, then {@code e_j / sum}.
     *
     * @param a {@code [n][width]}; read and written
     */
    void softmax(int n, int width, float[] a, int stride);

    /**
     * {@code Σ a²} in double precision: sixteen sums, of the elements whose index from {@code offset} is {@code j mod 16}, each in
     * ascending order, then added as a tree: j and j+8, j and j+4, j and j+2, j and j+1. Squares of floats cannot overflow a
     * double, so the sum is finite if and only if all elements are.
     *
     * @param length a multiple of 16
     */
    double sumOfSquares(float[] a, int offset, int length);

    /** {@code Σ |a|} in the order of {@link #sumOfSquares}. */
    double sumOfMagnitudes(float[] a, int offset, int length);

    /** Whether none of the first {@code length} elements is infinite or NaN. */
    boolean allFinite(float[] a, int length);
}
