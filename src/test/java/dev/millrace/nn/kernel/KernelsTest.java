package dev.millrace.nn.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The contract of {@link Kernels}, against an oracle that applies its formulas to plain row-major matrices. */
class KernelsTest {
    /** 63 and 64 are on both sides of {@link AlignedRows#LEAST}; with 260 inputs and more than 16 units gradients are packed. */
    private static final int[] SIZES = { 1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 63, 64, 100, 260};

    private static final List<Kernels> IMPLEMENTATIONS = List.of(new PlainKernels(), new VectorKernels());

    @Property(tries = 300)
    void productsAreTheWrittenChains(@ForAll @IntRange(min = 1, max = 9) int n, @ForAll @IntRange(max = 14) int inputsIndex,
            @ForAll @IntRange(max = 13) int unitsIndex, @ForAll long seed) {
        Layer layer = new Layer(n, SIZES[inputsIndex], SIZES[unitsIndex], seed);
        for (Kernels kernels : IMPLEMENTATIONS) {
            layer.checkForward(kernels);
            layer.checkWeightGradient(kernels);
            layer.checkBiasGradient(kernels);
            layer.checkInputGradient(kernels);
            layer.checkRankOneStep(kernels);
        }
    }

    /** The kernel begins anywhere in a cache line, and rows of few samples may be read from line to line. */
    @Test
    void fewSamplesMeetLargeLayersWhereverTheyBegin() {
        for (int start = 0; start < 16; start++) {
            for (int n = 1; n <= 3; n++) {
                for (int inputs : new int[]{ AlignedRows.LEAST - 1, AlignedRows.LEAST, 100}) {
                    Layer layer = new Layer(n, inputs, inputs == 100 ? 49 : 100, start << 3);
                    for (Kernels kernels : IMPLEMENTATIONS) {
                        layer.checkForward(kernels);
                        layer.checkInputGradient(kernels);
                        layer.checkRankOneStep(kernels);
                    }
                }
            }
        }
    }

    /** One or both factors of the weights' gradient are copied; with rows left over, and a last panel of few or many columns. */
    @Test
    void manySamplesMeetLargeLayers() {
        for (int n : new int[]{ 15, 16, 191, 192, 201}) {
            for (int inputs : new int[]{ 256, 258, 260}) {
                for (int units : new int[]{ 33, 36, 37, 52, 70}) {
                    Layer layer = new Layer(n, inputs, units, n);
                    for (Kernels kernels : IMPLEMENTATIONS) {
                        layer.checkWeightGradient(kernels);
                        layer.checkInputGradient(kernels);
                    }
                }
            }
        }
    }

    /** Rows that lie a panel apart, as those between narrow layers do, and others. */
    @Test
    void manySamplesMeetNarrowLayers() {
        for (int n : new int[]{ 16, 31, 37}) {
            for (int inputs : new int[]{ 8, 10, 16}) {
                for (int units : new int[]{ 1, 10, 16}) {
                    Layer layer = new Layer(n, inputs, units, Kernels.PANEL - inputs);
                    for (Kernels kernels : IMPLEMENTATIONS) {
                        layer.checkForward(kernels);
                        layer.checkWeightGradient(kernels);
                        layer.checkInputGradient(kernels);
                    }
                }
            }
        }
    }

