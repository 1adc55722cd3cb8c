package dev.millrace.nn.kernel;

/** Memory in which {@link Kernels} rearrange what they read, so that it begins with a {@link CacheLines line}. For one thread. */
public final class Scratch {
    /** For those who need none. */
    public static final Scratch NONE = new Scratch(0);

    final float[] array;
    private final CacheLines lines = new CacheLines();

    private Scratch(int length) {
        array = new float[length];
    }

    /** Enough for {@link Kernels#weightGradient} and {@link Kernels#inputGradient} of a layer, for up to n samples. */
    public static Scratch of(int n, int inputs, int units) {
        int kernel = Math.multiplyExact(Kernels.padded(units), Kernels.padded(inputs));
        int samples = Math.multiplyExact(Kernels.padded(units) + Kernels.PANEL, n);
        return new Scratch(Math.addExact(Math.max(kernel, samples), Kernels.PANEL));
    }

    /** What has room for as much as either. */
    public static Scratch larger(Scratch a, Scratch b) {
        return a.array.length < b.array.length ? b : a;
    }

    /** Where to begin; the last {@link Kernels#PANEL} elements are there to be left over. */
    int start() {
        return lines.next(array, 0);
    }
}
