package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Product.PER_PANEL;
import static dev.millrace.nn.kernel.Product.ZEROS;
import static dev.millrace.nn.kernel.Product.place;
import static dev.millrace.nn.kernel.Tiles.LANES;
import static dev.millrace.nn.kernel.Tiles.SPECIES;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Kernels} by the Vector API, for any number of lanes from 4 to 16. What the compiler vectorises by itself is left to
 * {@link PlainKernels}; the matrix products are in {@link Product} and {@link TransposedProduct}.
 */
public final class VectorKernels implements Kernels {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_512; // used with 16 lanes only
    private static final VectorShuffle<Float> BY_8 = rotation(8);
    private static final VectorShuffle<Float> BY_4 = rotation(4);
    private static final VectorShuffle<Float> BY_2 = rotation(2);
    private static final VectorShuffle<Float> BY_1 = rotation(1);

    /** With so many inputs it is worth copying what they are multiplied with, so that each of its vectors lies in one {@link CacheLines line}. */
    private static final int LEAST_TO_PACK = 256;

    /** With so many samples, 16 columns of x and a tile's two vectors of each row fill the nearest cache, unless the columns are copied too. */
    private static final int LEAST_TO_PACK_BOTH = 192;

    private final PlainKernels plain = new PlainKernels();
    private final CacheLines lines = new CacheLines();
    private final Product product = new Product(lines);

    /** Whether this machine has vectors of a width these loops are written for. */
    static boolean fits() {
        return LANES >= 4 && LANES <= PANEL;
    }

    private static VectorShuffle<Float> rotation(int distance) {
        return VectorShuffle.fromOp(SPECIES, lane -> (lane + distance) % LANES);
    }

    @Override
    public String toString() {
        return "vector loops of " + LANES + " lanes";
    }

    @Override
    public void forward(int n, int inputs, int units, float[] x, int xStride, float[] parameters, int kernel, int bias, float[] y,
            int yStride) {
        int vectors = Kernels.padded(units) / LANES;
        float[] start = bias == NO_BIAS ? ZEROS : parameters;
        int startAt = bias == NO_BIAS ? 0 : bias;
        int startNext = bias == NO_BIAS ? 0 : LANES;
        if (n == 1) { // the calls through a product would take as long as the row of a small layer
            product.row(vectors, inputs, x, 0, parameters, kernel, inputs * PANEL, start, startAt, startNext, y, 0, PANEL);
        } else {
            product.compute(n, vectors, inputs, x, 0, xStride, parameters, kernel, inputs * PANEL, start, startAt, startNext, y, 0, PANEL,
                    yStride);
        }
    }

    @Override
    public void weightGradient(int n, int inputs, int units, float[] x, int xStride, float[] dy, int dyStride, float[] gradients,
            int kernel, Scratch scratch) {
        int vectors = Kernels.padded(units) / LANES;
        if (inputs < LEAST_TO_PACK || units <= PANEL) {
            TransposedProduct.compute(inputs, vectors, n, x, 0, xStride, dy, 0, PANEL, dyStride, gradients, kernel, inputs * PANEL);
        } else {
            int from = scratch.start();
            pack(n, vectors, dy, 0, dyStride, scratch.array, from);
            int block = from + n * Kernels.padded(units);
            if (vectors > 2 && LANES == PANEL && n >= PANEL && (units - 1) % PANEL < TransposedProduct.FEW) {
                vectors--;
                TransposedProduct.lastColumns(inputs, n, x, xStride, scratch.array, from + vectors * n * PANEL, PANEL, gradients,
                        kernel + vectors * inputs * PANEL, scratch.array, block);
            }
            int k = 0;
            if (n >= LEAST_TO_PACK_BOTH) {
                for (; k + PANEL <= inputs; k += PANEL) {
                    pack(n, PER_PANEL, x, k, xStride, scratch.array, block);
                    TransposedProduct.compute(PANEL, vectors, n, scratch.array, block, PANEL, scratch.array, from, n * PANEL, PANEL,
                            gradients, kernel + k * PANEL, inputs * PANEL);
                }
            }
            TransposedProduct.compute(inputs - k, vectors, n, x, k, xStride, scratch.array, from, n * PANEL, PANEL, gradients,
                    kernel + k * PANEL, inputs * PANEL);
        }
    }

