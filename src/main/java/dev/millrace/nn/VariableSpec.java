package dev.millrace.nn;

/**
 * One array of numbers that a layer owns: its shape, its first values and what is done to it.
 *
 * @param name as Keras names it: {@code dense/kernel}
 * @param rows inputs of a kernel, 1 for a vector
 * @param columns units
 * @param vector whether the shape is {@code [columns]}
 * @param trainable whether the optimizer changes it
 */
public record VariableSpec(String name, int rows, int columns, boolean vector, boolean trainable, Initializer initializer,
        Regularizer regularizer, Constraint constraint) {

    static VariableSpec vector(String name, int columns, boolean trainable, Initializer initializer) {
        return new VariableSpec(name, 1, columns, true, trainable, initializer, Regularizer.NONE, Constraint.NONE);
    }
}
