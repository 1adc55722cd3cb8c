package dev.millrace.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The slow twin of {@link Network} and of the losses: float64, row-major matrices, the definitions of Keras written down once more,
 * without any of the main code's rearrangements (cross-entropies come from clipped probabilities unless given logits).
 */
final class ReferenceNetwork {
    private static final double FUZZ = 1e-7;

    private final NetworkSpec spec;
    private final ParameterLayout layout;
    /** Kernels {@code [inputs][units]} and biases, in the order of the layout. */
    final List<double[]> variables = new ArrayList<>();

    ReferenceNetwork(Network network, float[] parameters) {
        spec = network.spec();
        layout = network.layout();
        for (ParameterLayout.Variable variable : network.layout().variables()) {
            float[] values = network.layout().toRowMajor(parameters, variable);
            double[] copy = new double[values.length];
            for (int i = 0; i < copy.length; i++) {
                copy[i] = values[i];
            }
            variables.add(copy);
        }
    }

    double[][] predict(float[] x, int n) {
        return evaluate(x, n, -1);
    }

    /** @param iterations finished steps in training, -1 for a prediction */
    private double[][] evaluate(float[] x, int n, long iterations) {
        double[][] rows = new double[n][spec.inputs()];
        for (int i = 0; i < n * spec.inputs(); i++) {
            rows[i / spec.inputs()][i % spec.inputs()] = x[i];
        }
        var values = variables.iterator();
        int place = 0;
        for (Layer layer : spec.layers()) {
            switch (layer) {
                case Dense dense -> {
                    double[] kernel = values.next();
                    double[] bias = dense.useBias() ? values.next() : new double[dense.units()];
                    for (int b = 0; b < n; b++) {
                        rows[b] = activate(dense.activation(), product(rows[b], kernel, bias));
                    }
                    place += dense.activation() == Activation.LINEAR ? 1 : 2;
                }
                case ActivationLayer own -> {
                    for (int b = 0; b < n; b++) {
                        rows[b] = activate(own.activation(), rows[b]);
                    }
                    place++;
                }
                case Dropout dropout -> {
                    if (iterations >= 0) {
                        drop(dropout, place, iterations, rows);
                    }
                    place++;
                }
                case BatchNormalization normalization -> {
                    normalize(normalization, values, rows, iterations >= 0);
                    place++;
                }
            }
        }
        return rows;
    }

    private static double[] product(double[] a, double[] kernel, double[] bias) {
        double[] z = bias.clone();
        for (int o = 0; o < z.length; o++) {
            for (int k = 0; k < a.length; k++) {
                z[o] += a[k] * kernel[k * z.length + o];
            }
        }
        return z;
    }

    private static void drop(Dropout dropout, int place, long iterations, double[][] rows) {
        long key = RandomStream.key(dropout.seed(), place, iterations);
        for (int b = 0; b < rows.length; b++) {
            for (int j = 0; j < rows[b].length; j++) {
                boolean dropped = RandomStream.uniform(key, (long) b * rows[b].length + j) < dropout.rate();
                rows[b][j] = dropped ? 0 : rows[b][j] / (1 - (double) dropout.rate());
            }
        }
    }

    private static void normalize(BatchNormalization normalization, Iterator<double[]> values, double[][] rows, boolean training) {
        int width = rows[0].length;
        double[] ones = new double[width];
        Arrays.fill(ones, 1);
        double[] gamma = normalization.scale() ? values.next() : ones;
        double[] beta = normalization.center() ? values.next() : new double[width];
        double[] movingMean = values.next();
        double[] movingVariance = values.next();
        for (int j = 0; j < width; j++) {
            int column = j;
            double mean = training ? Arrays.stream(rows).mapToDouble(row -> row[column]).average().orElseThrow() : movingMean[j];
            double variance = training
                    ? Arrays.stream(rows).mapToDouble(row -> (row[column] - mean) * (row[column] - mean)).average().orElseThrow()
                    : movingVariance[j];
            for (double[] row : rows) {
                row[j] = (row[j] - mean) / Math.sqrt(variance + normalization.epsilon()) * gamma[j] + beta[j];
            }
        }
    }