    /** Copies rows, from column {@code aAt} on, into panels. */
    private static void pack(int rows, int vectors, float[] a, int aAt, int stride, float[] panels, int from) {
        for (int v = 0; v < vectors; v++) {
            int i = aAt + v * LANES;
            int j = from + place(v, rows * PANEL);
            for (int r = 0; r < rows; r++) {
                FloatVector.fromArray(SPECIES, a, i).intoArray(panels, j);
                i += stride;
                j += PANEL;
            }
        }
    }

    @Override
    public void inputGradient(int n, int inputs, int units, float[] dy, int dyStride, float[] parameters, int kernel, Scratch scratch,
            float[] dx, int dxStride) {
        if (n <= MOST_ROWS_OF_DOTS) {
            for (int b = 0; b < n; b++) {
                dots(inputs, units, dy, b * dyStride, parameters, kernel, dx, b * dxStride);
            }
        } else {
            // By a few panels, so that what was transposed is still near when it is multiplied.
            int panels = Kernels.padded(inputs) / PANEL;
            int height = Kernels.padded(units) * PANEL;
            int from = inputs < LEAST_TO_PACK ? 0 : scratch.start();
            for (int p = 0; p < panels;) {
                int count = panels - p <= Scratch.PANELS ? panels - p : Scratch.PANELS - 1; // never only one that is left over
                for (int i = 0; i < count; i++) {
                    transpose(inputs, units, parameters, kernel, (p + i) * PANEL, scratch.array, from + i * height);
                }
                product.compute(n, count * PER_PANEL, units, dy, 0, dyStride, scratch.array, from, height, ZEROS, 0, 0, dx, p * PANEL,
                        PANEL, dxStride);
                p += count;
            }
        }
    }

    /** As {@link PlainKernels} does it. */
    private static void transpose(int inputs, int units, float[] parameters, int kernel, int k, float[] transposed, int at) {
        int rows = Math.min(PANEL, inputs - k);
        for (int o = 0; o < units; o += PANEL) {
            int from = kernel + (o / PANEL * inputs + k) * PANEL;
            int to = at + o * PANEL;
            if (LANES == PANEL && from + PANEL * PANEL <= parameters.length) {
                Transposition.block(rows, parameters, from, transposed, to);
            } else {
                PlainKernels.transposeBlock(rows, parameters, from, transposed, to);
            }
        }
    }

    /** {@code dx[k] = Σ_o dy[o] w[k][o]} for every k, in the order of {@link Kernels#inputGradient} for few rows. */
    private static void dots(int inputs, int units, float[] dy, int dyAt, float[] parameters, int kernel, float[] dx, int dxAt) {
        int panels = Kernels.padded(units) / PANEL;
        int done = 0;
        if (LANES == PANEL && inputs >= 4) {
            for (; done < inputs; done += 4) {
                int k = Math.min(done, inputs - 4);
                fourDots(panels, dy, dyAt, parameters, kernel + k * PANEL, inputs * PANEL, dx, dxAt + k);
            }
        }
        for (int k = done; k < inputs; k++) {
            dx[dxAt + k] = dot(panels, dy, dyAt, parameters, kernel + k * PANEL, inputs * PANEL);
        }
        for (int k = inputs; k < Kernels.padded(inputs); k++) {
            dx[dxAt + k] = 0;
        }
    }

