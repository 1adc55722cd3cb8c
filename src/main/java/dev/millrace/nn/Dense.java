package dev.millrace.nn;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code activation(x · kernel + bias)}, the layer Keras calls {@code Dense}; kernel is {@code [inputs][units]}, bias
 * {@code [units]}.
 *
 * @param units size of the output, at least 1
 * @param biasInitializer not orthogonal and not identity: a bias is a vector
 */
public record Dense(String name, int units, Activation activation, boolean useBias, Initializer kernelInitializer,
        Initializer biasInitializer, Regularizer kernelRegularizer, Regularizer biasRegularizer, Constraint kernelConstraint,
        Constraint biasConstraint) implements Layer {

    public Dense {
        if (units < 1) {
            throw new IllegalArgumentException("units must be at least 1, found " + units);
        }
        if (biasInitializer instanceof Initializer.Orthogonal || biasInitializer instanceof Initializer.Identity) {
            throw new IllegalArgumentException("bias_initializer of layer " + name + " cannot be "
                    + (biasInitializer instanceof Initializer.Orthogonal ? "orthogonal" : "identity")
                    + ": a bias is a vector, and this initializer needs a matrix");
        }
    }

    /** A layer without constraints. */
    public Dense(String name, int units, Activation activation, boolean useBias, Initializer kernelInitializer,
            Initializer biasInitializer, Regularizer kernelRegularizer, Regularizer biasRegularizer) {
        this(name, units, activation, useBias, kernelInitializer, biasInitializer, kernelRegularizer, biasRegularizer, Constraint.NONE,
                Constraint.NONE);
    }

    /** A layer with Keras's defaults: glorot_uniform kernel, zero bias, no regularizer, no constraint. */
    public Dense(String name, int units, Activation activation) {
        this(name, units, activation, true, Initializer.GLOROT_UNIFORM, Initializer.ZEROS, Regularizer.NONE, Regularizer.NONE);
    }

    @Override
    public List<VariableSpec> variables(int inputs) {
        List<VariableSpec> variables = new ArrayList<>();
        variables.add(new VariableSpec(name + "/kernel", inputs, units, false, true, kernelInitializer, kernelRegularizer,
                kernelConstraint));
        if (useBias) {
            variables.add(new VariableSpec(name + "/bias", 1, units, true, true, biasInitializer, biasRegularizer, biasConstraint));
        }
        return variables;
    }
}
