package dev.millrace.nn;

import java.util.ArrayList;
import java.util.List;

/**
 * The networks of TensorFlow's estimators {@code DNNRegressor} and {@code DNNClassifier}
 * ({@code tensorflow_estimator/python/estimator/canned/dnn.py}): hidden layers of one activation, each with its dropout
 * and batch normalization if wanted, then a linear layer. Layers are named as Keras names them.
 */
public final class Presets {
    private static final float ESTIMATOR_MOMENTUM = 0.999f;

    private Presets() {
    }

    /**
     * A network that answers with {@code labelDimension} numbers.
     *
     * @param hiddenUnits units of each hidden layer; may be empty
     */
    public static NetworkSpec dnnRegressor(int inputs, List<Integer> hiddenUnits, Activation activation, int labelDimension) {
        return dnnRegressor(inputs, hiddenUnits, activation, labelDimension, 0, false);
    }

    /**
     * A {@link #dnnRegressor} with more between its layers.
     *
     * @param dropout rate of a dropout after each hidden layer; 0 for none
     * @param batchNorm whether a normalization with momentum 0.999 follows each hidden layer (and its dropout)
     */
    public static NetworkSpec dnnRegressor(int inputs, List<Integer> hiddenUnits, Activation activation, int labelDimension,
            float dropout, boolean batchNorm) {
        return network(inputs, hiddenUnits, activation, labelDimension, dropout, batchNorm);
    }

    /**
     * A network that answers with logits: one for two classes, else one per class.
     *
     * @param hiddenUnits units of each hidden layer; may be empty
     * @param nClasses at least 2
     */
    public static NetworkSpec dnnClassifier(int inputs, List<Integer> hiddenUnits, int nClasses, Activation activation) {
        return dnnClassifier(inputs, hiddenUnits, nClasses, activation, 0, false);
    }

    /** A {@link #dnnClassifier} with more between its layers, as for a {@link #dnnRegressor}. */
    public static NetworkSpec dnnClassifier(int inputs, List<Integer> hiddenUnits, int nClasses, Activation activation, float dropout,
            boolean batchNorm) {
        requireClasses(nClasses);
        return network(inputs, hiddenUnits, activation, nClasses == 2 ? 1 : nClasses, dropout, batchNorm);
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

    private static NetworkSpec network(int inputs, List<Integer> hiddenUnits, Activation activation, int outputs, float dropout,
            boolean batchNorm) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < hiddenUnits.size(); i++) {
            layers.add(new Dense(layerName("dense", i), hiddenUnits.get(i), activation));
            if (dropout != 0) {
                layers.add(new Dropout(layerName("dropout", i), dropout));
            }
            if (batchNorm) {
                layers.add(new BatchNormalization(layerName("batch_normalization", i), ESTIMATOR_MOMENTUM, 0.001f, true, true));
            }
        }
        layers.add(new Dense(layerName("dense", hiddenUnits.size()), outputs, Activation.LINEAR));
        return new NetworkSpec(inputs, layers);
    }

    private static String layerName(String kind, int index) {
        return index == 0 ? kind : kind + "_" + index;
    }

    private static void requireClasses(int nClasses) {
        if (nClasses < 2) {
            throw new IllegalArgumentException("n_classes must be at least 2, found " + nClasses);
        }
    }
}