    /** Four rows of w at once, of which each vector of dy is read once; for 16 lanes. */
    private static void fourDots(int panels, float[] dy, int dyAt, float[] w, int wAt, int panelDistance, float[] dx, int dxAt) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = dyAt;
        int j = wAt;
        for (int p = 0; p < panels; p++) {
            FloatVector d = FloatVector.fromArray(SPECIES, dy, i);
            s0 = d.fma(FloatVector.fromArray(SPECIES, w, j), s0);
            s1 = d.fma(FloatVector.fromArray(SPECIES, w, j + PANEL), s1);
            s2 = d.fma(FloatVector.fromArray(SPECIES, w, j + 2 * PANEL), s2);
            s3 = d.fma(FloatVector.fromArray(SPECIES, w, j + 3 * PANEL), s3);
            i += PANEL;
            j += panelDistance;
        }
        s0 = s0.add(s0.rearrange(BY_8));
        s1 = s1.add(s1.rearrange(BY_8));
        s2 = s2.add(s2.rearrange(BY_8));
        s3 = s3.add(s3.rearrange(BY_8));
        s0 = s0.add(s0.rearrange(BY_4));
        s1 = s1.add(s1.rearrange(BY_4));
        s2 = s2.add(s2.rearrange(BY_4));
        s3 = s3.add(s3.rearrange(BY_4));
        s0 = s0.add(s0.rearrange(BY_2));
        s1 = s1.add(s1.rearrange(BY_2));
        s2 = s2.add(s2.rearrange(BY_2));
        s3 = s3.add(s3.rearrange(BY_2));
        dx[dxAt] = s0.add(s0.rearrange(BY_1)).lane(0);
        dx[dxAt + 1] = s1.add(s1.rearrange(BY_1)).lane(0);
        dx[dxAt + 2] = s2.add(s2.rearrange(BY_1)).lane(0);
        dx[dxAt + 3] = s3.add(s3.rearrange(BY_1)).lane(0);
    }

    /** One row of w; for 16 lanes with fewer rows than four, otherwise for all. */
    private static float dot(int panels, float[] dy, int dyAt, float[] w, int wAt, int panelDistance) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = dyAt;
        int j = wAt;
        for (int p = 0; p < panels; p++) {
            s0 = FloatVector.fromArray(SPECIES, dy, i).fma(FloatVector.fromArray(SPECIES, w, j), s0);
            if (LANES < 16) {
                s1 = FloatVector.fromArray(SPECIES, dy, i + LANES).fma(FloatVector.fromArray(SPECIES, w, j + LANES), s1);
            }
            if (LANES < 8) {
                s2 = FloatVector.fromArray(SPECIES, dy, i + 2 * LANES).fma(FloatVector.fromArray(SPECIES, w, j + 2 * LANES), s2);
                s3 = FloatVector.fromArray(SPECIES, dy, i + 3 * LANES).fma(FloatVector.fromArray(SPECIES, w, j + 3 * LANES), s3);
            }
            i += PANEL;
            j += panelDistance;
        }
        if (LANES < 8) { // lanes j and j + 8 are in vectors 0 and 2, 1 and 3
            s0 = s0.add(s2).add(s1.add(s3));
        } else if (LANES < 16) {
            s0 = s0.add(s1);
            s0 = s0.add(s0.rearrange(BY_4));
        } else {
            s0 = s0.add(s0.rearrange(BY_8));
            s0 = s0.add(s0.rearrange(BY_4));
        }
        s0 = s0.add(s0.rearrange(BY_2));
        return s0.add(s0.rearrange(BY_1)).lane(0);
    }

    @Override
    public void rankOneStep(int inputs, int units, float lr, float[] x, float[] dy, float[] parameters, int kernel, int bias) {
        if (LANES == PANEL && inputs >= AlignedRows.LEAST) {
            AlignedRows.rankOneStep(lines.next(parameters, kernel), inputs, Kernels.padded(units) / PANEL, lr, x, dy, parameters, kernel,
                    bias);
            return;
        }
        FloatVector minusRate = FloatVector.broadcast(SPECIES, -lr);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int v = 0; v < Kernels.padded(units) / LANES; v++) {
            FloatVector d = FloatVector.fromArray(SPECIES, dy, v * LANES);
            if (bias != NO_BIAS) {
                minusRate.fma(d.add(zero), FloatVector.fromArray(SPECIES, parameters, bias + v * LANES)).intoArray(parameters,
                        bias + v * LANES);
            }
            int w = kernel + place(v, inputs * PANEL);
            for (int k = 0; k < inputs; k++) {
                FloatVector g = FloatVector.broadcast(SPECIES, x[k]).fma(d, zero);
                minusRate.fma(g, FloatVector.fromArray(SPECIES, parameters, w)).intoArray(parameters, w);
                w += PANEL;
            }
        }
    }

    @Override
    public void forward(NarrowLayers layers, float[] parameters, float[] x, float[][] y) {
        if (LANES == PANEL) {
            NarrowVectors.forward(layers, parameters, x, y);
        } else {
            Kernels.super.forward(layers, parameters, x, y);
        }
    }

    @Override
    public void backward(NarrowLayers layers, float[] parameters, float[][] y, float[][] dy) {
        if (LANES == PANEL) {
            NarrowVectors.backward(layers, parameters, y, dy);
        } else {
            Kernels.super.backward(layers, parameters, y, dy);
        }
    }

    @Override
    public void shortSumsOfSquares(float[][] rows, int count, float[] sums) {
        if (LANES == PANEL) {
            NarrowVectors.shortSumsOfSquares(rows, count, sums);
        } else {
            Kernels.super.shortSumsOfSquares(rows, count, sums);
        }
    }

    @Override
    public void rankOneStep(NarrowLayers layers, float lr, float[] x, float[][] y, float[][] dy, float[] parameters) {
        if (LANES == PANEL) {
            NarrowVectors.rankOneStep(layers, lr, x, y, dy, parameters);
        } else {
            Kernels.super.rankOneStep(layers, lr, x, y, dy, parameters);
        }
    }

    @Override
    public void biasGradient(int n, int units, float[] dy, int dyStride, float[] gradients, int bias) {
        for (int o = 0; o < Kernels.padded(units); o += LANES) {
            FloatVector s0 = FloatVector.zero(SPECIES);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            int i = o;
            int b = 0;
            for (; b + 4 <= n; b += 4) {
                s0 = s0.add(FloatVector.fromArray(SPECIES, dy, i));
                s1 = s1.add(FloatVector.fromArray(SPECIES, dy, i + dyStride));
                s2 = s2.add(FloatVector.fromArray(SPECIES, dy, i + 2 * dyStride));
                s3 = s3.add(FloatVector.fromArray(SPECIES, dy, i + 3 * dyStride));
                i += 4 * dyStride;
            }
            if (b < n) {
                s0 = s0.add(FloatVector.fromArray(SPECIES, dy, i));
            }
            if (b + 1 < n) {
                s1 = s1.add(FloatVector.fromArray(SPECIES, dy, i + dyStride));
            }
            if (b + 2 < n) {
                s2 = s2.add(FloatVector.fromArray(SPECIES, dy, i + 2 * dyStride));
            }
            s0.add(s1).add(s2.add(s3)).intoArray(gradients, bias + o);
        }
    }

    @Override
    public void relu(float[] a, int length) {
        FloatVector zero = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i + LANES <= length; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, a, i);
            v.blend(zero, v.compare(VectorOperators.LE, zero)).intoArray(a, i); // two instructions; a maximum is five
        }
        for (; i < length; i++) {
            a[i] = Math.max(a[i], 0);
        }
    }

    @Override
    public void reluGradient(float[] a, float[] da, int length) {
        FloatVector zero = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i + LANES <= length; i += LANES) {
            zero.blend(FloatVector.fromArray(SPECIES, da, i), FloatVector.fromArray(SPECIES, a, i).compare(VectorOperators.GT, 0))
                    .intoArray(da, i);
        }
        for (; i < length; i++) {
            da[i] = a[i] > 0 ? da[i] : 0;
        }
    }

    @Override
    public void sigmoid(float[] a, int length) {
        VectorMath.sigmoid(a, length);
    }

    @Override
    public void tanh(float[] a, int length) {
        VectorMath.tanh(a, length);
    }

    @Override
    public void softmax(int n, int width, float[] a, int stride) {
        if (!wholeVectors(width, stride)) {
            plain.softmax(n, width, a, stride);
            return;
        }
        for (int b = 0; b < n; b++) {
            int row = b * stride;
            VectorMath.exponentials(width, a, row, a);
            float sum = 0;
            for (int j = row; j < row + width; j++) {
                sum += a[j];
            }
            for (int j = row; j < row + width; j += LANES) {
                FloatVector.fromArray(SPECIES, a, j).div(sum).intoArray(a, j);
            }
        }
    }

    @Override
    public void exponentials(int n, int width, float[] z, int stride, float[] e, float[] max) {
        if (!wholeVectors(width, stride)) {
            plain.exponentials(n, width, z, stride, e, max);
            return;
        }
        for (int b = 0; b < n; b++) {
            max[b] = VectorMath.exponentials(width, z, b * stride, e);
        }
    }

    private static boolean wholeVectors(int width, int stride) {
        return (width + LANES - 1) / LANES * LANES <= stride;
    }

    @Override
    public double sumOfSquares(float[] a, int offset, int length) {
        if (LANES < PANEL) {
            return plain.sumOfSquares(a, offset, length);
        }
        // Half vectors would be read faster; but two species of float vectors in one program cost the compiler its certainty which one
        // a loop holds, and then it makes objects of them.
        DoubleVector s0 = DoubleVector.zero(DOUBLES);
        DoubleVector s1 = s0;
        DoubleVector s2 = s0;
        DoubleVector s3 = s0;
        int end = offset + length;
        int i = offset;
        for (; i + 2 * PANEL <= end; i += 2 * PANEL) {
            DoubleVector d = (DoubleVector) FloatVector.fromArray(SPECIES, a, i).convertShape(VectorOperators.F2D, DOUBLES, 0);
            s0 = d.fma(d, s0);
            d = (DoubleVector) FloatVector.fromArray(SPECIES, a, i).convertShape(VectorOperators.F2D, DOUBLES, 1);
            s1 = d.fma(d, s1);
            d = (DoubleVector) FloatVector.fromArray(SPECIES, a, i + 16).convertShape(VectorOperators.F2D, DOUBLES, 0);
            s2 = d.fma(d, s2);
            d = (DoubleVector) FloatVector.fromArray(SPECIES, a, i + 16).convertShape(VectorOperators.F2D, DOUBLES, 1);
            s3 = d.fma(d, s3);
        }
        if (i < end) {
            DoubleVector d = (DoubleVector) FloatVector.fromArray(SPECIES, a, i).convertShape(VectorOperators.F2D, DOUBLES, 0);
            s0 = d.fma(d, s0);
            d = (DoubleVector) FloatVector.fromArray(SPECIES, a, i).convertShape(VectorOperators.F2D, DOUBLES, 1);
            s1 = d.fma(d, s1);
        }
        DoubleVector s = s0.add(s2).add(s1.add(s3));
        return ((s.lane(0) + s.lane(4)) + (s.lane(2) + s.lane(6))) + ((s.lane(1) + s.lane(5)) + (s.lane(3) + s.lane(7)));
    }

    @Override
    public float shortSumOfSquares(float[] a, int length) {
        if (LANES < PANEL) {
            return plain.shortSumOfSquares(a, length);
        }
        FloatVector s = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i + LANES <= length; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, a, i);
            s = v.fma(v, s);
        }
        if (i < length) {
            FloatVector v = FloatVector.fromArray(SPECIES, a, i, SPECIES.indexInRange(i, length));
            s = v.fma(v, s);
        }
        s = s.add(s.rearrange(BY_8));
        s = s.add(s.rearrange(BY_4));
        s = s.add(s.rearrange(BY_2));
        return s.add(s.rearrange(BY_1)).lane(0);
    }

    @Override
    public double sumOfMagnitudes(float[] a, int offset, int length) {
        return plain.sumOfMagnitudes(a, offset, length);
    }

    @Override
    public boolean allFinite(float[] a, int length) {
        FloatVector nothing = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i + LANES <= length; i += LANES) {
            nothing = FloatVector.fromArray(SPECIES, a, i).fma(FloatVector.zero(SPECIES), nothing); // 0 times infinity is NaN
        }
        boolean finite = nothing.compare(VectorOperators.EQ, 0).allTrue();
        for (; i < length; i++) {
            finite &= Math.abs(a[i]) <= Float.MAX_VALUE;
        }
        return finite;
    }

    @Override
    public void sgd(float lr, float[] g, float[] w, float[] newW) {
        FloatVector minusRate = FloatVector.broadcast(SPECIES, -lr);
        for (int i = 0; i < w.length; i += LANES) {
            minusRate.fma(FloatVector.fromArray(SPECIES, g, i), FloatVector.fromArray(SPECIES, w, i)).intoArray(newW, i);
        }
    }

    @Override
    public void adagrad(float lr, float epsilon, float[] g, float[] w, float[] a, float[] newW, float[] newA) {
        for (int i = 0; i < w.length; i += LANES) {
            FloatVector gradient = FloatVector.fromArray(SPECIES, g, i);
            FloatVector next = gradient.fma(gradient, FloatVector.fromArray(SPECIES, a, i));
            next.intoArray(newA, i);
            FloatVector.fromArray(SPECIES, w, i).sub(gradient.mul(lr).div(next.add(epsilon).sqrt())).intoArray(newW, i);
        }
    }

    @Override
    public void adam(float alpha, float oneMinusBeta1, float oneMinusBeta2, float epsilon, float[] g, float[] w, float[] m, float[] v,
            float[] newW, float[] newM, float[] newV) {
        FloatVector beta1 = FloatVector.broadcast(SPECIES, oneMinusBeta1);
        FloatVector beta2 = FloatVector.broadcast(SPECIES, oneMinusBeta2);
        for (int i = 0; i < w.length; i += LANES) {
            FloatVector gradient = FloatVector.fromArray(SPECIES, g, i);
            FloatVector oldM = FloatVector.fromArray(SPECIES, m, i);
            FloatVector oldV = FloatVector.fromArray(SPECIES, v, i);
            FloatVector nextM = gradient.sub(oldM).fma(beta1, oldM);
            FloatVector nextV = gradient.fma(gradient, oldV.neg()).fma(beta2, oldV);
            nextM.intoArray(newM, i);
            nextV.intoArray(newV, i);
            FloatVector.fromArray(SPECIES, w, i).sub(nextM.mul(alpha).div(nextV.sqrt().add(epsilon))).intoArray(newW, i);
        }
    }
}
