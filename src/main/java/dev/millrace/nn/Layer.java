package dev.millrace.nn;

import java.util.List;

/** One layer of a {@link NetworkSpec}; a closed family. */
public sealed interface Layer permits Dense, ActivationLayer, Dropout, BatchNormalization {
    /** Unique within the network, as Keras names layers: {@code dense}, {@code dense_1}, … */
    String name();

    /** What it is in Keras, for example {@code Dense}. */
    default String kerasClass() {
        return switch (this) {
            case Dense _ -> "Dense";
            case ActivationLayer _ -> "Activation";
            case Dropout _ -> "Dropout";
            case BatchNormalization _ -> "BatchNormalization";
        };
    }

    /** Width of what it writes. */
    default int outputs(int inputs) {
        return this instanceof Dense dense ? dense.units() : inputs;
    }

    /** Number of parameters, trained or not. */
    default long parameterCount(int inputs) {
        return switch (this) {
            case Dense dense -> (inputs + (dense.useBias() ? 1L : 0L)) * dense.units();
            case BatchNormalization normalization ->
                (2L + (normalization.scale() ? 1 : 0) + (normalization.center() ? 1 : 0)) * inputs;
            case ActivationLayer _,Dropout _ -> 0;
        };
    }

    /** Number of parameters the optimizer changes. */
    default long trainableCount(int inputs) {
        return parameterCount(inputs) - (this instanceof BatchNormalization ? 2L * inputs : 0);
    }

    /** Its variables, in Keras's order. */
    List<VariableSpec> variables(int inputs);
}
