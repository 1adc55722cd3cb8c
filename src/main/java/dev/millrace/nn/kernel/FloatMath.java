package dev.millrace.nn.kernel;

/**
 * Elementary functions in float that give the same bits on every machine: only additions, multiplications, fused multiply-adds,
 * divisions and bit operations, all exactly rounded, in the written order. {@code Math.exp} and its relatives, and the JDK's vector
 * mathematics, differ between machines and vector widths.
 *
 * <p>
 * Polynomials: Cephes {@code expf.c}, {@code tanhf.c} and {@code ndtrf.c} (Moshier), fdlibm {@code e_logf.c} (Sun). Largest errors
 * found against double precision over all magnitudes: exp 0.99 ulp, log 0.76, tanh 1.25, sigmoid 2.12, expm1 3.39, log1p 2.34,
 * erf 2.36, normalCdf 9.19 (from -5 to 6).
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // coefficients as they were published
public final class FloatMath {
    static final float LOG2_E = 1.44269504f;
    /** ln 2 in two parts; products of the first with small integers are exact. */
    static final float LN2_HIGH = 0.693359375f;
    static final float LN2_LOW = -2.12194440e-4f;
    /** 1.5 * 2^23: adding it rounds to an integer, which is then in the low bits. */
    static final float ROUNDER = 12582912f;
    static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);

    /** Beyond these bounds exp is 0 or infinite in any case. */
    static final float EXP_LOWEST = -105f;
    static final float EXP_HIGHEST = 89f;
    /** Coefficients of e^r - 1 - r, divided by r², for |r| up to half of ln 2. */
    static final float EXP_6 = 1.9875691500e-4f;
    static final float EXP_5 = 1.3981999507e-3f;
    static final float EXP_4 = 8.3334519073e-3f;
    static final float EXP_3 = 4.1665795894e-2f;
    static final float EXP_2 = 1.6666665459e-1f;
    static final float EXP_1 = 5.0000001201e-1f;

    private static final float SQRT_HALF = 0.70710678f;
    private static final float LOG_LN2_HIGH = 6.9313812256e-01f;
    private static final float LOG_LN2_LOW = 9.0580006145e-06f;

    /** Below it tanh is a polynomial, above it a quotient; the quotient loses digits near 0. */
    static final float TANH_SPLIT = 0.625f;
    /** From here on tanh rounds to 1. */
    static final float TANH_ONE = 9.02f;
    static final float TANH_4 = -5.70498872745e-3f;
    static final float TANH_3 = 2.06390887954e-2f;
    static final float TANH_2 = -5.37397155531e-2f;
    static final float TANH_1 = 1.33314422036e-1f;
    static final float TANH_0 = -3.33332819422e-1f;

    /** Up to here e^x - 1 is a polynomial; beyond it the subtraction loses at most two bits. */
    private static final float EXPM1_SPLIT = 0.34f;

    private static final float SQRT_HALF_LOW = 2.4203424e-9f; // what SQRT_HALF lacks of the square root of one half
    private static final float INVERSE_SQRT_TWO_PI = 0.39894228f;

    private FloatMath() {
    }

    /** {@code e^x}; 0 below about -103.97, infinite above about 88.72, subnormal results included. */
    public static float exp(float x) {
        float bounded = Math.min(Math.max(x, EXP_LOWEST), EXP_HIGHEST);
        float shifted = Math.fma(bounded, LOG2_E, ROUNDER);
        float n = shifted - ROUNDER;
        int exponent = Float.floatToRawIntBits(shifted) - ROUNDER_BITS;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, bounded));

        float p = EXP_6;
        p = Math.fma(p, r, EXP_5);
        p = Math.fma(p, r, EXP_4);
        p = Math.fma(p, r, EXP_3);
        p = Math.fma(p, r, EXP_2);
        p = Math.fma(p, r, EXP_1);
        float y = Math.fma(p, r * r, r) + 1;

        // Twice half the exponent: 2^-150 and 2^128 are not floats themselves.
        int half = exponent >> 1;
        return y * powerOfTwo(half) * powerOfTwo(exponent - half);
    }

    private static float powerOfTwo(int exponent) {
        return Float.intBitsToFloat((exponent + 127) << 23);
    }

    /** The natural logarithm; negative infinity at 0, NaN below. */
    public static float log(float x) {
        if (!(x > 0) || x == Float.POSITIVE_INFINITY) {
            return x == 0 ? Float.NEGATIVE_INFINITY : x == Float.POSITIVE_INFINITY ? x : Float.NaN;
        }
        boolean subnormal = x < Float.MIN_NORMAL;
        int bits = Float.floatToRawIntBits(subnormal ? x * 33554432f : x);
        int exponent = (bits >> 23) - 126 - (subnormal ? 25 : 0);
        float m = Float.intBitsToFloat((bits & 0x007fffff) | 0x3f000000); // x = m * 2^exponent, m in [0.5, 1)
        if (m < SQRT_HALF) {
            m += m;
            exponent--;
        }
        float f = m - 1;
        float s = f / (2 + f);
        float z = s * s;
        float r = Math.fma(z, 0.24279078841f, 0.28498786688f);
        r = Math.fma(z, r, 0.40000972152f);
        r = Math.fma(z, r, 0.66666662693f) * z;
        float halfSquare = 0.5f * f * f;
        float low = Math.fma(s, halfSquare + r, exponent * LOG_LN2_LOW);
        return Math.fma(exponent, LOG_LN2_HIGH, low - halfSquare + f);
    }

    /** {@code e^x - 1}, exact to the last digits also near 0. */
    public static float expm1(float x) {
        if (!(Math.abs(x) < EXPM1_SPLIT)) {
            return exp(x) - 1;
        }
        float p = EXP_6;
        p = Math.fma(p, x, EXP_5);
        p = Math.fma(p, x, EXP_4);
        p = Math.fma(p, x, EXP_3);
        p = Math.fma(p, x, EXP_2);
        p = Math.fma(p, x, EXP_1);
        return Math.fma(p, x * x, x);
    }

    /** {@code ln(1 + x)}; negative infinity at -1, NaN below. */
    public static float log1p(float x) {
        float u = 1 + x;
        // What the addition lost of x is given back in proportion (Goldberg 1991, theorem 4).
        return u == 1 || u == Float.POSITIVE_INFINITY ? x : u == 0 ? Float.NEGATIVE_INFINITY : log(u) * (x / (u - 1));
    }

    /** {@code ln(1 + e^x)} for {@code x <= 0}, the part of a cross-entropy that is left when its exponent cannot overflow. */
    public static float softplusOfNegative(float x) {
        float e = exp(x);
        float u = 1 + e;
        // What the addition lost of e is given back in proportion (Goldberg 1991, theorem 4).
        return u == 1 ? e : log(u) * e / (u - 1);
    }

    /** {@code 1 / (1 + e^-x)}. */
    public static float sigmoid(float x) {
        float e = exp(-Math.abs(x));
        return (x < 0 ? e : 1) / (1 + e);
    }

    /** The hyperbolic tangent; ±1 beyond about ±9.01. */
    public static float tanh(float x) {
        float magnitude = Math.abs(x);
        return Math.copySign(magnitude < TANH_SPLIT ? tanhNearZero(magnitude) : tanhOfLarger(magnitude), x);
    }

    /** {@code 2/sqrt(pi)} times the integral of {@code e^-t²} from 0 to x. */
    public static float erf(float x) {
        float magnitude = Math.abs(x);
        if (!(magnitude > 1)) {
            return erfNearZero(x);
        }
        return Math.copySign(1 - scaledTail(magnitude) * exp(-magnitude * magnitude), x);
    }

    private static float erfNearZero(float x) {
        float z = x * x;
        float p = 7.853861353153693e-5f;
        p = Math.fma(p, z, -8.010193625184903e-4f);
        p = Math.fma(p, z, 5.188327685732524e-3f);
        p = Math.fma(p, z, -2.685381193529856e-2f);
        p = Math.fma(p, z, 1.128358514861418e-1f);
        p = Math.fma(p, z, -3.761262582423300e-1f);
        p = Math.fma(p, z, 1.128379165726710f);
        return x * p;
    }

    /** {@code e^x² (1 - erf x)} for {@code x >= 1}. */
    private static float scaledTail(float x) {
        float q = 1 / x;
        float y = q * q;
        float p;
        if (x < 2) {
            p = 2.326819970068386e-2f;
            p = Math.fma(p, y, -1.387039388740657e-1f);
            p = Math.fma(p, y, 3.687424674597105e-1f);
            p = Math.fma(p, y, -5.824733027278666e-1f);
            p = Math.fma(p, y, 6.210004621745983e-1f);
            p = Math.fma(p, y, -4.944515323274145e-1f);
            p = Math.fma(p, y, 3.404879937665872e-1f);
            p = Math.fma(p, y, -2.741127028184656e-1f);
            p = Math.fma(p, y, 5.638259427386472e-1f);
        } else {
            p = -1.047766399936249e+1f;
            p = Math.fma(p, y, 1.297719955372516e+1f);
            p = Math.fma(p, y, -7.495518717768503f);
            p = Math.fma(p, y, 2.921019019210786f);
            p = Math.fma(p, y, -1.015265279202700f);
            p = Math.fma(p, y, 4.218463358204948e-1f);
            p = Math.fma(p, y, -2.820767439740514e-1f);
            p = Math.fma(p, y, 5.641895067754075e-1f);
        }
        return q * p;
    }

    /** The probability that a standard normal deviate is at most x; its far tail keeps its digits. */
    public static float normalCdf(float x) {
        float r = Math.fma(x, SQRT_HALF, x * SQRT_HALF_LOW);
        float magnitude = Math.abs(r);
        if (!(magnitude > 1)) {
            return Math.fma(0.5f, erfNearZero(r), 0.5f);
        }
        float tail = 0.5f * scaledTail(magnitude) * expOfMinusHalfSquare(x);
        return x < 0 ? tail : 1 - tail;
    }

    /** The density of the standard normal distribution at x. */
    public static float normalDensity(float x) {
        return INVERSE_SQRT_TWO_PI * expOfMinusHalfSquare(x);
    }

    /** {@code e^(-x²/2)}; the rounding error of the square, which exp would multiply, is taken back. */
    private static float expOfMinusHalfSquare(float x) {
        float bounded = Math.min(Math.abs(x), 15f); // beyond, the result is 0
        float half = 0.5f * bounded;
        float square = half * bounded;
        float lost = Math.fma(half, bounded, -square);
        float e = exp(-square);
        return Math.fma(-lost, e, e);
    }

    private static float tanhNearZero(float x) {
        float z = x * x;
        float p = TANH_4;
        p = Math.fma(p, z, TANH_3);
        p = Math.fma(p, z, TANH_2);
        p = Math.fma(p, z, TANH_1);
        p = Math.fma(p, z, TANH_0);
        return Math.fma(p * z, x, x);
    }

    private static float tanhOfLarger(float x) {
        float e = exp(2 * Math.min(x, TANH_ONE));
        return 1 - 2 / (e + 1);
    }
}
