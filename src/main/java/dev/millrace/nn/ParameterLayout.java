package dev.millrace.nn;

import java.util.List;

/**
 * Where each variable lies in a network's flat parameter array. A kernel {@code [inputs][units]} is stored as
 * {@code ceil(units/16)} panels {@code [inputs][16]}, zero-padded; its bias follows, padded to a multiple of 16. Gradients and
 * optimizer slots have the same layout. Keras's order (row-major, unpadded) exists only at the edge, through
 * {@link #toRowMajor} and {@link #fromRowMajor}.
 */
public final class ParameterLayout {
    /** Columns of a panel. Part of the stored format, whatever the hardware's vector width. */
    public static final int PANEL = 16;

    /**
     * One kernel or bias.
     *
     * @param name as Keras names it: {@code dense/kernel}, {@code dense/bias}
     * @param rows inputs of a kernel, 1 for a bias
     * @param columns units
     * @param vector whether this is a bias, whose shape is {@code [columns]}
     * @param offset first element in the flat array
     * @param paddedLength elements in the flat array, padding included
     */
    public record Variable(String name, int rows, int columns, boolean vector, int offset, int paddedLength) {
        /** Number of values without padding. */
        public int size() {
            return rows * columns;
        }
    }

    ParameterLayout(NetworkSpec spec) {
        throw new UnsupportedOperationException();
    }

    /** All variables, layer by layer, kernel before bias. */
    public List<Variable> variables() {
        throw new UnsupportedOperationException();
    }

    /** Length of the flat array, padding included. */
    public int length() {
        throw new UnsupportedOperationException();
    }

    /** Number of parameters as Keras counts them, without padding. */
    public int parameterCount() {
        throw new UnsupportedOperationException();
    }

    /** Copies one variable out of {@code flat} in Keras's row-major order. */
    public float[] toRowMajor(float[] flat, Variable variable) {
        throw new UnsupportedOperationException();
    }

    /** Copies one variable, given in Keras's row-major order, into {@code flat}; padding becomes 0. */
    public void fromRowMajor(float[] rowMajor, Variable variable, float[] flat) {
        throw new UnsupportedOperationException();
    }
}
