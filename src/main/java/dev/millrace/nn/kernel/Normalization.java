package dev.millrace.nn.kernel;

/**
 * Batch normalization (Ioffe and Szegedy 2015): {@code y = γ (x - mean) / sqrt(variance + ε) + β} for each column. Columns are
 * independent; sums over a batch are in double precision, for ascending rows.
 *
 * <p>
 * Rows of {@code x} and {@code y} have strides of their own. {@code γ} and {@code β} lie in the parameters at an offset each, or are 1
 * and 0 if the offset is negative.
 */
public final class Normalization {
    private Normalization() {
    }

    /**
     * Computes the mean and the (biased) variance of each column.
     *
     * @param mean {@code [width]}; written
     * @param variance {@code [width]}; written
     */
    public static void moments(int n, int width, float[] x, int xStride, double[] mean, double[] variance) {
        for (int j = 0; j < width; j++) {
            mean[j] = 0;
            variance[j] = 0;
        }
        for (int b = 0; b < n; b++) {
            for (int j = 0; j < width; j++) {
                mean[j] += x[b * xStride + j];
            }
        }
        for (int j = 0; j < width; j++) {
            mean[j] /= n;
        }
        for (int b = 0; b < n; b++) {
            for (int j = 0; j < width; j++) {
                double e = x[b * xStride + j] - mean[j];
                variance[j] += e * e;
            }
        }
        for (int j = 0; j < width; j++) {
            variance[j] /= n;
        }
    }

    /** Normalizes by the given moments; {@code y [n][width]} is written. */
    public static void byMoments(int n, int width, float[] x, int xStride, double[] mean, double[] variance, double epsilon,
            float[] parameters, int gamma, int beta, float[] y, int yStride) {
        for (int j = 0; j < width; j++) {
            double scale = (gamma < 0 ? 1 : parameters[gamma + j]) / Math.sqrt(variance[j] + epsilon);
            double shift = beta < 0 ? 0 : parameters[beta + j];
            for (int b = 0; b < n; b++) {
                y[b * yStride + j] = (float) ((x[b * xStride + j] - mean[j]) * scale + shift);
            }
        }
    }

    /**
     * Normalizes by moments that lie in the parameters; {@code y [n][width]} is written.
     *
     * @param mean offset of the means
     * @param variance offset of the variances
     */
    public static void byParameters(int n, int width, float[] x, int xStride, float[] parameters, int mean, int variance,
            double epsilon, int gamma, int beta, float[] y, int yStride) {
        for (int j = 0; j < width; j++) {
            double scale = (gamma < 0 ? 1 : parameters[gamma + j]) / Math.sqrt(parameters[variance + j] + epsilon);
            double shift = beta < 0 ? 0 : parameters[beta + j];
            double center = parameters[mean + j];
            for (int b = 0; b < n; b++) {
                y[b * yStride + j] = (float) ((x[b * xStride + j] - center) * scale + shift);
            }
        }
    }

    /**
     * The gradients of {@link #byMoments} with the batch's own moments. With {@code x̂ = (x - mean) / s},
     * {@code s = sqrt(variance + ε)}: {@code dβ = Σ dy, dγ = Σ dy x̂, dx = γ/s (dy - dβ/n - x̂ dγ/n)}.
     *
     * @param dy {@code [n][width]}; read
     * @param gradients at the offsets of γ and β; written
     * @param dx {@code [n][width]}, may be {@code dy}; written unless {@code needsDx} is false
     */
    public static void gradient(int n, int width, float[] x, int xStride, double[] mean, double[] variance, double epsilon,
            float[] parameters, int gamma, int beta, float[] dy, int dyStride, float[] gradients, float[] dx, boolean needsDx) {
        for (int j = 0; j < width; j++) {
            double s = Math.sqrt(variance[j] + epsilon);
            double sum = 0;
            double dot = 0;
            for (int b = 0; b < n; b++) {
                double d = dy[b * dyStride + j];
                sum += d;
                dot += d * ((x[b * xStride + j] - mean[j]) / s);
            }
            if (gamma >= 0) {
                gradients[gamma + j] = (float) dot;
            }
            if (beta >= 0) {
                gradients[beta + j] = (float) sum;
            }
            if (needsDx) {
                double scale = (gamma < 0 ? 1 : parameters[gamma + j]) / s;
                for (int b = 0; b < n; b++) {
                    double normalized = (x[b * xStride + j] - mean[j]) / s;
                    dx[b * xStride + j] = (float) (scale * (dy[b * dyStride + j] - sum / n - normalized * (dot / n)));
                }
            }
        }
    }

    /** {@code moving' = momentum moving + (1 - momentum) batch}, for {@code width} elements from {@code offset}. */
    public static void move(int width, double momentum, double[] batch, float[] parameters, int offset, float[] newParameters) {
        for (int j = 0; j < width; j++) {
            newParameters[offset + j] = (float) (momentum * parameters[offset + j] + (1 - momentum) * batch[j]);
        }
    }
}
