package dev.millrace.interop;

import dev.millrace.nn.Metric;
import dev.millrace.nn.Network;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.nn.TrainingSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network as it stands between two file formats.
 *
 * @param name of the model, as Keras shows it
 * @param network its layers, without the normalization
 * @param training what it was compiled with
 * @param weights by variable ({@code dense/kernel}), row-major; all variables, or none if only the architecture is known; borrowed
 * @param optimizer what the optimizer has remembered, for {@code training}
 * @param normalization what is done to the inputs before the first layer
 * @param metadata what only Millrace understands, by name; {@code learner} is a learner's definition
 */
public record KerasModel(String name, NetworkSpec network, Optional<TrainingSpec> training,
        Map<String, float[]> weights, Optional<OptimizerState> optimizer, Optional<Normalization> normalization,
        Map<String, String> metadata) {
    /** Name of the metadata that holds a learner's definition, as JSON. */
    public static final String LEARNER = "learner";

    public KerasModel {
        weights = Map.copyOf(weights);
        metadata = Map.copyOf(metadata);
        List<ParameterLayout.Variable> variables = new Network(network).layout().variables();
        if (!weights.isEmpty()) {
            requireAll("weights", variables, weights);
        }
        if (optimizer.isPresent()) {
            List<String> slots = training.orElseThrow(() -> new IllegalArgumentException("an optimizer's state, but no optimizer"))
                    .optimizer().slots();
            if (!optimizer.get().slots().keySet().equals(java.util.Set.copyOf(slots))) {
                throw new IllegalArgumentException(
                        "the optimizer remembers " + slots + ", its state has " + optimizer.get().slots().keySet());
            }
            optimizer.get().slots().forEach((slot, values) -> requireAll(slot,
                    variables.stream().filter(ParameterLayout.Variable::trainable).toList(), values));
        }
        if (normalization.isPresent() && normalization.get().mean().length != network.inputs()) {
            throw new IllegalArgumentException(
                    "the normalization has " + normalization.get().mean().length + " inputs, the network " + network.inputs());
        }
    }

    private static void requireAll(String what, List<ParameterLayout.Variable> variables, Map<String, float[]> values) {
        for (ParameterLayout.Variable variable : variables) {
            float[] found = values.get(variable.name());
            if (found == null || found.length != variable.size()) {
                throw new IllegalArgumentException(what + ": variable " + variable.name() + " has " + variable.size() + " values, found "
                        + (found == null ? "none" : found.length));
            }
        }
        if (values.size() != variables.size()) {
            throw new IllegalArgumentException(what + ": " + values.size() + " variables, the network has " + variables.size());
        }
    }

    /** Whether there is more than an architecture. */
    public boolean hasWeights() {
        return !weights.isEmpty();
    }

    KerasModel withWeights(Map<String, float[]> newWeights, Optional<OptimizerState> state) {
        return new KerasModel(name, network, training, newWeights, state, normalization, metadata);
    }

    KerasModel withNormalization(Optional<Normalization> other) {
        return new KerasModel(name, network, training, weights, optimizer, other, metadata);
    }

    /** The same model, compiled with other metrics; call for compiled models only. */
    public KerasModel withMetrics(List<Metric> metrics) {
        Optional<TrainingSpec> measured = training.map(compiled -> compiled.withMetrics(metrics, List.of()));
        return new KerasModel(name, network, measured, weights, optimizer, normalization, metadata);
    }

    KerasModel withMetadata(Map<String, String> other) {
        return new KerasModel(name, network, training, weights, optimizer, normalization, other);
    }

    /** The weights in the layout of a network. */
    float[] flatWeights(ParameterLayout layout) {
        return flat(layout, weights);
    }

    static float[] flat(ParameterLayout layout, Map<String, float[]> values) {
        float[] flat = new float[layout.length()];
        for (ParameterLayout.Variable variable : layout.variables()) {
            float[] rowMajor = values.get(variable.name()); // none for the slots of what is not trained
            if (rowMajor != null) {
                layout.fromRowMajor(rowMajor, variable, flat);
            }
        }
        return flat;
    }
}