    static double[] activate(Activation activation, double[] z) {
        double[] a = new double[z.length];
        for (int i = 0; i < z.length; i++) {
            double x = z[i];
            a[i] = switch (activation) {
                case LINEAR -> x;
                case RELU -> Math.max(x, 0);
                case SIGMOID -> sigmoid(x);
                case TANH -> StrictMath.tanh(x);
                case SOFTMAX -> StrictMath.exp(x) / expSum(z);
                case LOG_SOFTMAX -> x - StrictMath.log(expSum(z));
                case ELU -> x > 0 ? x : StrictMath.expm1(x);
                case SELU -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * StrictMath.expm1(x));
                case EXPONENTIAL -> StrictMath.exp(x);
                case GELU -> x * normalCdf(x);
                case SILU -> x * sigmoid(x);
                case MISH -> x * StrictMath.tanh(StrictMath.log1p(StrictMath.exp(x)));
                case SOFTPLUS -> StrictMath.log1p(StrictMath.exp(x));
                case SOFTSIGN -> x / (1 + Math.abs(x));
                case RELU6 -> Math.min(Math.max(x, 0), 6);
                case LEAKY_RELU -> x > 0 ? x : 0.2 * x;
                case HARD_SIGMOID -> Math.clamp(x / 6 + 0.5, 0, 1);
                case HARD_SILU -> x * Math.clamp(x / 6 + 0.5, 0, 1);
                case HARD_TANH -> Math.clamp(x, -1, 1);
                case LOG_SIGMOID -> -StrictMath.log1p(StrictMath.exp(-x));
                case TANH_SHRINK -> x - StrictMath.tanh(x);
            };
        }
        return a;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + StrictMath.exp(-x));
    }

    /** One half plus the density times {@code x + x³/3 + x⁵/15 + …}; converges for every x, and is exact enough up to |x| = 6. */
    static double normalCdf(double x) {
        double term = x;
        double sum = x;
        for (int k = 3; Math.abs(term) > 1e-18; k += 2) {
            term *= x * x / k;
            sum += term;
        }
        return 0.5 + sum * StrictMath.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    private static double expSum(double[] z) {
        double sum = 0;
        for (double value : z) {
            sum += StrictMath.exp(value);
        }
        return sum;
    }

    /** Data loss and penalties, as in training after so many steps. */
    double loss(TrainingSpec training, long iterations, float[] x, float[] y, float @Nullable [] sampleWeight, int n) {
        double[][] outputs = evaluate(x, n, iterations);
        boolean zerosAndOnes = true;
        for (int i = 0; i < n * training.loss().targetWidth(spec.outputs()); i++) {
            zerosAndOnes &= y[i] == 0 || y[i] == 1;
        }
        int targetWidth = training.loss().targetWidth(spec.outputs());
        double sum = 0;
        for (int b = 0; b < n; b++) {
            double[] target = new double[targetWidth];
            for (int j = 0; j < targetWidth; j++) {
                target[j] = y[b * targetWidth + j];
            }
            sum += (sampleWeight == null ? 1 : sampleWeight[b]) * sampleLoss(training.loss(), outputs[b], target, zerosAndOnes);
        }
        return (training.reduction() == Loss.Reduction.SUM ? sum : sum / n) + penalty();
    }

    private double penalty() {
        double sum = 0;
        for (int i = 0; i < variables.size(); i++) {
            sum += penalty(layout.specs().get(i).regularizer(), variables.get(i));
        }
        return sum;
    }

    private static double penalty(Regularizer regularizer, double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += regularizer.l1() * Math.abs(value) + regularizer.l2() * value * value;
        }
        return sum;
    }

    private static double sampleLoss(Loss loss, double[] p, double[] t, boolean zerosAndOnes) {
        double sum = 0;
        int width = p.length;
        switch (loss) {
            case Loss.MeanSquaredError _ -> {
                for (int j = 0; j < width; j++) {
                    sum += (t[j] - p[j]) * (t[j] - p[j]) / width;
                }
            }
            case Loss.MeanAbsoluteError _ -> {
                for (int j = 0; j < width; j++) {
                    sum += Math.abs(t[j] - p[j]) / width;
                }
            }
            case Loss.Huber huber -> {
                double delta = huber.delta();
                for (int j = 0; j < width; j++) {
                    double e = Math.abs(t[j] - p[j]);
                    sum += (e <= delta ? e * e / 2 : delta * e - delta * delta / 2) / width;
                }
            }
            case Loss.LogCosh _ -> {
                for (int j = 0; j < width; j++) {
                    sum += StrictMath.log(StrictMath.cosh(t[j] - p[j])) / width;
                }
            }
            case Loss.Poisson _ -> {
                for (int j = 0; j < width; j++) {
                    sum += (p[j] - t[j] * StrictMath.log(p[j] + FUZZ)) / width;
                }
            }
            case Loss.KlDivergence _ -> {
                for (int j = 0; j < width; j++) {
                    double target = Math.clamp(t[j], FUZZ, 1);
                    sum += target * StrictMath.log(target / Math.clamp(p[j], FUZZ, 1));
                }
            }
            case Loss.MeanAbsolutePercentageError _ -> {
                for (int j = 0; j < width; j++) {
                    sum += 100 * Math.abs(t[j] - p[j]) / Math.max(Math.abs(t[j]), FUZZ) / width;
                }
            }
            case Loss.MeanSquaredLogarithmicError _ -> {
                for (int j = 0; j < width; j++) {
                    double e = StrictMath.log1p(Math.max(t[j], FUZZ)) - StrictMath.log1p(Math.max(p[j], FUZZ));
                    sum += e * e / width;
                }
            }
            case Loss.Hinge _,Loss.SquaredHinge _ -> {
                for (int j = 0; j < width; j++) {
                    double miss = Math.max(1 - (zerosAndOnes ? 2 * t[j] - 1 : t[j]) * p[j], 0);
                    sum += (loss instanceof Loss.Hinge ? miss : miss * miss) / width;
                }
            }
            case Loss.CategoricalHinge _ -> {
                double right = 0;
                double wrong = Double.NEGATIVE_INFINITY;
                for (int j = 0; j < width; j++) {
                    right += t[j] * p[j];
                    wrong = Math.max(wrong, (1 - t[j]) * p[j]);
                }
                sum = Math.max(wrong - right + 1, 0);
            }
            case Loss.CosineSimilarity _ -> {
                double dot = 0;
                double pp = 0;
                double tt = 0;
                for (int j = 0; j < width; j++) {
                    dot += t[j] * p[j];
                    pp += p[j] * p[j];
                    tt += t[j] * t[j];
                }
                sum = dot == 0 ? 0 : -dot / Math.sqrt(pp * tt);
            }
            case Loss.BinaryCrossentropy binary -> {
                for (int j = 0; j < width; j++) {
                    double target = t[j] * (1 - binary.labelSmoothing()) + binary.labelSmoothing() / 2.0;
                    double q = cut(binary.fromLogits() ? 1 / (1 + StrictMath.exp(-p[j])) : p[j]);
                    sum -= (target * StrictMath.log(q) + (1 - target) * StrictMath.log(1 - q)) / width;
                }
            }
            case Loss.CategoricalCrossentropy categorical -> {
                double[] smoothed = new double[width];
                for (int j = 0; j < width; j++) {
                    smoothed[j] = t[j] * (1 - categorical.labelSmoothing()) + categorical.labelSmoothing() / (double) width;
                }
                sum = crossentropy(categorical.fromLogits(), p, smoothed);
            }
            case Loss.SparseCategoricalCrossentropy sparse -> {
                double[] oneHot = new double[width];
                oneHot[(int) t[0]] = 1;
                sum = crossentropy(sparse.fromLogits(), p, oneHot);
            }
        }
        return sum;
    }

    private static double crossentropy(boolean fromLogits, double[] p, double[] target) {
        double[] q = fromLogits ? activate(Activation.SOFTMAX, p) : p;
        double total = 0;
        for (double value : q) {
            total += value;
        }
        double sum = 0;
        for (int j = 0; j < q.length; j++) {
            sum -= target[j] * StrictMath.log(cut(q[j] / total));
        }
        return sum;
    }

    private static double cut(double probability) {
        return Math.min(Math.max(probability, FUZZ), 1 - FUZZ);
    }
}
