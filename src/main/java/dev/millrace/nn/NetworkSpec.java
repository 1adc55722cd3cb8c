package dev.millrace.nn;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a network is: the width of its input and its layers, in order. Immutable, without weights.
 *
 * @param inputs number of input features, at least 1
 * @param layers at least one; names are unique
 */
public record NetworkSpec(int inputs, List<Layer> layers) {
    public NetworkSpec {
        layers = List.copyOf(layers);
        if (inputs < 1) {
            throw new IllegalArgumentException("a network needs at least 1 input, found " + inputs);
        }
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("a network needs at least one layer");
        }
        Set<String> names = new HashSet<>();
        for (Layer layer : layers) {
            if (!names.add(layer.name())) {
                throw new IllegalArgumentException("two layers are named " + layer.name());
            }
        }
    }

    /** Number of values the network answers with. */
    public int outputs() {
        int width = inputs;
        for (int i = 0; i < layers.size(); i++) { // asked for at every prediction, hence without an iterator
            width = layers.get(i).outputs(width);
        }
        return width;
    }

    /** The activation that makes the answer, linear if the last layer does something else. */
    public Activation outputActivation() {
        return outputActivation(layers);
    }

    /** The activation that makes the answer of such layers, see {@link #outputActivation()}. */
    public static Activation outputActivation(List<Layer> layers) {
        for (Layer layer : layers.reversed()) {
            Activation activation = switch (layer) {
                case Dense dense -> dense.activation();
                case ActivationLayer own -> own.activation();
                case Dropout _,BatchNormalization _ -> Activation.LINEAR;
            };
            boolean passesOn = layer instanceof ActivationLayer && activation == Activation.LINEAR;
            if (!passesOn) {
                return activation;
            }
        }
        return Activation.LINEAR;
    }
}
