package dev.millrace.interop;

import java.util.Map;

/**
 * What an optimizer has remembered.
 *
 * @param iterations finished steps
 * @param slots by slot (see {@code Optimizer.slots()}) and variable, row-major; the arrays are borrowed
 */
public record OptimizerState(long iterations, Map<String, Map<String, float[]>> slots) {
    public OptimizerState {
        slots = Map.copyOf(slots);
        if (iterations < 0) {
            throw new IllegalArgumentException("iterations must not be negative, found " + iterations);
        }
    }
}
