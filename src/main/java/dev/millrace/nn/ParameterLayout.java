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
     * One kernel, bias or other vector.
     *
     * @param name as Keras names it: {@code dense/kernel}, {@code dense/bias}
     * @param rows inputs of a kernel, 1 for a vector
     * @param columns units
     * @param vector whether the shape is {@code [columns]}
     * @param offset first element in the flat array
     * @param paddedLength elements in the flat array, padding included
     * @param trainable whether the optimizer changes it; the slots of what it does not change are 0
     */
    public record Variable(String name, int rows, int columns, boolean vector, int offset, int paddedLength, boolean trainable) {
        /** A variable that is trained. */
        public Variable(String name, int rows, int columns, boolean vector, int offset, int paddedLength) {
            this(name, rows, columns, vector, offset, paddedLength, true);
        }

        /** Number of values without padding. */
        public int size() {
            return rows * columns;
        }

        /** Index in the flat array of the element in that row and column. */
        int index(int row, int column) {
            return offset + (column / PANEL * rows + row) * PANEL + column % PANEL;
        }
    }

    private final List<VariableSpec> specs;
    private final List<Variable> variables;
    private final List<Variable> untrained;
    private final int length;

    /** @throws IllegalArgumentException if the parameters do not fit into one array */
    ParameterLayout(NetworkSpec network) {
        List<VariableSpec> all = new ArrayList<>();
        int inputs = network.inputs();
        for (Layer layer : network.layers()) {
            all.addAll(layer.variables(inputs));
            inputs = layer.outputs(inputs);
        }
        List<Variable> placed = new ArrayList<>();
        long end = 0;
        for (VariableSpec spec : all) {
            long paddedLength = (long) spec.rows() * Kernels.padded(spec.columns());
            long offset = end;
            end += paddedLength;
            if (end > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException("the network is too large: its parameters up to " + spec.name() + " need " + end
                        + " elements of one array");
            }
            placed.add(new Variable(spec.name(), spec.rows(), spec.columns(), spec.vector(), (int) offset, (int) paddedLength,
                    spec.trainable()));
        }
        specs = List.copyOf(all);
        variables = List.copyOf(placed);
        untrained = variables.stream().filter(variable -> !variable.trainable()).toList();
        length = (int) end;
    }

    /** What the layers say about their variables, in the order of {@link #variables}. */
    List<VariableSpec> specs() {
        return specs;
    }

    /** All variables, layer by layer, in Keras's order: kernel before bias. */
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

    /**
     * Copies at most {@code most} values of one variable out of {@code flat}, evenly spread in Keras's order; all of them if there
     * are no more.
     */
    public float[] sample(float[] flat, Variable variable, int most) {
        requireLength(flat);
        float[] sample = new float[Math.min(variable.size(), most)];
        for (int i = 0; i < sample.length; i++) {
            int at = (int) ((long) variable.size() * i / sample.length);
            sample[i] = flat[variable.index(at / variable.columns(), at % variable.columns())];
        }
        return sample;
    }

    /** One value of a variable. */
    public float value(float[] flat, Variable variable, int row, int column) {
        return flat[variable.index(row, column)];
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
        for (int i = 0; i < variables.size(); i++) { // done at every step, hence without an iterator
            Variable variable = variables.get(i);
            int used = variable.columns() % PANEL;
            if (used != 0) {
                int end = variable.offset() + variable.paddedLength();
                for (int row = variable.index(0, variable.columns() - used); row < end; row += PANEL) {
                    Arrays.fill(flat, row + used, row + PANEL, 0);
                }
            }
        }
    }

    /** Sets what is not trained to 0. */
    void clearUntrained(float[] flat) {
        for (int i = 0; i < untrained.size(); i++) {
            Variable variable = untrained.get(i);
            Arrays.fill(flat, variable.offset(), variable.offset() + variable.paddedLength(), 0);
        }
    }

    private void requireLength(float[] flat) {
        if (flat.length != length) {
            throw new IllegalArgumentException("the flat array has " + length + " elements, found " + flat.length);
        }
    }
}
