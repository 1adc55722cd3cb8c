package dev.millrace.learn;

import dev.millrace.nn.ParameterLayout;
import dev.millrace.nn.TrainingState;
import java.util.List;
import java.util.Map;

/**
 * What a learner starts with instead of weights from its seed: those of a network that was trained before. As much a part of what
 * makes a run reproducible as the seed.
 *
 * @param version optimizer steps already made, which the learner goes on to count from
 * @param weights by variable ({@code dense/kernel}), row-major; all of them; borrowed
 * @param slots of the optimizer by slot and variable, row-major; empty to start with fresh ones; borrowed
 * @param statistics of the features as {@code [3][width]}: number of values, mean, variance; empty to start without; borrowed
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record StartingState(long version, Map<String, float[]> weights, Map<String, Map<String, float[]>> slots, double[] statistics) {
    public StartingState {
        if (version < 0) {
            throw new IllegalArgumentException("the version must not be negative, found " + version);
        }
        weights = Map.copyOf(weights);
        slots = Map.copyOf(slots);
    }

    /**
     * Writes weights and slots over those of a fresh state.
     *
     * @throws IllegalArgumentException if this belongs to another network or optimizer
     */
    void applyTo(TrainingState state, ParameterLayout layout, List<String> slotNames) {
        put("weights", weights, layout, state.parameters());
        if (!slots.isEmpty()) {
            for (int i = 0; i < slotNames.size(); i++) {
                Map<String, float[]> slot = slots.get(slotNames.get(i));
                if (slot == null) {
                    throw new IllegalArgumentException("the optimizer needs the slots " + slotNames + ", found " + slots.keySet());
                }
                put(slotNames.get(i), slot, layout, state.slot(i));
            }
        }
        state.setIterations(version);
    }

    private static void put(String what, Map<String, float[]> values, ParameterLayout layout, float[] flat) {
        for (ParameterLayout.Variable variable : layout.variables()) {
            float[] rowMajor = values.get(variable.name());
            if (rowMajor == null && !required(what, variable)) {
                continue;
            }
            if (rowMajor == null) {
                throw new IllegalArgumentException(what + ": " + variable.name() + " is missing");
            }
            layout.fromRowMajor(rowMajor, variable, flat);
        }
    }

    /** What is not trained has weights, but no slots. */
    private static boolean required(String what, ParameterLayout.Variable variable) {
        return variable.trainable() || what.equals("weights");
    }
}
