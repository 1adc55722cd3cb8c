package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Tiles.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/** The loops over {@link NarrowLayers} for vectors of 16 lanes: a row of such a layer is one vector. */
final class NarrowVectors {
    private static final VectorShuffle<Float> ACROSS_8 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 8);
    private static final VectorShuffle<Float> ACROSS_4 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 4);
    private static final VectorShuffle<Float> ACROSS_2 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 2);
    private static final VectorShuffle<Float> ACROSS_1 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);

    private NarrowVectors() {
    }

    /** {@link Kernels#forward(NarrowLayers, float[], float[], float[][])}. */
    static void forward(NarrowLayers layers, float[] parameters, float[] x, float[][] y) {
        FloatVector zero = FloatVector.zero(SPECIES);
        int last = layers.count() - 1;
        float[] input = x;
        for (int i = 0; i <= last; i++) {
            int bias = layers.biases[i];
            FloatVector s = bias == Kernels.NO_BIAS ? zero : FloatVector.fromArray(SPECIES, parameters, bias);
            int w = layers.kernels[i];
            int inputs = layers.inputs[i];
            for (int k = 0; k < inputs; k++) {
                s = FloatVector.broadcast(SPECIES, input[k]).fma(FloatVector.fromArray(SPECIES, parameters, w), s);
                w += Kernels.PANEL;
            }
            float[] output = y[i];
            if (i < last) {
                s = s.blend(zero, s.compare(VectorOperators.LE, zero));
            }
            s.intoArray(output, 0);
            input = output;
        }
    }

    /**
     * {@link Kernels#backward(NarrowLayers, float[], float[][], float[][])}. The sixteen sums of sixteen rows are added as one tree of
     * vectors: where two vectors become one, each gives a half of its lanes, so that the last one has a row's sum in each lane.
     */
    static void backward(NarrowLayers layers, float[] parameters, float[][] y, float[][] dy) {
        FloatVector zero = FloatVector.zero(SPECIES);
        VectorMask<Float> upper8 = VectorMask.fromLong(SPECIES, 0xff00);
        VectorMask<Float> upper4 = VectorMask.fromLong(SPECIES, 0xf0f0);
        VectorMask<Float> upper2 = VectorMask.fromLong(SPECIES, 0xcccc);
        VectorMask<Float> upper1 = VectorMask.fromLong(SPECIES, 0xaaaa);
        for (int i = layers.count() - 1; i > 0; i--) {
            FloatVector d = FloatVector.fromArray(SPECIES, dy[i], 0);
            int w = layers.kernels[i];
            int end = w + (layers.inputs[i] - 1) * Kernels.PANEL; // rows beyond it are replaced by it, and their sums by 0
            FloatVector a = d.fma(FloatVector.fromArray(SPECIES, parameters, w), zero);
            FloatVector b = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 128, end)), zero);
            FloatVector r0 = a.blend(b, upper8).add(b.blend(a, upper8).rearrange(ACROSS_8));
            a = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 64, end)), zero);
            b = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 192, end)), zero);
            FloatVector r4 = a.blend(b, upper8).add(b.blend(a, upper8).rearrange(ACROSS_8));
            r0 = r0.blend(r4, upper4).add(r4.blend(r0, upper4).rearrange(ACROSS_4));
            a = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 32, end)), zero);
            b = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 160, end)), zero);
            FloatVector r2 = a.blend(b, upper8).add(b.blend(a, upper8).rearrange(ACROSS_8));
            a = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 96, end)), zero);
            b = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 224, end)), zero);
            FloatVector r6 = a.blend(b, upper8).add(b.blend(a, upper8).rearrange(ACROSS_8));
            r2 = r2.blend(r6, upper4).add(r6.blend(r2, upper4).rearrange(ACROSS_4));
            r0 = r0.blend(r2, upper2).add(r2.blend(r0, upper2).rearrange(ACROSS_2));
            a = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 16, end)), zero);
            b = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 144, end)), zero);
            FloatVector r1 = a.blend(b, upper8).add(b.blend(a, upper8).rearrange(ACROSS_8));
            a = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 80, end)), zero);
            b = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 208, end)), zero);
            FloatVector r5 = a.blend(b, upper8).add(b.blend(a, upper8).rearrange(ACROSS_8));
            r1 = r1.blend(r5, upper4).add(r5.blend(r1, upper4).rearrange(ACROSS_4));
            a = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 48, end)), zero);
            b = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 176, end)), zero);
            FloatVector r3 = a.blend(b, upper8).add(b.blend(a, upper8).rearrange(ACROSS_8));
            a = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 112, end)), zero);
            b = d.fma(FloatVector.fromArray(SPECIES, parameters, Math.min(w + 240, end)), zero);
            FloatVector r7 = a.blend(b, upper8).add(b.blend(a, upper8).rearrange(ACROSS_8));
            r3 = r3.blend(r7, upper4).add(r7.blend(r3, upper4).rearrange(ACROSS_4));
            r1 = r1.blend(r3, upper2).add(r3.blend(r1, upper2).rearrange(ACROSS_2));
            r0 = r0.blend(r1, upper1).add(r1.blend(r0, upper1).rearrange(ACROSS_1));
            // The columns of y beyond the units are 0, so this makes those of dy 0 too.
            zero.blend(r0, FloatVector.fromArray(SPECIES, y[i - 1], 0).compare(VectorOperators.GT, 0)).intoArray(dy[i - 1], 0);
        }
    }

    /** {@link Kernels#shortSumsOfSquares}. */
    static void shortSumsOfSquares(float[][] rows, int count, float[] sums) {
        for (int i = 0; i < count; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, rows[i], 0);
            s = s.fma(s, FloatVector.zero(SPECIES));
            s = s.add(s.rearrange(ACROSS_8));
            s = s.add(s.rearrange(ACROSS_4));
            s = s.add(s.rearrange(ACROSS_2));
            sums[i] = s.add(s.rearrange(ACROSS_1)).lane(0);
        }
    }

    /** {@link Kernels#rankOneStep(NarrowLayers, float, float[], float[][], float[][], float[])}. */
    static void rankOneStep(NarrowLayers layers, float lr, float[] x, float[][] y, float[][] dy, float[] parameters) {
        FloatVector minusRate = FloatVector.broadcast(SPECIES, -lr);
        FloatVector zero = FloatVector.zero(SPECIES);
        float[] input = x;
        for (int i = 0; i < layers.count(); i++) {
            FloatVector d = FloatVector.fromArray(SPECIES, dy[i], 0);
            int bias = layers.biases[i];
            if (bias != Kernels.NO_BIAS) {
                minusRate.fma(d.add(zero), FloatVector.fromArray(SPECIES, parameters, bias)).intoArray(parameters, bias);
            }
            int w = layers.kernels[i];
            int inputs = layers.inputs[i];
            for (int k = 0; k < inputs; k++) {
                FloatVector g = FloatVector.broadcast(SPECIES, input[k]).fma(d, zero);
                minusRate.fma(g, FloatVector.fromArray(SPECIES, parameters, w)).intoArray(parameters, w);
                w += Kernels.PANEL;
            }
            input = y[i];
        }
    }
}
