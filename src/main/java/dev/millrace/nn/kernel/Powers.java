package dev.millrace.nn.kernel;

/**
 * Powers in double precision that give the same bits on every machine. {@code Math.pow} may differ, and {@code StrictMath.pow}
 * allocates at every call.
 */
public final class Powers {
    private Powers() {
    }

    /**
     * {@code base^exponent}, within a few units of the 14th digit.
     *
     * @param base not negative; otherwise the result is NaN
     */
    public static double power(double base, double exponent) {
        if (exponent == 0.5) {
            return Math.sqrt(base); // exactly rounded by definition
        }
        if (exponent >= 0 && exponent <= 1L << 52 && exponent == (long) exponent) {
            return power(base, (long) exponent);
        }
        return StrictMath.exp(exponent * StrictMath.log(base));
    }

    /** {@code base^exponent} by repeated squaring, for an exponent that is not negative. */
    public static double power(double base, long exponent) {
        double result = 1;
        double square = base;
        for (long rest = exponent; rest > 0; rest >>= 1) {
            if ((rest & 1) == 1) {
                result *= square;
            }
            square *= square;
        }
        return result;
    }
}
