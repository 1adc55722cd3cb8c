package dev.millrace.interop;

import dev.millrace.nn.Dense;
import dev.millrace.nn.Initializer;
import dev.millrace.nn.Layer;
import dev.millrace.nn.NetworkSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Puts the normalization of the inputs into the first dense layer: with {@code d = max(sqrt(variance), 1e-7)} the kernel becomes
 * {@code W / d} and the bias {@code b - (mean / d) · W}, computed in double. The optimizer's state is of no use for these weights
 * and is left out.
 */
final class Folding {
    private Folding() {
    }

    static KerasModel fold(KerasModel model) {
        if (model.normalization().isEmpty()) {
            return model;
        }
        if (!model.hasWeights()) {
            throw new ModelFileException("weights", "a normalization can only be folded into weights, and there are none");
        }
        Layer first = model.network().layers().getFirst();
        if (!(first instanceof Dense dense)) {
            throw new ModelFileException("layer " + first.name(), "a normalization can only be folded into a Dense layer");
        }
        Normalization normalization = model.normalization().get();
        int inputs = model.network().inputs();
        int units = dense.units();
        float[] kernel = Objects.requireNonNull(model.weights().get(dense.name() + "/kernel")).clone(); // [inputs][units]
        float[] bias = model.weights().getOrDefault(dense.name() + "/bias", new float[units]);
        double[] shifted = new double[units];
        for (int j = 0; j < units; j++) {
            shifted[j] = bias[j];
        }
        for (int i = 0; i < inputs; i++) {
            double deviation = Math.max(Math.sqrt(normalization.variance()[i]), 1e-7);
            for (int j = 0; j < units; j++) {
                double scaled = kernel[i * units + j] / deviation;
                shifted[j] -= normalization.mean()[i] * scaled;
                kernel[i * units + j] = (float) scaled;
            }
        }
        Map<String, float[]> weights = new LinkedHashMap<>(model.weights());
        weights.put(dense.name() + "/kernel", kernel);
        weights.put(dense.name() + "/bias", floats(shifted));
        List<Layer> layers = new ArrayList<>(model.network().layers());
        layers.set(0, withBias(dense));
        NetworkSpec folded = new NetworkSpec(inputs, layers);
        Map<String, String> metadata = new LinkedHashMap<>(model.metadata());
        if (LearnerModels.knowsFeatures(model)) {
            metadata.put(KerasModel.LEARNER, LearnerModels.unstandardized(model, folded));
        }
        return new KerasModel(model.name(), folded, model.training(), weights, Optional.empty(), Optional.empty(), metadata);
    }

    private static Dense withBias(Dense dense) {
        return dense.useBias()
                ? dense
                : new Dense(dense.name(), dense.units(), dense.activation(), true, dense.kernelInitializer(), Initializer.ZEROS,
                        dense.kernelRegularizer(), dense.biasRegularizer(), dense.kernelConstraint(), dense.biasConstraint());
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
