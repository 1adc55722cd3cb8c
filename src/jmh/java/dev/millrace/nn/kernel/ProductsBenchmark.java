package dev.millrace.nn.kernel;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The products of one dense layer and the loops beside them, by vectors and by plain loops. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ProductsBenchmark {
    @Param({ "vectors", "plain"})
    public String kernels = "vectors";

    /** Samples, inputs and units. */
    @Param({ "100x784x100", "100x100x100", "100x10x10", "1x784x100"})
    public String layer = "100x100x100";

    private Kernels implementation = new PlainKernels();
    private int n;
    private int inputs;
    private int units;
    private int xStride;
    private int yStride;
    private float[] x = {};
    private float[] y = {};
    private float[] dy = {};
    private float[] dx = {};
    private float[] parameters = {};
    private float[] gradients = {};
    private Scratch scratch = Scratch.of(1, 1);

    /** Random numbers everywhere, zeros in the padding of dy. */
    @Setup
    public void fill() {
        implementation = kernels.equals("vectors") ? new VectorKernels() : new PlainKernels();
        String[] sizes = layer.split("x");
        n = Integer.parseInt(sizes[0]);
        inputs = Integer.parseInt(sizes[1]);
        units = Integer.parseInt(sizes[2]);
        xStride = Kernels.padded(inputs);
        yStride = Kernels.padded(units);
        SplittableRandom random = new SplittableRandom(1);
        x = random(random, n * xStride);
        dy = random(random, n * yStride);
        for (int i = 0; i < dy.length; i++) {
            dy[i] = i % yStride < units ? dy[i] : 0;
        }
        parameters = random(random, (inputs + 1) * yStride);
        gradients = new float[parameters.length];
        y = new float[n * yStride];
        dx = new float[n * xStride];
        scratch = Scratch.of(n, units);
    }

    private static float[] random(SplittableRandom random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Benchmark
    public float[] forward() {
        implementation.forward(n, inputs, units, x, xStride, parameters, 0, inputs * yStride, y, yStride);
        return y;
    }

    @Benchmark
    public float[] weightGradient() {
        implementation.weightGradient(n, inputs, units, x, xStride, dy, yStride, gradients, 0, scratch);
        return gradients;
    }

    @Benchmark
    public float[] inputGradient() {
        implementation.inputGradient(n, inputs, units, dy, yStride, parameters, 0, scratch, dx, xStride);
        return dx;
    }

    @Benchmark
    public double sumOfSquares() {
        return implementation.sumOfSquares(parameters, 0, parameters.length);
    }
}
