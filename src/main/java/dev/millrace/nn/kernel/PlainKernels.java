package dev.millrace.nn.kernel;

/**
 * {@link Kernels} in plain loops: the oracle of any faster implementation and the fallback where there is none.
 *
 * <p>
 * The three matrix products are one loop, {@link #chain}, over different strides. It keeps its sums in local variables: with the
 * sums in an array the compiler has to assume that it overlaps the factors, and neither vectorises nor keeps them in registers
 * (1.7 against 9 GFLOP/s on a core with AVX2).
 */
public final class PlainKernels implements Kernels {
    @Override
    public String toString() {
        return "plain loops";
    }

    @Override
    public void forward(int n, int inputs, int units, float[] x, int xStride, float[] parameters, int kernel, int bias, float[] y,
            int yStride) {
        int width = Kernels.padded(units);
        for (int b = 0; b < n; b++) {
            int row = b * yStride;
            if (bias == NO_BIAS) {
                clear(y, row, width);
            } else {
                System.arraycopy(parameters, bias, y, row, width);
            }
            for (int o = 0; o < width; o += PANEL) {
                chain(inputs, x, b * xStride, 1, parameters, kernel + o * inputs, PANEL, y, row + o);
            }
        }
    }

    @Override
    public void weightGradient(int n, int inputs, int units, float[] x, int xStride, float[] dy, int dyStride, float[] gradients,
            int kernel, Scratch scratch) {
        int width = Kernels.padded(units);
        clear(gradients, kernel, inputs * width);
        for (int o = 0; o < width; o += PANEL) {
            for (int k = 0; k < inputs; k++) {
                chain(n, x, k, xStride, dy, o, dyStride, gradients, kernel + o * inputs + k * PANEL);
            }
        }
    }

    @Override
    public void biasGradient(int n, int units, float[] dy, int dyStride, float[] gradients, int bias) {
        for (int o = 0; o < Kernels.padded(units); o++) {
            float s0 = columnSum(n, 0, dy, dyStride, o);
            float s1 = columnSum(n, 1, dy, dyStride, o);
            float s2 = columnSum(n, 2, dy, dyStride, o);
            float s3 = columnSum(n, 3, dy, dyStride, o);
            gradients[bias + o] = (s0 + s1) + (s2 + s3);
        }
    }

    private static float columnSum(int n, int firstRow, float[] dy, int dyStride, int column) {
        float sum = 0;
        for (int b = firstRow; b < n; b += 4) {
            sum += dy[b * dyStride + column];
        }
        return sum;
    }

    @Override
    public void inputGradient(int n, int inputs, int units, float[] dy, int dyStride, float[] parameters, int kernel, Scratch scratch,
            float[] dx, int dxStride) {
        if (n > MOST_ROWS_OF_DOTS) {
            for (int k = 0; k < inputs; k += PANEL) {
                transpose(inputs, units, parameters, kernel, k, scratch.array);
                for (int b = 0; b < n; b++) {
                    clear(dx, b * dxStride + k, PANEL);
                    chain(units, dy, b * dyStride, 1, scratch.array, 0, PANEL, dx, b * dxStride + k);
                }
            }
            return;
        }
        for (int b = 0; b < n; b++) {
            int row = b * dxStride;
            for (int k = 0; k < inputs; k++) {
                dx[row + k] = dot(Kernels.padded(units), dy, b * dyStride, parameters, kernel + k * PANEL, inputs * PANEL);
            }
            clear(dx, row + inputs, Kernels.padded(inputs) - inputs);
        }
    }

    /**
     * Copies sixteen rows of a kernel into a panel of its transpose, {@code [padded(units)][16]}.
     *
     * @param parameters panels of {@code [inputs][units]} at offset {@code kernel}; read
     * @param k the first of the rows
     * @param transposed written from 0, with 0 where an input is padding
     */
    private static void transpose(int inputs, int units, float[] parameters, int kernel, int k, float[] transposed) {
        for (int o = 0; o < units; o += PANEL) {
            transposeBlock(Math.min(PANEL, inputs - k), parameters, kernel + (o / PANEL * inputs + k) * PANEL, transposed, o * PANEL);
        }
    }

    /** Transposes one block of {@code [rows][16]} into {@code [16][16]}, filled with 0. */
    static void transposeBlock(int rows, float[] a, int from, float[] b, int to) {
        for (int j = 0; j < PANEL; j++) {
            for (int i = 0; i < rows; i++) {
                b[to + j * PANEL + i] = a[from + i * PANEL + j];
            }
            for (int i = rows; i < PANEL; i++) {
                b[to + j * PANEL + i] = 0;
            }
        }
    }

