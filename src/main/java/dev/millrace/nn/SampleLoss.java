package dev.millrace.nn;

import dev.millrace.nn.kernel.FloatMath;

/**
 * The loss of one sample and its gradient: the arithmetic of {@link Loss}. Rows are addressed by array and offset, so that nothing
 * is copied. Sums over the outputs are in double precision, for ascending outputs.
 */
interface SampleLoss {
    /**
     * Computes the loss.
     *
     * @param p prediction, {@code width} values from {@code pOffset}; read
     * @param y target, {@link Loss#targetWidth} values from {@code yOffset}; read
     * @param dp gradient of the loss by p, {@code width} values from {@code pOffset}; written
     * @throws IllegalArgumentException if the target is not a class index where one is expected; NaN gives a NaN loss
     */
    double evaluate(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp);

    /** Probabilities are cut to {@code [1e-7, 1 - 1e-7]} before a logarithm, as Keras does. */
    float FUZZ = 1e-7f;

    /** The arithmetic of {@code loss} for predictions that are logits or not, whatever the loss says about it. */
    static SampleLoss of(Loss loss, boolean logits) {
        return switch (loss) {
            case Loss.MeanSquaredError _ -> SampleLoss::meanSquaredError;
            case Loss.MeanAbsoluteError _ -> SampleLoss::meanAbsoluteError;
            case Loss.Huber huber -> new Huber(huber.delta());
            case Loss.BinaryCrossentropy binary -> logits
                    ? new BinaryLogits(binary.labelSmoothing())
                    : new BinaryProbabilities(binary.labelSmoothing());
            case Loss.CategoricalCrossentropy categorical -> logits
                    ? new ClassLogits(false, categorical.labelSmoothing())
                    : new ClassProbabilities(false, categorical.labelSmoothing());
            case Loss.SparseCategoricalCrossentropy _ -> logits ? new ClassLogits(true, 0) : new ClassProbabilities(true, 0);
        };
    }

