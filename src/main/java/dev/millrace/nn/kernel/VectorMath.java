package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Tiles.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link FloatMath}, one lane an argument: the same operations in the same order, with both sides of each branch computed and one
 * selected. Methods here have to be inlined where they are called, and the compiler stops inlining when a method has become too large
 * for it; so constants are vectors from the start, which costs it least.
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

    static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.max(EXP_LOWEST).min(EXP_HIGHEST);
        FloatVector shifted = bounded.fma(LOG2_E, ROUNDER);
        FloatVector n = shifted.sub(ROUNDER);
        IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
        FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, bounded));
        FloatVector p = EXP_6.fma(r, EXP_5);
        p = p.fma(r, EXP_4);
        p = p.fma(r, EXP_3);
        p = p.fma(r, EXP_2);
        p = p.fma(r, EXP_1);
        FloatVector y = p.fma(r.mul(r), r).add(ONE);
        IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
        return y.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
    }

    private static FloatVector powerOfTwo(IntVector exponent) {
        return exponent.add(BIAS).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }

    static FloatVector sigmoid(FloatVector x) {
        FloatVector e = exp(x.abs().neg());
        return ONE.blend(e, x.compare(VectorOperators.LT, ZERO)).div(e.add(ONE));
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector magnitude = x.abs();
        FloatVector e = exp(magnitude.min(TANH_ONE).mul(TWO));
        FloatVector larger = ONE.sub(TWO.div(e.add(ONE)));
        VectorMask<Float> nearZero = magnitude.compare(VectorOperators.LT, TANH_SPLIT);
        IntVector positive = larger.blend(tanhNearZero(magnitude), nearZero).reinterpretAsInts();
        return positive.lanewise(VectorOperators.AND_NOT, SIGN).or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
    }

    private static FloatVector tanhNearZero(FloatVector x) {
        FloatVector z = x.mul(x);
        FloatVector p = TANH_4.fma(z, TANH_3);
        p = p.fma(z, TANH_2);
        p = p.fma(z, TANH_1);
        p = p.fma(z, TANH_0);
        return p.mul(z).fma(x, x);
    }
}
