package dev.millrace.nn.kernel;

/** Memory in which {@link Kernels} rearrange what they read, so that it begins with a {@link CacheLines line}. For one thread. */
public final class Scratch {
    /** For those who need none. */
    public static final Scratch NONE = new Scratch(0);

    /** So many panels of a transposed kernel have room at a time. */
    static final int PANELS = 5;

    final float[] array;
    private final CacheLines lines = new CacheLines();

    private Scratch(int length) {
        array = new float[length];
    }

    /** Enough for {@link Kernels#weightGradient} and {@link Kernels#inputGradient} of a layer of so many units, for up to n samples. */
    public static Scratch of(int n, int units) {
        int columns = Math.max(PANELS * Kernels.PANEL, n);
        int rows = Math.multiplyExact(n, Kernels.PANEL);
        return new Scratch(Math.addExact(Math.addExact(Math.multiplyExact(Kernels.padded(units), columns), rows), Kernels.PANEL));
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
