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
        return switch (layers.getLast()) {
            case Dense dense -> dense.units();
        };
    }

    /** The activation of the last layer. */
    public Activation outputActivation() {
        return switch (layers.getLast()) {
            case Dense dense -> dense.activation();
        };
    }
}