    @Property(tries = 300)
    void narrowLayersAreWhatLayerByLayerGives(@ForAll @IntRange(min = 1, max = 40) int inputs,
            @ForAll @IntRange(min = 1, max = 16) int first,
            @ForAll @IntRange(min = 1, max = 16) int second, @ForAll boolean biased, @ForAll long seed) {
        Layer bottom = new Layer(1, inputs, first, seed);
        Layer middle = new Layer(1, first, second, seed + 1);
        Layer top = new Layer(1, second, 1, seed + 2);
        int middleAt = bottom.parameters.length;
        int topAt = middleAt + middle.parameters.length;
        float[] parameters = Arrays.copyOf(bottom.parameters, topAt + top.parameters.length);
        System.arraycopy(middle.parameters, 0, parameters, middleAt, middle.parameters.length);
        System.arraycopy(top.parameters, 0, parameters, topAt, top.parameters.length);
        NarrowLayers layers = new NarrowLayers(new int[]{ inputs, first, second}, new int[]{ first, second, 1},
                new int[]{ bottom.kernel, middleAt + middle.kernel, topAt + top.kernel},
                biased
                        ? new int[]{ bottom.bias, middleAt + middle.bias, topAt + top.bias}
                        : new int[]{ Kernels.NO_BIAS, Kernels.NO_BIAS, Kernels.NO_BIAS});
        List<float[]> expected = null;
        for (Kernels kernels : IMPLEMENTATIONS) {
            float[] weights = parameters.clone();
            float[][] y = new float[3][16];
            float[][] dy = { new float[16], new float[16], top.dy};
            float[] sums = new float[5];
            kernels.forward(layers, weights, bottom.x, y);
            kernels.backward(layers, weights, y, dy);
            kernels.shortSumsOfSquares(new float[][]{ y[0], y[1], dy[0], dy[1], dy[2]}, 5, sums);
            kernels.rankOneStep(layers, 0.1f, bottom.x, y, dy, weights);
            List<float[]> actual = List.of(y[0], y[1], y[2], dy[0], dy[1], sums, weights);
            if (expected != null) {
                for (int i = 0; i < actual.size(); i++) {
                    for (int j = 0; j < actual.get(i).length; j++) {
                        assertSameBits("array " + i, actual.get(i)[j], expected.get(i)[j]);
                    }
                }
            }
            expected = actual;
        }
    }

    /** One dense layer with random numbers: x and dy in padded rows, w in panels after a few foreign elements. */
    private static final class Layer {
        final int n;
        final int inputs;
        final int units;
        final int xStride;
        final int yStride;
        final int kernel;
        final int bias;
        final float[] x;
        final float[] dy;
        final float[] parameters;

        Layer(int n, int inputs, int units, long seed) {
            this.n = n;
            this.inputs = inputs;
            this.units = units;
            this.xStride = inputs + (int) (seed & 7);
            this.yStride = Kernels.padded(units);
            this.kernel = 5 + (int) (seed >>> 3 & 15);
            this.bias = kernel + inputs * yStride;
            SplittableRandom random = new SplittableRandom(seed);
            this.x = random(random, n * xStride);
            this.dy = random(random, n * yStride);
            for (int i = 0; i < dy.length; i++) {
                dy[i] = i % yStride < units ? dy[i] : 0;
            }
            this.parameters = random(random, bias + yStride);
            for (int o = units; o < yStride; o++) {
                for (int k = 0; k < inputs; k++) {
                    parameters[index(k, o)] = 0;
                }
                parameters[bias + o] = 0;
            }
        }

        private static float[] random(SplittableRandom random, int length) {
            float[] values = new float[length];
            for (int i = 0; i < length; i++) {
                values[i] = (float) (random.nextDouble() * 2 - 1);
            }
            return values;
        }

        private int index(int k, int o) {
            return kernel + o / 16 * 16 * inputs + k * 16 + o % 16;
        }

        void checkForward(Kernels kernels) {
            for (int offset : new int[]{ bias, Kernels.NO_BIAS}) {
                float[] y = new float[n * yStride];
                kernels.forward(n, inputs, units, x, xStride, parameters, kernel, offset, y, yStride);
                for (int b = 0; b < n; b++) {
                    for (int o = 0; o < yStride; o++) {
                        float expected = offset == Kernels.NO_BIAS ? 0 : parameters[offset + o];
                        for (int k = 0; k < inputs; k++) {
                            expected = Math.fma(x[b * xStride + k], parameters[index(k, o)], expected);
                        }
                        assertSameBits("y", y[b * yStride + o], expected);
                    }
                }
            }
        }

