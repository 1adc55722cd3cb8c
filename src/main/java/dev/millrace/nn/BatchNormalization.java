package dev.millrace.nn;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code γ (x - mean) / sqrt(variance + ε) + β} of each column (Ioffe and Szegedy 2015). In training, mean and variance are the
 * batch's, and {@code moving = momentum moving + (1 - momentum) batch} follows them; prediction uses the moving ones. A batch of one
 * sample has no variance: training answers β then, so this layer wants larger batches.
 *
 * <p>
 * The moving statistics are parameters without gradient: they lie among the weights, are stored and restored with them, and a
 * refused step leaves them as they were.
 *
 * @param momentum from 0 to 1; Keras's default is 0.99
 * @param epsilon not negative; Keras's default is 0.001
 * @param center whether there is a β
 * @param scale whether there is a γ
 */
public record BatchNormalization(String name, float momentum, float epsilon, boolean center, boolean scale) implements Layer {
    public BatchNormalization {
        if (!(momentum >= 0 && momentum <= 1)) {
            throw new IllegalArgumentException("momentum must be between 0 and 1, found " + momentum);
        }
        if (!(epsilon >= 0) || Float.isInfinite(epsilon)) {
            throw new IllegalArgumentException("epsilon must be finite and not negative, found " + epsilon);
        }
    }

    /** A layer with Keras's defaults. */
    public BatchNormalization(String name) {
        this(name, 0.99f, 0.001f, true, true);
    }

    @Override
    public List<VariableSpec> variables(int inputs) {
        List<VariableSpec> variables = new ArrayList<>();
        if (scale) {
            variables.add(VariableSpec.vector(name + "/gamma", inputs, true, Initializer.ONES));
        }
        if (center) {
            variables.add(VariableSpec.vector(name + "/beta", inputs, true, Initializer.ZEROS));
        }
        variables.add(VariableSpec.vector(name + "/moving_mean", inputs, false, Initializer.ZEROS));
        variables.add(VariableSpec.vector(name + "/moving_variance", inputs, false, Initializer.ONES));
        return variables;
    }
}
