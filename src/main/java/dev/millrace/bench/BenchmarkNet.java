package dev.millrace.bench;

import dev.millrace.nn.Activation;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Layer;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A network of dense layers that is measured, with the batch it is usually trained with.
 *
 * @param widths inputs, then the units of each layer
 * @param activations of each layer
 */
record BenchmarkNet(String name, List<Integer> widths, List<Activation> activations, TrainingSpec training, int batch) {
    private static final LearningRate RATE = new LearningRate.Constant(1e-3f);
    private static final Optimizer SGD = new Optimizer.Sgd(RATE, 0, false, Clipping.NONE);
    private static final Optimizer ADAM = new Optimizer.Adam(RATE, 0.9f, 0.999f, 1e-7f, false, Clipping.NONE);

    /** A small regression, the usual case on a stream; a mixed one; a classifier of small images; a large regression. */
    static List<BenchmarkNet> all() {
        return List.of(
                new BenchmarkNet("N1", List.of(8, 10, 10, 1), List.of(Activation.RELU, Activation.RELU, Activation.LINEAR),
                        mean(new Loss.MeanSquaredError(), SGD), 100),
                new BenchmarkNet("N2", List.of(32, 64, 50, 40, 10),
                        List.of(Activation.RELU, Activation.SIGMOID, Activation.RELU, Activation.SOFTMAX),
                        mean(new Loss.MeanSquaredError(), ADAM), 32),
                new BenchmarkNet("N3", List.of(784, 100, 100, 10), List.of(Activation.RELU, Activation.RELU, Activation.SOFTMAX),
                        mean(new Loss.SparseCategoricalCrossentropy(false), SGD), 100),
                new BenchmarkNet("N4", List.of(256, 1024, 512, 1), List.of(Activation.RELU, Activation.RELU, Activation.LINEAR),
                        mean(new Loss.MeanSquaredError(), ADAM), 256));
    }

    private static TrainingSpec mean(Loss loss, Optimizer optimizer) {
        return new TrainingSpec(loss, Loss.Reduction.SUM_OVER_BATCH_SIZE, optimizer);
    }

    int inputs() {
        return widths.getFirst();
    }

    int outputs() {
        return widths.getLast();
    }

    int targetWidth() {
        return training.loss().targetWidth(outputs());
    }

    NetworkSpec spec() {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < activations.size(); i++) {
            layers.add(new Dense("dense_" + i, widths.get(i + 1), activations.get(i)));
        }
        return new NetworkSpec(inputs(), layers);
    }

    /** Multiply-adds of all products of a forward pass of one sample. */
    private long products() {
        long sum = 0;
        for (int i = 0; i + 1 < widths.size(); i++) {
            sum += (long) widths.get(i) * widths.get(i + 1);
        }
        return sum;
    }

    /** Floating point operations of a prediction; only products count. */
    double predictionOperations(int samples) {
        return 2.0 * samples * products();
    }

    /** Of a step: forward and the gradients of all weights, and the gradients of all inputs but those of the first layer. */
    double stepOperations(int samples) {
        return 2.0 * samples * (3 * products() - (long) widths.get(0) * widths.get(1));
    }

    @Override
    public String toString() {
        return String.join("-", widths.stream().map(String::valueOf).toList());
    }
}