        void checkWeightGradient(Kernels kernels) {
            float[] gradients = new float[parameters.length];
            Arrays.fill(gradients, 7);
            Scratch scratch = scratch();
            kernels.weightGradient(n, inputs, units, x, xStride, dy, yStride, gradients, kernel, scratch);
            for (int k = 0; k < inputs; k++) {
                for (int o = 0; o < yStride; o++) {
                    float expected = 0;
                    for (int b = 0; b < n; b++) {
                        expected = Math.fma(x[b * xStride + k], dy[b * yStride + o], expected);
                    }
                    assertSameBits("dw", gradients[index(k, o)], expected);
                }
            }
            assertThat(gradients[kernel - 1]).isEqualTo(7);
            assertThat(gradients[bias]).isEqualTo(7);
        }

        void checkBiasGradient(Kernels kernels) {
            float[] gradients = new float[parameters.length];
            kernels.biasGradient(n, units, dy, yStride, gradients, bias);
            for (int o = 0; o < yStride; o++) {
                float[] sums = new float[4];
                for (int b = 0; b < n; b++) {
                    sums[b % 4] += dy[b * yStride + o];
                }
                assertSameBits("db", gradients[bias + o], (sums[0] + sums[1]) + (sums[2] + sums[3]));
            }
        }

        void checkInputGradient(Kernels kernels) {
            int dxStride = Kernels.padded(inputs);
            Scratch scratch = scratch();
            float[] dx = new float[n * dxStride];
            Arrays.fill(dx, 7);
            kernels.inputGradient(n, inputs, units, dy, yStride, parameters, kernel, scratch, dx, dxStride);
            for (int b = 0; b < n; b++) {
                for (int k = 0; k < dxStride; k++) {
                    float expected = k >= inputs ? 0 : n > 2 ? chain(b, k) : sixteenChains(b, k);
                    assertSameBits("dx", dx[b * dxStride + k], expected);
                }
            }
        }

        private Scratch scratch() {
            Scratch scratch = Scratch.of(n, units);
            Arrays.fill(scratch.array, 7);
            return scratch;
        }

        private float chain(int b, int k) {
            float sum = 0;
            for (int o = 0; o < units; o++) {
                sum = Math.fma(dy[b * yStride + o], parameters[index(k, o)], sum);
            }
            return sum;
        }

        private float sixteenChains(int b, int k) {
            float[] sums = new float[16];
            for (int o = 0; o < yStride; o++) {
                sums[o % 16] = Math.fma(dy[b * yStride + o], parameters[index(k, o)], sums[o % 16]);
            }
            return tree(sums);
        }

        static float tree(float[] sums) {
            for (int half = 8; half > 0; half /= 2) {
                for (int j = 0; j < half; j++) {
                    sums[j] += sums[j + half];
                }
            }
            return sums[0];
        }

        void checkRankOneStep(Kernels kernels) {
            float[] next = parameters.clone();
            kernels.rankOneStep(inputs, units, 0.1f, x, dy, next, kernel, bias);
            for (int k = 0; k < inputs; k++) {
                for (int o = 0; o < yStride; o++) {
                    float expected = Math.fma(-0.1f, Math.fma(x[k], dy[o], 0f), parameters[index(k, o)]);
                    assertSameBits("w", next[index(k, o)], expected);
                }
            }
            for (int o = 0; o < yStride; o++) {
                assertSameBits("bias", next[bias + o], Math.fma(-0.1f, dy[o] + 0f, parameters[bias + o]));
            }
            assertThat(next[kernel - 1]).isEqualTo(parameters[kernel - 1]);
        }
    }

