package dev.millrace.nn;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The slow twin of {@link Network} and of the losses: float64, row-major matrices, the definitions of Keras written down once more,
 * without any of the main code's rearrangements (cross-entropies come from clipped probabilities unless given logits).
 */
final class ReferenceNetwork {
    private static final double FUZZ = 1e-7;

    private final NetworkSpec spec;
    /** Kernels {@code [inputs][units]} and biases, in the order of the layout. */
    final List<double[]> variables = new ArrayList<>();

    ReferenceNetwork(Network network, float[] parameters) {
        spec = network.spec();
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
        double[][] outputs = new double[n][];
        for (int b = 0; b < n; b++) {
            double[] a = new double[spec.inputs()];
            for (int k = 0; k < a.length; k++) {
                a[k] = x[b * a.length + k];
            }
            var values = variables.iterator();
            for (Layer layer : spec.layers()) {
                Dense dense = (Dense) layer;
                double[] kernel = values.next();
                double[] z = dense.useBias() ? values.next().clone() : new double[dense.units()];
                for (int o = 0; o < z.length; o++) {
                    for (int k = 0; k < a.length; k++) {
                        z[o] += a[k] * kernel[k * z.length + o];
                    }
                }
                a = activate(dense.activation(), z);
            }
            outputs[b] = a;
        }
        return outputs;
    }

    private static double[] activate(Activation activation, double[] z) {
        double[] a = new double[z.length];
        for (int i = 0; i < z.length; i++) {
            a[i] = switch (activation) {
                case LINEAR -> z[i];
                case RELU -> Math.max(z[i], 0);
                case SIGMOID -> 1 / (1 + StrictMath.exp(-z[i]));
                case TANH -> StrictMath.tanh(z[i]);
                case SOFTMAX -> StrictMath.exp(z[i]) / expSum(z);
            };
        }
        return a;
    }

    private static double expSum(double[] z) {
        double sum = 0;
        for (double value : z) {
            sum += StrictMath.exp(value);
        }
        return sum;
    }

    /** Data loss and penalties. */
    double loss(TrainingSpec training, float[] x, float[] y, float @Nullable [] sampleWeight, int n) {
        double[][] outputs = predict(x, n);
        int targetWidth = training.loss().targetWidth(spec.outputs());
        double sum = 0;
        for (int b = 0; b < n; b++) {
            double[] target = new double[targetWidth];
            for (int j = 0; j < targetWidth; j++) {
                target[j] = y[b * targetWidth + j];
            }
            sum += (sampleWeight == null ? 1 : sampleWeight[b]) * sampleLoss(training.loss(), outputs[b], target);
        }
        return (training.reduction() == Loss.Reduction.SUM ? sum : sum / n) + penalty();
    }

    private double penalty() {
        double sum = 0;
        var values = variables.iterator();
        for (Layer layer : spec.layers()) {
            Dense dense = (Dense) layer;
            sum += penalty(dense.kernelRegularizer(), values.next());
            if (dense.useBias()) {
                sum += penalty(dense.biasRegularizer(), values.next());
            }
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

    private static double sampleLoss(Loss loss, double[] p, double[] t) {
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
