package dev.millrace.stream;

/**
 * Writes floats as {@link Float#toString(float)} does: the shortest decimal that reads back as the same float, of several the nearest.
 * From 10⁻³ to 10⁷, where that has no exponent, all of it fits into integers of 64 bits (Steele and White 1990).
 */
final class FloatText {
    /** Sign, leading zeros, point and 9 digits. */
    static final int MAX_LENGTH = 16;

    private static final long[] POWERS = { 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
            10_000_000_000L, 100_000_000_000L};
    private static final float SMALLEST = 1e-3f;
    private static final float LIMIT = 1e7f;
    /** No float needs more. */
    private static final int DIGITS = 9;
    private static final int FRACTION_BITS = 23;
    private static final int FIRST_BIT = 1 << FRACTION_BITS;

    private FloatText() {
    }

    /** Whether {@link #write} can write a number. */
    static boolean fits(float value) {
        float size = Math.abs(value);
        return size >= SMALLEST && size < LIMIT;
    }

    /**
     * Writes a number that {@linkplain #fits fits}.
     *
     * @return the place behind it, at most {@value #MAX_LENGTH} further
     */
    static int write(float value, byte[] bytes, int from) {
        int bits = Float.floatToRawIntBits(value);
        int exponent = Math.getExponent(value) - FRACTION_BITS;
        int mantissa = bits & FIRST_BIT - 1 | FIRST_BIT;
        int scale = scale(mantissa, exponent);
        long power = POWERS[scale];
        // In units of 2^-shift: the number times 10^scale, and the middles between it and its neighbours.
        int shift = 2 - exponent;
        long number = mantissa * power << 2;
        long upper = number + 2 * power;
        long lower = number - (mantissa == FIRST_BIT ? power : 2 * power);
        int open = mantissa & 1; // a middle is read as the neighbour whose mantissa is even
        int most = (int) (upper - open >> shift);
        int least = (int) (lower + open - 1 >> shift) + 1;
        // As many zeros at the end as there can be between the two.
        int zeros = 0;
        int unit = 1;
        for (int head = most / 10; head * 10 * unit >= least; head /= 10) {
            unit *= 10;
            zeros++;
        }
        int below = (int) (number >> shift) / unit;
        boolean up = isUp(number, (long) below * unit << shift, (long) unit << shift, below, (long) least << shift, upper - open);
        return put(up ? below + 1 : below, scale - zeros, bytes, value < 0 ? minus(bytes, from) : from);
    }

    /** The power of ten that makes nine digits before the point. */
    private static int scale(int mantissa, int exponent) {
        // 1233 / 4096 is the logarithm of 2 to base 10, near enough.
        int scale = Math.min(POWERS.length - 1, DIGITS - 1 - ((exponent + FRACTION_BITS) * 1233 >> 12));
        return mantissa * POWERS[scale] >> -exponent < POWERS[DIGITS] ? scale : scale - 1;
    }

    /** Whether the multiple of a unit above a number is the one to write: the nearer one, of two the even one, between bounds. */
    private static boolean isUp(long number, long low, long unit, int below, long least, long most) {
        long high = low + unit;
        if (low < least || high > most) {
            return low < least;
        }
        long toLow = number - low;
        long toHigh = high - number;
        return toHigh < toLow || toHigh == toLow && (below & 1) == 1;
    }

    private static int minus(byte[] bytes, int at) {
        bytes[at] = '-';
        return at + 1;
    }

    /** Writes {@code digits * 10^-scale} with at least one digit on each side of the point. */
    private static int put(int digits, int scale, byte[] bytes, int from) {
        int behind = Math.max(1, scale);
        int rest = scale >= 1 ? digits : digits * (int) POWERS[1 - scale];
        int before = 1;
        while (rest >= POWERS[behind + before]) {
            before++;
        }
        int point = from + before;
        for (int i = point + behind; i > point; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        bytes[point] = '.';
        for (int i = point - 1; i >= from; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return point + behind + 1;
    }
}