    @Property(tries = 100)
    void sumsRunOverThirtyTwoLanesAndATree(@ForAll @IntRange(max = 20) int panels, @ForAll @IntRange(max = 33) int offset,
            @ForAll long seed) {
        float[] a = Layer.random(new SplittableRandom(seed), offset + panels * 16 + 5);
        double[] squares = new double[32];
        double[] magnitudes = new double[32];
        for (int i = 0; i < panels * 16; i++) {
            squares[i % 32] += (double) a[offset + i] * a[offset + i];
            magnitudes[i % 32] += Math.abs(a[offset + i]);
        }
        float[] shortSquares = new float[16];
        int count = panels * 16 + offset % 16;
        float[] few = Arrays.copyOf(a, count + 3);
        for (int i = 0; i < count; i++) {
            shortSquares[i % 16] = Math.fma(few[i], few[i], shortSquares[i % 16]);
        }
        float shortSum = Layer.tree(shortSquares);
        for (Kernels kernels : IMPLEMENTATIONS) {
            assertSameBits("short sum", kernels.shortSumOfSquares(few, count), shortSum);
        }
        double squaresSum = tree(squares);
        double magnitudesSum = tree(magnitudes);
        for (Kernels kernels : IMPLEMENTATIONS) {
            assertThat(kernels.sumOfSquares(a, offset, panels * 16)).isEqualTo(squaresSum);
            assertThat(kernels.sumOfMagnitudes(a, offset, panels * 16)).isEqualTo(magnitudesSum);
        }
    }

