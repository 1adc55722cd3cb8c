package dev.millrace.nn;

import java.util.List;

/** An activation as a layer of its own, the layer Keras calls {@code Activation}. */
public record ActivationLayer(String name, Activation activation) implements Layer {
    @Override
    public List<VariableSpec> variables(int inputs) {
        return List.of();
    }
}
