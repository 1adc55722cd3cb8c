package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Tiles.SPECIES;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Loops of a single sample over a large matrix, whose time is that of reading it: they do so in whole {@link CacheLines}. For vectors
 * of 16 lanes.
 *
 * <p>
 * If a line begins {@code s} columns into a panel's row, it holds the columns from s of this row, then those before s of the next:
 *
 * <pre>
 * row k      0 1 [2 3
 * row k + 1  0 1] 2 3      s = 2, with vectors of 4
 * </pre>
 *
 * So what belongs to a column (a sum, a gradient) is rotated by s, and the factor that belongs to a row is a vector of two. Each
 * column still meets the rows one after the other: the results are those of loops that know no lines, whatever s is.
 */
final class AlignedRows {
    /** From so many rows of a matrix on, what this saves is more than what turning costs. */
    static final int LEAST = 64;

    private static final int WIDTH = Kernels.PANEL;
    private static final VectorShuffle<?>[] TO_LINE = rotations(s -> s);
    private static final VectorShuffle<?>[] TO_ROW = rotations(s -> -s);
    private static final VectorMask<?>[] NEXT_ROW = IntStream.range(0, WIDTH).mapToObj(s -> SPECIES.indexInRange(0, WIDTH - s).not())
            .toArray(VectorMask[]::new);

    private AlignedRows() {
    }

    private static VectorShuffle<?>[] rotations(IntUnaryOperator distance) {
        return IntStream.range(0, WIDTH)
                .mapToObj(s -> VectorShuffle.fromOp(SPECIES, lane -> Math.floorMod(lane + distance.applyAsInt(s), WIDTH)))
                .toArray(VectorShuffle[]::new);
    }

    /**
     * Four panels of {@link Kernels#forward} for one sample: {@link Tiles#row1x4}.
     *
     * @param s columns before the first line in each panel of b
     */
    static void row1x4(int s, int length, float[] a, int aAt, float[] b, int b0, int b1, int b2, int b3, float[] start, int startAt,
            int startNext, float[] c, int c0, int c1, int c2, int c3) {
        VectorShuffle<Float> toLine = TO_LINE[s].check(SPECIES);
        VectorShuffle<Float> toRow = TO_ROW[s].check(SPECIES);
        VectorMask<Float> next = NEXT_ROW[s].check(SPECIES);
        FloatVector p = FloatVector.fromArray(SPECIES, start, startAt).rearrange(toLine);
        FloatVector q = FloatVector.fromArray(SPECIES, start, startAt + startNext).rearrange(toLine);
        FloatVector r = FloatVector.fromArray(SPECIES, start, startAt + 2 * startNext).rearrange(toLine);
        FloatVector t = FloatVector.fromArray(SPECIES, start, startAt + 3 * startNext).rearrange(toLine);
        // The first row's columns before its first line.
        FloatVector f = FloatVector.broadcast(SPECIES, a[aAt]);
        p = p.blend(f.fma(FloatVector.fromArray(SPECIES, b, b0).rearrange(toLine), p), next);
        q = q.blend(f.fma(FloatVector.fromArray(SPECIES, b, b1).rearrange(toLine), q), next);
        r = r.blend(f.fma(FloatVector.fromArray(SPECIES, b, b2).rearrange(toLine), r), next);
        t = t.blend(f.fma(FloatVector.fromArray(SPECIES, b, b3).rearrange(toLine), t), next);
        int i = aAt + 1;
        int j = s;
        for (int k = 1; k < length; k++) {
            FloatVector g = FloatVector.broadcast(SPECIES, a[i]);
            f = f.blend(g, next);
            p = f.fma(FloatVector.fromArray(SPECIES, b, b0 + j), p);
            q = f.fma(FloatVector.fromArray(SPECIES, b, b1 + j), q);
            r = f.fma(FloatVector.fromArray(SPECIES, b, b2 + j), r);
            t = f.fma(FloatVector.fromArray(SPECIES, b, b3 + j), t);
            f = g;
            i++;
            j += WIDTH;
        }
        // The last row's columns from its last line on.
        j -= s;
        p = f.fma(FloatVector.fromArray(SPECIES, b, b0 + j).rearrange(toLine), p).blend(p, next);
        q = f.fma(FloatVector.fromArray(SPECIES, b, b1 + j).rearrange(toLine), q).blend(q, next);
        r = f.fma(FloatVector.fromArray(SPECIES, b, b2 + j).rearrange(toLine), r).blend(r, next);
        t = f.fma(FloatVector.fromArray(SPECIES, b, b3 + j).rearrange(toLine), t).blend(t, next);
        p.rearrange(toRow).intoArray(c, c0);
        q.rearrange(toRow).intoArray(c, c1);
        r.rearrange(toRow).intoArray(c, c2);
        t.rearrange(toRow).intoArray(c, c3);
    }

    /**
     * {@link Kernels#rankOneStep}. Written out in one method, so that it is too long to be inlined: inlined into what calls it, the
     * inner loop runs out of registers and takes a quarter longer.
     *
     * @param s columns before the first line in each panel of the kernel
     */
    static void rankOneStep(int s, int inputs, int panels, float lr, float[] x, float[] dy, float[] w, int kernel, int bias) {
        VectorShuffle<Float> toLine = TO_LINE[s].check(SPECIES);
        VectorMask<Float> next = NEXT_ROW[s].check(SPECIES);
        FloatVector minusRate = FloatVector.broadcast(SPECIES, -lr);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int v = 0; v < panels; v++) {
            FloatVector d = FloatVector.fromArray(SPECIES, dy, v * WIDTH);
            if (bias != Kernels.NO_BIAS) {
                int b = bias + v * WIDTH;
                minusRate.fma(d.add(zero), FloatVector.fromArray(SPECIES, w, b)).intoArray(w, b);
            }
            d = d.rearrange(toLine);
            int first = kernel + v * inputs * WIDTH;
            for (int o = 0; o < s; o++) {
                w[first + o] = Math.fma(-lr, Math.fma(x[0], dy[v * WIDTH + o], 0), w[first + o]);
            }
            int last = first + (inputs - 1) * WIDTH;
            for (int o = s; o < WIDTH; o++) {
                w[last + o] = Math.fma(-lr, Math.fma(x[inputs - 1], dy[v * WIDTH + o], 0), w[last + o]);
            }
            FloatVector f = FloatVector.broadcast(SPECIES, x[0]);
            int j = first + s;
            for (int k = 1; k < inputs; k++) {
                FloatVector g = FloatVector.broadcast(SPECIES, x[k]);
                minusRate.fma(f.blend(g, next).fma(d, zero), FloatVector.fromArray(SPECIES, w, j)).intoArray(w, j);
                f = g;
                j += WIDTH;
            }
        }
    }
}