    private static double tree(double[] lanes) {
        for (int half = 16; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) {
                lanes[j] += lanes[j + half];
            }
        }
        return lanes[0];
    }

    @ParameterizedTest
    @FieldSource("IMPLEMENTATIONS")
    void softmaxSumsInOrderAndSurvivesLargeLogits(Kernels kernels) {
        for (int stride : new int[]{ 3, 4, 16, 32}) {
            float[] a = new float[2 * stride];
            System.arraycopy(new float[]{ 1000, 999, 998}, 0, a, 0, 3);
            kernels.softmax(2, 3, a, stride);
            float e1 = FloatMath.exp(-1);
            float e2 = FloatMath.exp(-2);
            float sum = 1 + e1 + e2;
            assertThat(Arrays.copyOf(a, 3)).containsExactly(1 / sum, e1 / sum, e2 / sum);
            assertThat(Arrays.copyOfRange(a, stride, stride + 3)).containsExactly(1 / 3f, 1 / 3f, 1 / 3f);
        }
    }

    @Property(tries = 100)
    void exponentialsAreThoseOfTheDistanceToTheMaximum(@ForAll @IntRange(min = 1, max = 40) int width, @ForAll boolean padded,
            @ForAll long seed) {
        int stride = padded ? Kernels.padded(width) : width;
        float[] z = Layer.random(new SplittableRandom(seed), 3 * stride);
        for (Kernels kernels : IMPLEMENTATIONS) {
            float[] e = new float[3 * stride];
            Arrays.fill(e, 7);
            float[] max = new float[3];
            kernels.exponentials(3, width, z, stride, e, max);
            for (int i = 0; i < e.length; i++) {
                int row = i / stride;
                float largest = Float.NEGATIVE_INFINITY;
                for (int j = 0; j < width; j++) {
                    largest = Math.max(largest, z[row * stride + j]);
                }
                assertSameBits("max", max[row], largest);
                assertSameBits("e", e[i], i % stride < width ? FloatMath.exp(z[i] - largest) : 0);
            }
        }
    }

    @Property(tries = 100)
    void updatesAreTheWrittenFormulasAlsoInPlace(@ForAll @IntRange(max = 5) int panels, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int length = 16 * panels;
        float[] g = Layer.random(random, length);
        float[] w = Layer.random(random, length);
        float[] m = Layer.random(random, length);
        float[] v = Layer.random(random, length);
        for (int i = 0; i < length; i++) {
            v[i] = Math.abs(v[i]);
        }
        for (Kernels kernels : IMPLEMENTATIONS) {
            float[] newW = w.clone();
            kernels.sgd(0.1f, g, newW, newW);
            float[] adagradW = w.clone();
            float[] adagradA = v.clone();
            kernels.adagrad(0.1f, 1e-7f, g, adagradW, adagradA, adagradW, adagradA);
            float[] adamW = w.clone();
            float[] adamM = m.clone();
            float[] adamV = v.clone();
            kernels.adam(0.1f, 0.1f, 0.001f, 1e-7f, g, adamW, adamM, adamV, adamW, adamM, adamV);
            for (int i = 0; i < length; i++) {
                assertSameBits("sgd", newW[i], Math.fma(-0.1f, g[i], w[i]));
                float a = Math.fma(g[i], g[i], v[i]);
                assertSameBits("adagrad a", adagradA[i], a);
                assertSameBits("adagrad w", adagradW[i], w[i] - 0.1f * g[i] / (float) Math.sqrt(a + 1e-7f));
                float nextM = Math.fma(g[i] - m[i], 0.1f, m[i]);
                float nextV = Math.fma(Math.fma(g[i], g[i], -v[i]), 0.001f, v[i]);
                assertSameBits("adam m", adamM[i], nextM);
                assertSameBits("adam v", adamV[i], nextV);
                assertSameBits("adam w", adamW[i], w[i] - 0.1f * nextM / ((float) Math.sqrt(nextV) + 1e-7f));
            }
        }
    }

    @ParameterizedTest
    @FieldSource("IMPLEMENTATIONS")
    void findsWhatIsNotFinite(Kernels kernels) {
        for (float bad : new float[]{ Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] a = new float[33];
            Arrays.fill(a, -Float.MAX_VALUE);
            assertThat(kernels.allFinite(a, 33)).isTrue();
            a[32] = bad;
            assertThat(kernels.allFinite(a, 33)).isFalse();
            assertThat(kernels.allFinite(a, 32)).isTrue();
            assertThat(kernels.sumOfSquares(a, 17, 16)).isNotFinite();
        }
    }

    @ParameterizedTest
    @FieldSource("IMPLEMENTATIONS")
    void arrayFunctionsAreTheScalarOnes(Kernels kernels) {
        int length = 1 << 16;
        float[] x = new float[length + 5];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < x.length; i++) { // half of them any float, half of them near 0; no NaN
            float any = Float.intBitsToFloat(random.nextInt());
            x[i] = i % 2 == 0 || Float.isNaN(any) ? (float) (random.nextDouble() * 24 - 12) : any;
        }
        float[] sigmoid = x.clone();
        float[] tanh = x.clone();
        float[] relu = x.clone();
        float[] gradient = x.clone();
        kernels.sigmoid(sigmoid, length + 3);
        kernels.tanh(tanh, length + 3);
        kernels.relu(relu, length + 3);
        kernels.reluGradient(relu, gradient, length + 3);
        for (int i = 0; i < x.length; i++) {
            boolean inside = i < length + 3;
            assertSameBits("sigmoid", sigmoid[i], inside ? FloatMath.sigmoid(x[i]) : x[i]);
            assertSameBits("tanh", tanh[i], inside ? FloatMath.tanh(x[i]) : x[i]);
            assertSameBits("relu", relu[i], inside ? Math.max(x[i], 0) : x[i]);
            assertSameBits("relu'", gradient[i], inside && relu[i] <= 0 ? 0 : x[i]);
        }
    }

    @ParameterizedTest
    @FieldSource("IMPLEMENTATIONS")
    void arrayFunctionsPassNanOn(Kernels kernels) {
        float[] a = new float[16];
        a[3] = Float.NaN;
        float[] sigmoid = a.clone();
        kernels.sigmoid(sigmoid, 16);
        float[] tanh = a.clone();
        kernels.tanh(tanh, 16);
        float[] relu = a.clone();
        kernels.relu(relu, 16);
        float[] softmax = a.clone();
        kernels.softmax(1, 10, softmax, 16);
        assertThat(new float[]{ sigmoid[3], tanh[3], relu[3], softmax[0]}).containsOnly(Float.NaN);
        assertThat(tanh[2]).isZero();
    }

    private interface FloatFunction {
        float apply(float x);
    }

    @Test
    void elementaryFunctionsAreWithinTheirBounds() {
        checkUlps("exp", FloatMath::exp, StrictMath::exp, -104, 88.722f, 1);
        checkUlps("log", FloatMath::log, StrictMath::log, 0, Float.MAX_VALUE, 1);
        checkUlps("sigmoid", FloatMath::sigmoid, x -> 1 / (1 + StrictMath.exp(-x)), -87, 200, 2.5);
        checkUlps("tanh", FloatMath::tanh, StrictMath::tanh, -100, 100, 2);
        checkUlps("expm1", FloatMath::expm1, StrictMath::expm1, -100, 88, 3.5);
        checkUlps("log1p", FloatMath::log1p, StrictMath::log1p, -0.999f, 1e30f, 3);
        checkUlps("erf", FloatMath::erf, x -> 2 * normalCdf(x * Math.sqrt(2)) - 1, 0.001f, 4, 3);
        checkUlps("normalCdf", FloatMath::normalCdf, KernelsTest::normalCdf, -5, 6, 9.5);
        checkUlps("softplus of negative", FloatMath::softplusOfNegative, x -> StrictMath.log1p(StrictMath.exp(x)), -87, 0, 4);
    }

    /** One half plus the density times {@code x + x³/3 + x⁵/15 + …}. */
    private static double normalCdf(double x) {
        double term = x;
        double sum = x;
        for (int k = 3; Math.abs(term) > 1e-18; k += 2) {
            term *= x * x / k;
            sum += term;
        }
        return 0.5 + sum * StrictMath.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    /** Over every 509th float of all that lie between the bounds. */
    private static void checkUlps(String name, FloatFunction function, DoubleUnaryOperator exact, float low, float high, double bound) {
        double worst = 0;
        float worstAt = 0;
        for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += 509) {
            float x = Float.intBitsToFloat((int) bits);
            if (x >= low && x <= high && x != 0) {
                double expected = exact.applyAsDouble(x);
                double error = Math.abs(function.apply(x) - expected) / Math.ulp((float) expected);
                if (!(error <= worst)) {
                    worst = error;
                    worstAt = x;
                }
            }
        }
        System.out.printf("%s: %.3f ulp at %s%n", name, worst, worstAt);
        assertThat(worst).as("%s at %s", name, worstAt).isLessThanOrEqualTo(bound);
    }

    @Test
    void elementaryFunctionsSaturateAndPassNanOn() {
        float infinity = Float.POSITIVE_INFINITY;
        assertThat(FloatMath.exp(-infinity)).isZero();
        assertThat(FloatMath.exp(-104)).isZero();
        assertThat(FloatMath.exp(-103)).isEqualTo(Float.MIN_VALUE);
        assertThat(FloatMath.exp(88.8f)).isEqualTo(infinity);
        assertThat(FloatMath.exp(infinity)).isEqualTo(infinity);
        assertThat(FloatMath.exp(0)).isEqualTo(1);
        assertThat(FloatMath.exp(-0f)).isEqualTo(1);

        assertThat(FloatMath.log(0)).isEqualTo(-infinity);
        assertThat(FloatMath.log(-0f)).isEqualTo(-infinity);
        assertThat(FloatMath.log(1)).isZero();
        assertThat(FloatMath.log(-1)).isNaN();
        assertThat(FloatMath.log(infinity)).isEqualTo(infinity);

        assertThat(FloatMath.sigmoid(0)).isEqualTo(0.5f);
        assertThat(FloatMath.sigmoid(infinity)).isEqualTo(1);
        assertThat(FloatMath.sigmoid(-infinity)).isZero();

        assertSameBits("tanh", FloatMath.tanh(-0f), -0f);
        assertThat(FloatMath.tanh(Float.MIN_VALUE)).isEqualTo(Float.MIN_VALUE);
        assertThat(FloatMath.tanh(infinity)).isEqualTo(1);
        assertThat(FloatMath.tanh(-infinity)).isEqualTo(-1);
        assertThat(FloatMath.softplusOfNegative(-infinity)).isZero();

        for (FloatFunction function : new FloatFunction[]{ FloatMath::exp, FloatMath::log, FloatMath::sigmoid, FloatMath::tanh,
                FloatMath::softplusOfNegative, FloatMath::expm1, FloatMath::log1p, FloatMath::erf, FloatMath::normalCdf}) {
            assertThat(function.apply(Float.NaN)).isNaN();
        }
    }

    private static void assertSameBits(String what, float actual, float expected) {
        if (Float.floatToRawIntBits(actual) != Float.floatToRawIntBits(expected)) {
            throw new AssertionError(what + ": expected " + expected + ", found " + actual);
        }
    }
}