    /** The tree over sixteen sums; see {@link Kernels#inputGradient}. */
    private static float dot(int width, float[] dy, int dyAt, float[] w, int wAt, int panelDistance) {
        return (quarter(0, width, dy, dyAt, w, wAt, panelDistance) + quarter(2, width, dy, dyAt, w, wAt, panelDistance))
                + (quarter(1, width, dy, dyAt, w, wAt, panelDistance) + quarter(3, width, dy, dyAt, w, wAt, panelDistance));
    }

    /** The part of the tree over the sums j, j+4, j+8 and j+12. */
    private static float quarter(int j, int width, float[] dy, int dyAt, float[] w, int wAt, int panelDistance) {
        float s0 = 0;
        float s4 = 0;
        float s8 = 0;
        float s12 = 0;
        int q = wAt + j;
        for (int p = dyAt + j; p < dyAt + width; p += PANEL) {
            s0 = Math.fma(dy[p], w[q], s0);
            s4 = Math.fma(dy[p + 4], w[q + 4], s4);
            s8 = Math.fma(dy[p + 8], w[q + 8], s8);
            s12 = Math.fma(dy[p + 12], w[q + 12], s12);
            q += panelDistance;
        }
        return (s0 + s8) + (s4 + s12);
    }

    @Override
    public void rankOneStep(int inputs, int units, float lr, float[] x, float[] dy, float[] parameters, int kernel, int bias) {
        for (int o = 0; o < Kernels.padded(units) && bias != NO_BIAS; o++) {
            parameters[bias + o] = Math.fma(-lr, dy[o] + 0f, parameters[bias + o]);
        }
        for (int o = 0; o < Kernels.padded(units); o += PANEL) {
            for (int k = 0; k < inputs; k++) {
                int w = kernel + (o / PANEL * inputs + k) * PANEL;
                for (int i = 0; i < PANEL; i++) {
                    parameters[w + i] = Math.fma(-lr, Math.fma(x[k], dy[o + i], 0f), parameters[w + i]);
                }
            }
        }
    }

    /**
     * {@code c[i] = fma(a[t], b[t][i], c[i])} for t from 0 to length-1, for 16 neighbours i. Two halves of eight: sixteen sums
     * and their factor need more registers than AVX2 has.
     *
     * @param a element t at {@code aOffset + t * aStride}; read
     * @param b row t from {@code bOffset + t * bStride}; read
     * @param c read and written
     */
    private static void chain(int length, float[] a, int aOffset, int aStride, float[] b, int bOffset, int bStride, float[] c,
            int cOffset) {
        for (int half = 0; half < PANEL; half += 8) {
            int i = cOffset + half;
            float c0 = c[i];
            float c1 = c[i + 1];
            float c2 = c[i + 2];
            float c3 = c[i + 3];
            float c4 = c[i + 4];
            float c5 = c[i + 5];
            float c6 = c[i + 6];
            float c7 = c[i + 7];
            int p = aOffset;
            int q = bOffset + half;
            for (int t = 0; t < length; t++) {
                float factor = a[p];
                c0 = Math.fma(factor, b[q], c0);
                c1 = Math.fma(factor, b[q + 1], c1);
                c2 = Math.fma(factor, b[q + 2], c2);
                c3 = Math.fma(factor, b[q + 3], c3);
                c4 = Math.fma(factor, b[q + 4], c4);
                c5 = Math.fma(factor, b[q + 5], c5);
                c6 = Math.fma(factor, b[q + 6], c6);
                c7 = Math.fma(factor, b[q + 7], c7);
                p += aStride;
                q += bStride;
            }
            c[i] = c0;
            c[i + 1] = c1;
            c[i + 2] = c2;
            c[i + 3] = c3;
            c[i + 4] = c4;
            c[i + 5] = c5;
            c[i + 6] = c6;
            c[i + 7] = c7;
        }
    }

    @Override
    public void relu(float[] a, int length) {
        for (int i = 0; i < length; i++) {
            a[i] = Math.max(a[i], 0f);
        }
    }

    @Override
    public void reluGradient(float[] a, float[] da, int length) {
        for (int i = 0; i < length; i++) {
            da[i] = a[i] > 0 ? da[i] : 0f;
        }
    }

    @Override
    public void sigmoid(float[] a, int length) {
        for (int i = 0; i < length; i++) {
            a[i] = FloatMath.sigmoid(a[i]);
        }
    }

    @Override
    public void tanh(float[] a, int length) {
        for (int i = 0; i < length; i++) {
            a[i] = FloatMath.tanh(a[i]);
        }
    }