    private static double meanSquaredError(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
            float e = p[pOffset + j] - y[yOffset + j];
            sum += (double) e * e;
            dp[pOffset + j] = 2 * e / width;
        }
        return sum / width;
    }

    private static double meanAbsoluteError(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
            float e = p[pOffset + j] - y[yOffset + j];
            sum += Math.abs(e);
            dp[pOffset + j] = Math.signum(e) / width;
        }
        return sum / width;
    }

    /** Quadratic near the target, linear from {@code delta} on (Huber 1964). */
    record Huber(float delta) implements SampleLoss {
        @Override
        public double evaluate(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                float e = p[pOffset + j] - y[yOffset + j];
                double magnitude = Math.abs(e);
                sum += magnitude <= delta ? 0.5 * magnitude * magnitude : delta * magnitude - 0.5 * delta * delta;
                dp[pOffset + j] = Math.min(Math.max(e, -delta), delta) / width;
            }
            return sum / width;
        }
    }

    /** {@code max(z, 0) - z t + ln(1 + exp(-|z|))}, with the gradient {@code sigmoid(z) - t}. */
    record BinaryLogits(float labelSmoothing) implements SampleLoss {
        @Override
        public double evaluate(float[] z, int zOffset, float[] y, int yOffset, int width, float[] dz) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                float logit = z[zOffset + j];
                float t = smoothed(y[yOffset + j], labelSmoothing, 2);
                sum += Math.max(logit, 0) - (double) logit * t + FloatMath.softplusOfNegative(-Math.abs(logit));
                dz[zOffset + j] = (FloatMath.sigmoid(logit) - t) / width;
            }
            return sum / width;
        }
    }

    /** {@code -t ln p - (1 - t) ln(1 - p)}; where p had to be cut the gradient is 0. */
    record BinaryProbabilities(float labelSmoothing) implements SampleLoss {
        @Override
        public double evaluate(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                float t = smoothed(y[yOffset + j], labelSmoothing, 2);
                float q = cut(p[pOffset + j]);
                float rest = cut(1 - p[pOffset + j]); // not 1 - q: that has only one digit left when p is near 1
                sum -= (double) t * FloatMath.log(q) + (double) (1 - t) * FloatMath.log(rest);
                dp[pOffset + j] = q == p[pOffset + j] ? ((1 - t) / rest - t / q) / width : 0 * q;
            }
            return sum / width;
        }
    }

    /**
     * {@code Σ t_j (ln Σ exp(z) - z_j)}, with the gradient {@code softmax(z)_j Σt - t_j}.
     *
     * @param sparse whether the target is a class index
     */
    record ClassLogits(boolean sparse, float labelSmoothing) implements SampleLoss {
        @Override
        public double evaluate(float[] z, int zOffset, float[] y, int yOffset, int width, float[] dz) {
            requireTarget(sparse, y, yOffset, width);
            float max = z[zOffset];
            for (int j = 1; j < width; j++) {
                max = Math.max(max, z[zOffset + j]);
            }
            float sum = 0;
            float targets = 0;
            for (int j = 0; j < width; j++) {
                float e = FloatMath.exp(z[zOffset + j] - max);
                dz[zOffset + j] = e;
                sum += e;
                targets += target(sparse, labelSmoothing, y, yOffset, j, width);
            }
            float logSum = FloatMath.log(sum);
            double loss = 0;
            for (int j = 0; j < width; j++) {
                float t = target(sparse, labelSmoothing, y, yOffset, j, width);
                loss += (double) t * (logSum - (z[zOffset + j] - max));
                dz[zOffset + j] = dz[zOffset + j] / sum * targets - t;
            }
            return loss;
        }
    }

    /**
     * {@code -Σ t_j ln q_j} where {@code q = p / Σp}, cut. With {@code g_j = -t_j / q_j}, 0 where q had to be cut, the gradient is
     * {@code (g_j - Σ_k g_k q_k) / Σp}.
     *
     * @param sparse whether the target is a class index
     */
    record ClassProbabilities(boolean sparse, float labelSmoothing) implements SampleLoss {
        @Override
        public double evaluate(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
            requireTarget(sparse, y, yOffset, width);
            float sum = 0;
            for (int j = 0; j < width; j++) {
                sum += p[pOffset + j];
            }
            double loss = 0;
            float dot = 0;
            for (int j = 0; j < width; j++) {
                float t = target(sparse, labelSmoothing, y, yOffset, j, width);
                float normalized = p[pOffset + j] / sum;
                float q = cut(normalized);
                loss -= (double) t * FloatMath.log(q);
                float g = q == normalized ? -t / q : 0 * q;
                dp[pOffset + j] = g;
                dot = Math.fma(g, normalized, dot);
            }
            for (int j = 0; j < width; j++) {
                dp[pOffset + j] = (dp[pOffset + j] - dot) / sum;
            }
            return loss;
        }
    }

    /** Moves a target towards {@code 1 / classes}. */
    private static float smoothed(float target, float labelSmoothing, int classes) {
        return Math.fma(target, 1 - labelSmoothing, labelSmoothing / classes);
    }

    private static float cut(float probability) {
        return Math.min(Math.max(probability, FUZZ), 1 - FUZZ);
    }

    private static float target(boolean sparse, float labelSmoothing, float[] y, int yOffset, int j, int width) {
        if (sparse) {
            return Float.isNaN(y[yOffset]) ? Float.NaN : y[yOffset] == j ? 1 : 0;
        }
        return smoothed(y[yOffset + j], labelSmoothing, width);
    }

    private static void requireTarget(boolean sparse, float[] y, int yOffset, int width) {
        if (sparse && !Float.isNaN(y[yOffset])
                && !(y[yOffset] >= 0 && y[yOffset] < width && y[yOffset] == (float) Math.floor(y[yOffset]))) {
            throw new IllegalArgumentException("a class must be an integer from 0 to " + (width - 1) + ", found " + y[yOffset]);
        }
    }
}
