package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Tiles.LANES;
import static dev.millrace.nn.kernel.Tiles.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link FloatMath}, one lane an argument: the same operations in the same order, with both sides of each branch computed and one
 * selected. The exponential stands in each of the three loops for the reason {@link Tiles} gives; constants are vectors from the start,
 * which is what costs the compiler least.
 */
final class VectorMath {
    private static final FloatVector ZERO = constant(0);
    private static final FloatVector ONE = constant(1);
    private static final FloatVector TWO = constant(2);

    private static final FloatVector EXP_LOWEST = constant(FloatMath.EXP_LOWEST);
    private static final FloatVector EXP_HIGHEST = constant(FloatMath.EXP_HIGHEST);
    private static final FloatVector LOG2_E = constant(FloatMath.LOG2_E);
    private static final FloatVector ROUNDER = constant(FloatMath.ROUNDER);
    private static final IntVector ROUNDER_BITS = ROUNDER.reinterpretAsInts();
    private static final FloatVector MINUS_LN2_LOW = constant(-FloatMath.LN2_LOW);
    private static final FloatVector MINUS_LN2_HIGH = constant(-FloatMath.LN2_HIGH);
    private static final FloatVector EXP_6 = constant(FloatMath.EXP_6);
    private static final FloatVector EXP_5 = constant(FloatMath.EXP_5);
    private static final FloatVector EXP_4 = constant(FloatMath.EXP_4);
    private static final FloatVector EXP_3 = constant(FloatMath.EXP_3);
    private static final FloatVector EXP_2 = constant(FloatMath.EXP_2);
    private static final FloatVector EXP_1 = constant(FloatMath.EXP_1);
    private static final IntVector BIAS = ONE.reinterpretAsInts().lanewise(VectorOperators.LSHR, 23);

    private static final FloatVector TANH_SPLIT = constant(FloatMath.TANH_SPLIT);
    private static final FloatVector TANH_ONE = constant(FloatMath.TANH_ONE);
    private static final FloatVector TANH_4 = constant(FloatMath.TANH_4);
    private static final FloatVector TANH_3 = constant(FloatMath.TANH_3);
    private static final FloatVector TANH_2 = constant(FloatMath.TANH_2);
    private static final FloatVector TANH_1 = constant(FloatMath.TANH_1);
    private static final FloatVector TANH_0 = constant(FloatMath.TANH_0);
    private static final IntVector SIGN = constant(-0f).reinterpretAsInts();

    private VectorMath() {
    }

    private static FloatVector constant(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    /** Replaces the first {@code length} elements by {@link FloatMath#sigmoid}. */
    static void sigmoid(float[] a, int length) {
        int i = 0;
        for (; i + LANES <= length; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, a, i);
            FloatVector bounded = x.abs().neg().max(EXP_LOWEST).min(EXP_HIGHEST);
            FloatVector shifted = bounded.fma(LOG2_E, ROUNDER);
            FloatVector n = shifted.sub(ROUNDER);
            IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
            IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
            FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, bounded));
            FloatVector p = EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2).fma(r, EXP_1).fma(r.mul(r), r).add(ONE);
            FloatVector e = p.mul(half.add(BIAS).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .mul(exponent.sub(half).add(BIAS).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
            ONE.blend(e, x.compare(VectorOperators.LT, ZERO)).div(e.add(ONE)).intoArray(a, i);
        }
        for (; i < length; i++) {
            a[i] = FloatMath.sigmoid(a[i]);
        }
    }

    /** Replaces the first {@code length} elements by {@link FloatMath#tanh}. */
    static void tanh(float[] a, int length) {
        int i = 0;
        for (; i + LANES <= length; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, a, i);
            FloatVector magnitude = x.abs();
            FloatVector bounded = magnitude.min(TANH_ONE).mul(TWO).max(EXP_LOWEST).min(EXP_HIGHEST);
            FloatVector shifted = bounded.fma(LOG2_E, ROUNDER);
            FloatVector n = shifted.sub(ROUNDER);
            IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
            IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
            FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, bounded));
            FloatVector p = EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2).fma(r, EXP_1).fma(r.mul(r), r).add(ONE);
            FloatVector e = p.mul(half.add(BIAS).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .mul(exponent.sub(half).add(BIAS).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
            FloatVector larger = ONE.sub(TWO.div(e.add(ONE)));
            FloatVector z = magnitude.mul(magnitude);
            FloatVector nearZero = TANH_4.fma(z, TANH_3).fma(z, TANH_2).fma(z, TANH_1).fma(z, TANH_0).mul(z).fma(magnitude, magnitude);
            IntVector positive = larger.blend(nearZero, magnitude.compare(VectorOperators.LT, TANH_SPLIT)).reinterpretAsInts();
            IntVector sign = x.reinterpretAsInts().and(SIGN);
            positive.lanewise(VectorOperators.AND_NOT, SIGN).or(sign).reinterpretAsFloats().intoArray(a, i);
        }
        for (; i < length; i++) {
            a[i] = FloatMath.tanh(a[i]);
        }
    }

    /**
     * Writes {@code exp(z - max)} of one row, and 0 up to the end of its last vector; gives the maximum, whose search any order answers
     * alike.
     */
    static float exponentials(int width, float[] z, int row, float[] e) {
        FloatVector lowest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY); // a constant would make objects of the loop's maxima
        FloatVector highest = lowest;
        for (int j = 0; j < width; j += LANES) {
            highest = highest.max(lowest.blend(FloatVector.fromArray(SPECIES, z, row + j), SPECIES.indexInRange(j, width)));
        }
        float max = highest.reduceLanes(VectorOperators.MAX);
        for (int j = 0; j < width; j += LANES) {
            FloatVector bounded = FloatVector.fromArray(SPECIES, z, row + j).sub(max).max(EXP_LOWEST).min(EXP_HIGHEST);
            FloatVector shifted = bounded.fma(LOG2_E, ROUNDER);
            FloatVector n = shifted.sub(ROUNDER);
            IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
            IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
            FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, bounded));
            FloatVector p = EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2).fma(r, EXP_1).fma(r.mul(r), r).add(ONE);
            FloatVector y = p.mul(half.add(BIAS).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .mul(exponent.sub(half).add(BIAS).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
            ZERO.blend(y, SPECIES.indexInRange(j, width)).intoArray(e, row + j);
        }
        return max;
    }
}
