package dev.millrace.nn;

import java.util.ArrayList;
import java.util.List;

/**
 * The networks of TensorFlow's estimators {@code DNNRegressor} and {@code DNNClassifier}
 * ({@code tensorflow_estimator/python/estimator/canned/dnn.py}): hidden layers of one activation, then a linear layer. Layers are
 * named as Keras names them.
 */
public final class Presets {
    private Presets() {
    }

    /**
     * A network that answers with {@code labelDimension} numbers.
     *
     * @param hiddenUnits units of each hidden layer; may be empty
     */
    public static NetworkSpec dnnRegressor(int inputs, List<Integer> hiddenUnits, Activation activation, int labelDimension) {
        return network(inputs, hiddenUnits, activation, labelDimension);
    }

    /**
     * A network that answers with logits: one for two classes, else one per class.
     *
     * @param hiddenUnits units of each hidden layer; may be empty
     * @param nClasses at least 2
     */
    public static NetworkSpec dnnClassifier(int inputs, List<Integer> hiddenUnits, int nClasses, Activation activation) {
        requireClasses(nClasses);
        return network(inputs, hiddenUnits, activation, nClasses == 2 ? 1 : nClasses);
    }

    /** The loss of a {@link #dnnRegressor}. */
    public static Loss regressorLoss() {
        return new Loss.MeanSquaredError();
    }

    /** The loss of a {@link #dnnClassifier}; its target is a class index, which for two classes is the probability of class 1. */
    public static Loss classifierLoss(int nClasses) {
        requireClasses(nClasses);
        return nClasses == 2 ? new Loss.BinaryCrossentropy(true, 0) : new Loss.SparseCategoricalCrossentropy(true);
    }

    private static NetworkSpec network(int inputs, List<Integer> hiddenUnits, Activation activation, int outputs) {
        List<Layer> layers = new ArrayList<>();
        for (int units : hiddenUnits) {
            layers.add(new Dense(layerName(layers.size()), units, activation));
        }
        layers.add(new Dense(layerName(layers.size()), outputs, Activation.LINEAR));
        return new NetworkSpec(inputs, layers);
    }

    private static String layerName(int index) {
        return index == 0 ? "dense" : "dense_" + index;
    }

    private static void requireClasses(int nClasses) {
        if (nClasses < 2) {
            throw new IllegalArgumentException("n_classes must be at least 2, found " + nClasses);
        }
    }
}
