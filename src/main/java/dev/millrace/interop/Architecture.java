package dev.millrace.interop;

import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.TrainingSpec;
import java.util.List;
import java.util.Optional;

/**
 * What a Keras configuration says, before any weights.
 *
 * @param layers of the file in order, with the normalization, without input layers
 * @param normalization if its statistics stand in the configuration
 */
record Architecture(String name, List<FileLayer> layers, NetworkSpec network, Optional<TrainingSpec> training,
        Optional<Normalization> normalization) {
    /** One layer as the file calls it. */
    record FileLayer(String className, String name) {
        boolean isNormalization() {
            return className.equals("Normalization");
        }
    }

    Architecture withTraining(Optional<TrainingSpec> compiled) {
        return new Architecture(name, layers, network, compiled, normalization);
    }

    /** Whether the statistics of the normalization are among the weights. */
    boolean normalizationHasWeights() {
        return normalization.isEmpty() && layers.stream().anyMatch(FileLayer::isNormalization);
    }
}