    @Override
    public void softmax(int n, int width, float[] a, int stride) {
        for (int b = 0; b < n; b++) {
            int row = b * stride;
            exponentials(width, a, row, a);
            float sum = 0;
            for (int j = row; j < row + width; j++) {
                sum += a[j];
            }
            for (int j = row; j < row + width; j++) {
                a[j] /= sum;
            }
        }
    }

    @Override
    public void exponentials(int n, int width, float[] z, int stride, float[] e, float[] max) {
        for (int b = 0; b < n; b++) {
            max[b] = exponentials(width, z, b * stride, e);
            clear(e, b * stride + width, Math.min(stride, Kernels.padded(width)) - width);
        }
    }

    private static float exponentials(int width, float[] z, int row, float[] e) {
        float max = z[row];
        for (int j = row + 1; j < row + width; j++) {
            max = Math.max(max, z[j]);
        }
        for (int j = row; j < row + width; j++) {
            e[j] = FloatMath.exp(z[j] - max);
        }
        return max;
    }

    @Override
    public double sumOfSquares(float[] a, int offset, int length) {
        return (squares(a, offset, length, 0) + squares(a, offset, length, 2))
                + (squares(a, offset, length, 1) + squares(a, offset, length, 3));
    }

    /** The part of the tree over the sums j, j+4, j+8 and so on up to j+28. */
    private static double squares(float[] a, int offset, int length, int j) {
        return (squareChains(a, offset, length, j) + squareChains(a, offset, length, j + 8))
                + (squareChains(a, offset, length, j + 4) + squareChains(a, offset, length, j + 12));
    }

    /** The sums j and j+16. */
    private static double squareChains(float[] a, int offset, int length, int j) {
        double s0 = 0;
        double s16 = 0;
        int end = offset + length;
        int i = offset + j;
        for (; i + PANEL < end; i += 2 * PANEL) {
            s0 += (double) a[i] * a[i];
            s16 += (double) a[i + PANEL] * a[i + PANEL];
        }
        return i < end ? s0 + (double) a[i] * a[i] + s16 : s0 + s16;
    }

    @Override
    public float shortSumOfSquares(float[] a, int length) {
        return (shortSquares(a, length, 0) + shortSquares(a, length, 2)) + (shortSquares(a, length, 1) + shortSquares(a, length, 3));
    }

    private static float shortSquares(float[] a, int length, int j) {
        return (chainOfSquares(a, length, j) + chainOfSquares(a, length, j + 8))
                + (chainOfSquares(a, length, j + 4) + chainOfSquares(a, length, j + 12));
    }

    private static float chainOfSquares(float[] a, int length, int first) {
        float sum = 0;
        for (int i = first; i < length; i += PANEL) {
            sum = Math.fma(a[i], a[i], sum);
        }
        return sum;
    }

    @Override
    public double sumOfMagnitudes(float[] a, int offset, int length) {
        return (magnitudes(a, offset, length, 0) + magnitudes(a, offset, length, 2))
                + (magnitudes(a, offset, length, 1) + magnitudes(a, offset, length, 3));
    }

    private static double magnitudes(float[] a, int offset, int length, int j) {
        return (magnitudeChains(a, offset, length, j) + magnitudeChains(a, offset, length, j + 8))
                + (magnitudeChains(a, offset, length, j + 4) + magnitudeChains(a, offset, length, j + 12));
    }

    private static double magnitudeChains(float[] a, int offset, int length, int j) {
        double s0 = 0;
        double s16 = 0;
        int end = offset + length;
        int i = offset + j;
        for (; i + PANEL < end; i += 2 * PANEL) {
            s0 += Math.abs(a[i]);
            s16 += Math.abs(a[i + PANEL]);
        }
        return i < end ? s0 + Math.abs(a[i]) + s16 : s0 + s16;
    }

    @Override
    public boolean allFinite(float[] a, int length) {
        boolean finite = true;
        for (int i = 0; i < length; i++) {
            finite &= Math.abs(a[i]) <= Float.MAX_VALUE;
        }
        return finite;
    }

    @Override
    public void sgd(float lr, float[] g, float[] w, float[] newW) {
        Updates.sgd(lr, g, w, newW);
    }

    @Override
    public void adagrad(float lr, float epsilon, float[] g, float[] w, float[] a, float[] newW, float[] newA) {
        Updates.adagrad(lr, epsilon, g, w, a, newW, newA);
    }

    @Override
    public void adam(float alpha, float oneMinusBeta1, float oneMinusBeta2, float epsilon, float[] g, float[] w, float[] m, float[] v,
            float[] newW, float[] newM, float[] newV) {
        Updates.adam(alpha, oneMinusBeta1, oneMinusBeta2, epsilon, g, w, m, v, newW, newM, newV);
    }

    private static void clear(float[] a, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            a[i] = 0;
        }
    }
}
