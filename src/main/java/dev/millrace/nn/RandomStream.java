package dev.millrace.nn;

/**
 * A stream of pseudo-random numbers: SplitMix64 (Steele, Lea, Flood 2014), with normal deviates by Marsaglia's polar method. The
 * same bits on every machine and every JDK: the logarithm is {@link StrictMath}'s, the rest is exactly rounded.
 */
final class RandomStream {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private long state;

    /** The stream of that number under that seed; streams of one seed are unrelated. */
    RandomStream(long seed, int stream) {
        state = mix(mix(seed) + (stream + 1) * GOLDEN_GAMMA);
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
        return b ^ (b >>> 31);
    }

    /** A key under which {@link #uniform} gives a sequence of its own. */
    static long key(long seed, int stream, long step) {
        return mix(mix(mix(seed) + (stream + 1) * GOLDEN_GAMMA) + (step + 1) * GOLDEN_GAMMA);
    }

    /** The number at that place of the key's sequence: uniform on [0, 1), a multiple of 2^-24. */
    static float uniform(long key, long place) {
        return (mix(key + (place + 1) * GOLDEN_GAMMA) >>> 40) * 0x1p-24f;
    }

    /** Uniform on [0, 1), a multiple of 2^-53. */
    double nextUniform() {
        state += GOLDEN_GAMMA;
        return (mix(state) >>> 11) * 0x1p-53;
    }

    /** Standard normal. The polar method's second deviate is not kept, so that a deviate depends on nothing before its draw. */
    double nextNormal() {
        while (true) {
            double u = 2 * nextUniform() - 1;
            double v = 2 * nextUniform() - 1;
            double s = u * u + v * v;
            if (s > 0 && s < 1) {
                return u * Math.sqrt(-2 * StrictMath.log(s) / s);
            }
        }
    }

    /** Standard normal, drawn again until within two standard deviations. */
    double nextTruncatedNormal() {
        while (true) {
            double z = nextNormal();
            if (Math.abs(z) < 2) {
                return z;
            }
        }
    }
}
