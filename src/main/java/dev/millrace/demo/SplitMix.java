package dev.millrace.demo;

/**
 * SplitMix64 (Steele, Lea and Flood 2014), written out so that a seed gives the same order and the same stream on every JDK.
 * Elementary functions are StrictMath's for the same reason.
 */
final class SplitMix {
    private long state;

    SplitMix(long seed) {
        this.state = seed;
    }

    long nextLong() {
        state += 0x9e3779b97f4a7c15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Uniform in [0, bound), without bias. */
    int nextInt(int bound) {
        while (true) {
            long bits = nextLong() >>> 1;
            long value = bits % bound;
            // Refuses the last, incomplete run of remainders.
            if (bits - value + (bound - 1) >= 0) {
                return (int) value;
            }
        }
    }

    /** Uniform in [0, 1). */
    double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** Normal with mean 0 and variance 1 (Box and Muller 1958). */
    double nextGaussian() {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
        return radius * StrictMath.cos(2 * StrictMath.PI * nextDouble());
    }
}
