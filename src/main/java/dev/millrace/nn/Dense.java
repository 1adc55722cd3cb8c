package dev.millrace.nn;

/**
 * {@code activation(x · kernel + bias)}, the layer Keras calls {@code Dense}; kernel is {@code [inputs][units]}, bias
 * {@code [units]}.
 *
 * @param units size of the output, at least 1
 * @param biasInitializer not orthogonal and not identity: a bias is a vector
 */
public record Dense(String name, int units, Activation activation, boolean useBias, Initializer kernelInitializer,
        Initializer biasInitializer, Regularizer kernelRegularizer, Regularizer biasRegularizer) implements Layer {

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

    /** A layer with Keras's defaults: glorot_uniform kernel, zero bias, no regularizer. */
    public Dense(String name, int units, Activation activation) {
        this(name, units, activation, true, Initializer.GLOROT_UNIFORM, Initializer.ZEROS, Regularizer.NONE, Regularizer.NONE);
    }
}
