package dev.millrace.nn;

import dev.millrace.nn.kernel.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where each variable lies in a network's flat parameter array. A kernel {@code [inputs][units]} is stored as
 * {@code ceil(units/16)} panels {@code [inputs][16]}, zero-padded; its bias follows, padded to a multiple of 16. Gradients and
 * optimizer slots have the same layout. Keras's order (row-major, unpadded) exists only at the edge, through
 * {@link #toRowMajor} and {@link #fromRowMajor}.
 */
public final class ParameterLayout {
    /** Columns of a panel. Part of the stored format, whatever the hardware's vector width. */
    public static final int PANEL = Kernels.PANEL;

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

        /** Index in the flat array of the element in that row and column. */
        int index(int row, int column) {
            return offset + (column / PANEL * rows + row) * PANEL + column % PANEL;
        }
    }

    private final List<Variable> variables;
    private final int length;

    /** @throws IllegalArgumentException if the parameters do not fit into one array */
    ParameterLayout(NetworkSpec spec) {
        List<Variable> all = new ArrayList<>();
        long end = 0;
        int inputs = spec.inputs();
        for (Layer layer : spec.layers()) {
            switch (layer) {
                case Dense dense -> {
                    int columns = Kernels.padded(dense.units());
                    end = add(all, new Variable(dense.name() + "/kernel", inputs, dense.units(), false, (int) end, 0),
                            (long) inputs * columns);
                    if (dense.useBias()) {
                        end = add(all, new Variable(dense.name() + "/bias", 1, dense.units(), true, (int) end, 0), columns);
                    }
                    inputs = dense.units();
                }
            }
        }
        variables = List.copyOf(all);
        length = (int) end;
    }

    private static long add(List<Variable> all, Variable unsized, long paddedLength) {
        long end = unsized.offset() + paddedLength;
        if (end > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("the network is too large: its parameters up to " + unsized.name() + " need " + end
                    + " elements of one array");
        }
        all.add(new Variable(unsized.name(), unsized.rows(), unsized.columns(), unsized.vector(), unsized.offset(), (int) paddedLength));
        return end;
    }

    /** All variables, layer by layer, kernel before bias. */
    public List<Variable> variables() {
        return variables;
    }

    /** Length of the flat array, padding included. */
    public int length() {
        return length;
    }

    /** Number of parameters as Keras counts them, without padding. */
    public int parameterCount() {
        int count = 0;
        for (Variable variable : variables) {
            count += variable.size();
        }
        return count;
    }

    /** Copies one variable out of {@code flat} in Keras's row-major order. */
    public float[] toRowMajor(float[] flat, Variable variable) {
        requireLength(flat);
        float[] rowMajor = new float[variable.size()];
        for (int row = 0; row < variable.rows(); row++) {
            for (int column = 0; column < variable.columns(); column++) {
                rowMajor[row * variable.columns() + column] = flat[variable.index(row, column)];
            }
        }
        return rowMajor;
    }

    /** Copies one variable, given in Keras's row-major order, into {@code flat}; padding becomes 0. */
    public void fromRowMajor(float[] rowMajor, Variable variable, float[] flat) {
        requireLength(flat);
        if (rowMajor.length != variable.size()) {
            throw new IllegalArgumentException(variable.name() + " has " + variable.size() + " values, found " + rowMajor.length);
        }
        Arrays.fill(flat, variable.offset(), variable.offset() + variable.paddedLength(), 0);
        for (int row = 0; row < variable.rows(); row++) {
            for (int column = 0; column < variable.columns(); column++) {
                flat[variable.index(row, column)] = rowMajor[row * variable.columns() + column];
            }
        }
    }

    /** Sets every parameter to {@code value}, and the padding to 0. */
    void fill(float[] flat, float value) {
        Arrays.fill(flat, value);
        clearPadding(flat);
    }

    /** Sets the padding to 0. */
    void clearPadding(float[] flat) {
        for (Variable variable : variables) {
            int used = variable.columns() % PANEL;
            if (used != 0) {
                int end = variable.offset() + variable.paddedLength();
                for (int row = variable.index(0, variable.columns() - used); row < end; row += PANEL) {
                    Arrays.fill(flat, row + used, row + PANEL, 0);
                }
            }
        }
    }

    private void requireLength(float[] flat) {
        if (flat.length != length) {
            throw new IllegalArgumentException("the flat array has " + length + " elements, found " + flat.length);
        }
    }
}
