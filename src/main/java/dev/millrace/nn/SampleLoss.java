package dev.millrace.nn;

import dev.millrace.nn.kernel.Elementwise;
import dev.millrace.nn.kernel.FloatMath;
import dev.millrace.nn.kernel.Kernels;
import org.jspecify.annotations.Nullable;

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

    /**
     * Computes the losses of a batch. Same numbers as sample by sample; the losses in most use have a loop of their own.
     *
     * @param p predictions, {@code [n][width]} in rows of {@code stride}; read
     * @param y targets, row-major {@code [n][targetWidth]}; read
     * @param weights {@code [n]} or null for all ones; read
     * @param divisor of the gradients
     * @param dp gradient of {@code Σ w_i l_i / divisor} by p, rows as those of p; written
     * @param scratch {@code [n]}; written
     * @param activated where the output of the activation goes if {@link #activates}, in the same rows as p; may be p itself, or empty if
     *            nobody wants it
     * @return {@code Σ w_i l_i}
     */
    default double evaluate(Kernels kernels, int n, float[] p, int stride, float[] y, int targetWidth, int width,
            float @Nullable [] weights, float divisor, float[] dp, float[] scratch, float[] activated) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            float weight = weights == null ? 1 : weights[i];
            sum += weight * evaluate(p, i * stride, y, i * targetWidth, width, dp);
            Elementwise.scale(weight / divisor, dp, i * stride, width);
        }
        return sum;
    }

    /** Whether the loss of a batch of logits computes their activation on the way, so that nobody has to do it again. */
    default boolean activates() {
        return false;
    }

    /** Probabilities are cut to {@code [1e-7, 1 - 1e-7]} before a logarithm, as Keras does. */
    float FUZZ = 1e-7f;

    double LN2 = 0.6931471805599453;

    /**
     * The arithmetic of a loss.
     *
     * @param logits whether predictions are logits, whatever the loss says about it
     * @param zerosAndOnes whether every label of the batch is 0 or 1; makes a difference to hinges
     */
    static SampleLoss of(Loss loss, boolean logits, boolean zerosAndOnes) {
        return switch (loss) {
            case Loss.MeanSquaredError _ -> new SquaredError();
            case Loss.MeanAbsoluteError _ -> SampleLoss::meanAbsoluteError;
            case Loss.Huber huber -> new Huber(huber.delta());
            case Loss.LogCosh _ -> SampleLoss::logCosh;
            case Loss.Poisson _ -> SampleLoss::poisson;
            case Loss.KlDivergence _ -> SampleLoss::klDivergence;
            case Loss.MeanAbsolutePercentageError _ -> SampleLoss::percentageError;
            case Loss.MeanSquaredLogarithmicError _ -> SampleLoss::logarithmicError;
            case Loss.Hinge _ -> new Hinge(false, zerosAndOnes);
            case Loss.SquaredHinge _ -> new Hinge(true, zerosAndOnes);
            case Loss.CategoricalHinge _ -> SampleLoss::categoricalHinge;
            case Loss.CosineSimilarity _ -> SampleLoss::cosineSimilarity;
            case Loss.BinaryCrossentropy binary -> logits
                    ? new BinaryLogits(binary.labelSmoothing())
                    : new BinaryProbabilities(binary.labelSmoothing());
            case Loss.CategoricalCrossentropy categorical -> logits
                    ? new ClassLogits(false, categorical.labelSmoothing())
                    : new ClassProbabilities(false, categorical.labelSmoothing());
            case Loss.SparseCategoricalCrossentropy _ -> logits ? new ClassLogits(true, 0) : new ClassProbabilities(true, 0);
        };
    }

    /** The mean of {@code (p - y)²}. */
    record SquaredError() implements SampleLoss {
        @Override
        public double evaluate(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                float e = p[pOffset + j] - y[yOffset + j];
                sum += (double) e * e;
                dp[pOffset + j] = 2 * e / width;
            }
            return sum / width;
        }

        @Override
        public double evaluate(Kernels kernels, int n, float[] p, int stride, float[] y, int targetWidth, int width,
                float @Nullable [] weights, float divisor, float[] dp, float[] scratch, float[] activated) {
            if (width > 1 || weights != null) {
                return SampleLoss.super.evaluate(kernels, n, p, stride, y, targetWidth, width, weights, divisor, dp, scratch, activated);
            }
            double sum = 0;
            float factor = 1 / divisor;
            for (int i = 0; i < n; i++) {
                float e = p[i * stride] - y[i];
                sum += (double) e * e;
                dp[i * stride] = 2 * e * factor;
            }
            return sum;
        }
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

    /** With {@code t = tanh e}: {@code -ln(1 - t²)/2}, or far from 0 {@code |e| + ln(1 + exp(-2|e|)) - ln 2}; the gradient is t. */
    private static double logCosh(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
            float e = p[pOffset + j] - y[yOffset + j];
            float t = FloatMath.tanh(e);
            float magnitude = Math.abs(e);
            sum += magnitude < 1
                    ? -0.5 * FloatMath.log1p(-t * t)
                    : magnitude + (double) FloatMath.softplusOfNegative(-2 * magnitude) - LN2;
            dp[pOffset + j] = t / width;
        }
        return sum / width;
    }

    private static double poisson(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
            float rate = p[pOffset + j] + FUZZ;
            float count = y[yOffset + j];
            sum += p[pOffset + j] - (double) count * FloatMath.log(rate);
            dp[pOffset + j] = (1 - count / rate) / width;
        }
        return sum / width;
    }

    /** The gradient {@code -y / p} is 0 where p had to be cut. */
    private static double klDivergence(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
            float t = Math.min(Math.max(y[yOffset + j], FUZZ), 1);
            float q = Math.min(Math.max(p[pOffset + j], FUZZ), 1);
            sum += (double) t * FloatMath.log(t / q);
            dp[pOffset + j] = q == p[pOffset + j] ? -t / q : 0 * q;
        }
        return sum;
    }

    private static double percentageError(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
            float e = p[pOffset + j] - y[yOffset + j];
            float size = Math.max(Math.abs(y[yOffset + j]), FUZZ);
            sum += (double) Math.abs(e) / size;
            dp[pOffset + j] = Math.signum(e) * 100 / size / width;
        }
        return 100 * sum / width;
    }

    private static double logarithmicError(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
            float q = Math.max(p[pOffset + j], FUZZ);
            float e = FloatMath.log1p(q) - FloatMath.log1p(Math.max(y[yOffset + j], FUZZ));
            sum += (double) e * e;
            dp[pOffset + j] = q == p[pOffset + j] ? 2 * e / (q + 1) / width : 0 * e;
        }
        return sum / width;
    }

    /**
     * {@code max(1 - t p, 0)} or its square.
     *
     * @param zerosAndOnes whether labels have to be turned from 0 and 1 into -1 and 1
     */
    record Hinge(boolean squared, boolean zerosAndOnes) implements SampleLoss {
        @Override
        public double evaluate(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                float t = zerosAndOnes ? 2 * y[yOffset + j] - 1 : y[yOffset + j];
                float miss = Math.max(1 - t * p[pOffset + j], 0f);
                sum += squared ? (double) miss * miss : miss;
                float slope = squared ? 2 * miss : miss > 0 ? 1 : 0 * miss;
                dp[pOffset + j] = -t * slope / width;
            }
            return sum / width;
        }
    }

    /** The gradient is {@code 1 - y} at the largest wrong output, shared by equals, minus y. */
    private static double categoricalHinge(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
        double right = 0;
        float wrong = Float.NEGATIVE_INFINITY;
        int equals = 0;
        for (int j = 0; j < width; j++) {
            float t = y[yOffset + j];
            right += (double) t * p[pOffset + j];
            float other = (1 - t) * p[pOffset + j];
            if (!(other <= wrong)) {
                wrong = other;
                equals = 0;
            }
            equals += other == wrong ? 1 : 0;
        }
        double loss = Math.max(wrong - right + 1, 0);
        for (int j = 0; j < width; j++) {
            float t = y[yOffset + j];
            dp[pOffset + j] = loss > 0 ? ((1 - t) * p[pOffset + j] == wrong ? (1 - t) / equals : 0) - t : 0 * t;
        }
        return loss;
    }

    /** With unit vectors ŷ and p̂, and {@code c = ŷ p̂}: {@code -c}, with the gradient {@code (c p̂ - ŷ) / |p|}. */
    private static double cosineSimilarity(float[] p, int pOffset, float[] y, int yOffset, int width, float[] dp) {
        double pSquares = 0;
        double ySquares = 0;
        double dot = 0;
        for (int j = 0; j < width; j++) {
            pSquares += (double) p[pOffset + j] * p[pOffset + j];
            ySquares += (double) y[yOffset + j] * y[yOffset + j];
            dot += (double) p[pOffset + j] * y[yOffset + j];
        }
        double pFactor = Math.min(1 / Math.sqrt(pSquares), 1 / (double) FUZZ);
        double yFactor = Math.min(1 / Math.sqrt(ySquares), 1 / (double) FUZZ);
        boolean cut = pFactor * Math.sqrt(pSquares) < 0.5; // p is so short that its factor is a constant
        double similarity = dot * pFactor * yFactor;
        for (int j = 0; j < width; j++) {
            double along = cut ? 0 : similarity * p[pOffset + j] * pFactor;
            dp[pOffset + j] = (float) ((along - y[yOffset + j] * yFactor) * pFactor);
        }
        return -similarity;
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

        @Override
        public double evaluate(Kernels kernels, int n, float[] z, int stride, float[] y, int targetWidth, int width,
                float @Nullable [] weights, float divisor, float[] dz, float[] maxima, float[] activated) {
            if (!sparse) {
                return SampleLoss.super.evaluate(kernels, n, z, stride, y, targetWidth, width, weights, divisor, dz, maxima, activated);
            }
            kernels.exponentials(n, width, z, stride, dz, maxima);
            double loss = 0;
            for (int i = 0; i < n; i++) {
                requireTarget(true, y, i, width);
                int row = i * stride;
                float sum = 0;
                for (int j = row; j < row + width; j++) {
                    sum += dz[j];
                }
                float weight = weights == null ? 1 : weights[i];
                int target = row + (int) y[i];
                loss += weight * (double) (FloatMath.log(sum) - (z[target] - maxima[i])) + 0 * y[i]; // a NaN stays one
                float factor = weight / divisor;
                for (int j = row; j < row + width; j++) {
                    dz[j] /= sum;
                }
                if (activated.length > 0) {
                    System.arraycopy(dz, row, activated, row, width);
                }
                dz[target] -= 1;
                for (int j = row; j < row + width; j++) {
                    dz[j] *= factor;
                }
            }
            return loss;
        }

        @Override
        public boolean activates() {
            return sparse;
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
