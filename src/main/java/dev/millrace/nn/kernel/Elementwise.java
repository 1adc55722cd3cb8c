package dev.millrace.nn.kernel;

/**
 * Loops in which element i of the result depends on elements i of the arguments only, at the same index of every array. The
 * compiler turns them into vector instructions by itself, and every order gives the same bits, so they need no twin.
 */
public final class Elementwise {
    private Elementwise() {
    }

    /** {@code da *= a (1 - a)}; arguments as in {@link Kernels#reluGradient}. */
    public static void sigmoidGradient(float[] a, float[] da, int length) {
        for (int i = 0; i < length; i++) {
            da[i] = da[i] * (a[i] * (1 - a[i]));
        }
    }

    /** {@code da *= 1 - a²}; arguments as in {@link Kernels#reluGradient}. */
    public static void tanhGradient(float[] a, float[] da, int length) {
        for (int i = 0; i < length; i++) {
            da[i] = da[i] * Math.fma(-a[i], a[i], 1f);
        }
    }

    /**
     * {@code da_j = a_j (da_j - Σ_k a_k da_k)} in each row, the product of the gradient with the softmax's Jacobian; the sum is a
     * chain of fused multiply-adds from 0 for k ascending.
     *
     * @param a {@code [n][width]}; read
     * @param da {@code [n][width]}; read and written
     */
    public static void softmaxGradient(int n, int width, float[] a, float[] da, int stride) {
        for (int b = 0; b < n; b++) {
            int row = b * stride;
            float dot = 0;
            for (int k = row; k < row + width; k++) {
                dot = Math.fma(a[k], da[k], dot);
            }
            for (int j = row; j < row + width; j++) {
                da[j] = a[j] * (da[j] - dot);
            }
        }
    }

    /**
     * Replaces each row by {@code a_j - max - ln Σ_k exp(a_k - max)}, summed from 0 for k ascending.
     *
     * @param a {@code [n][width]}; read and written
     */
    public static void logSoftmax(int n, int width, float[] a, int stride) {
        for (int b = 0; b < n; b++) {
            int row = b * stride;
            float max = a[row];
            for (int j = row + 1; j < row + width; j++) {
                max = Math.max(max, a[j]);
            }
            float sum = 0;
            for (int k = row; k < row + width; k++) {
                sum += FloatMath.exp(a[k] - max);
            }
            float logSum = FloatMath.log(sum);
            for (int j = row; j < row + width; j++) {
                a[j] = a[j] - max - logSum;
            }
        }
    }

    /**
     * {@code da_j -= exp(a_j) Σ_k da_k} in each row; the sum from 0 for k ascending.
     *
     * @param a what {@link #logSoftmax} left, {@code [n][width]}; read
     * @param da {@code [n][width]}; read and written
     */
    public static void logSoftmaxGradient(int n, int width, float[] a, float[] da, int stride) {
        for (int b = 0; b < n; b++) {
            int row = b * stride;
            float sum = 0;
            for (int k = row; k < row + width; k++) {
                sum += da[k];
            }
            for (int j = row; j < row + width; j++) {
                da[j] = Math.fma(-FloatMath.exp(a[j]), sum, da[j]);
            }
        }
    }

    /** {@code g += l1 sign(w) + 2 l2 w}, the gradient of a penalty {@code l1 Σ|w| + l2 Σw²}. */
    public static void addPenaltyGradient(float l1, float l2, float[] w, float[] g, int offset, int length) {
        float twice = 2 * l2;
        for (int i = offset; i < offset + length; i++) {
            g[i] += Math.fma(twice, w[i], w[i] > 0 ? l1 : w[i] < 0 ? -l1 : 0f);
        }
    }

    /** {@code a *= factor}. */
    public static void scale(float factor, float[] a, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            a[i] *= factor;
        }
    }

    /** {@code a = min(max(a, -limit), limit)}. */
    public static void clamp(float limit, float[] a, int length) {
        for (int i = 0; i < length; i++) {
            a[i] = Math.min(Math.max(a[i], -limit), limit);
        }
    }

    /** The largest {@code |a|}; NaN if an element is. */
    public static float largestMagnitude(float[] a) {
        float largest = 0;
        for (float element : a) {
            largest = Math.max(largest, Math.abs(element));
        }
        return largest;
    }

    /** The smallest element; NaN if an element is, infinite of an empty array. */
    public static float smallest(float[] a) {
        float smallest = Float.POSITIVE_INFINITY;
        for (float element : a) {
            smallest = Math.min(smallest, element);
        }
        return smallest;
    }
}
