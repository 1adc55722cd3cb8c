package dev.millrace.nn;

import dev.millrace.nn.kernel.Elementwise;
import dev.millrace.nn.kernel.Kernels;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A dense layer with its place in the flat parameter array.
 *
 * @param inputs width of what it reads
 * @param units width of what it writes
 * @param kernel offset of the kernel
 * @param bias offset of the bias, or {@link Kernels#NO_BIAS}
 */
record Stage(int inputs, int units, Activation activation, int kernel, int bias) {
    /** The stages of a network, in order. */
    static List<Stage> of(NetworkSpec spec, ParameterLayout layout) {
        List<Stage> stages = new ArrayList<>();
        Iterator<ParameterLayout.Variable> variables = layout.variables().iterator();
        int inputs = spec.inputs();
        for (Layer layer : spec.layers()) {
            switch (layer) {
                case Dense dense -> {
                    int kernel = variables.next().offset();
                    int bias = dense.useBias() ? variables.next().offset() : Kernels.NO_BIAS;
                    stages.add(new Stage(inputs, dense.units(), dense.activation(), kernel, bias));
                    inputs = dense.units();
                }
            }
        }
        return List.copyOf(stages);
    }

    /** Distance between the rows of what it writes. */
    int stride() {
        return Kernels.padded(units);
    }

    /** Applies the activation to {@code z [n][stride]} in place. Padding may become anything finite: nothing reads it. */
    void activate(Kernels kernels, float[] z, int n) {
        switch (activation) {
            case LINEAR -> {
            }
            case RELU -> Elementwise.relu(z, n * stride());
            case SIGMOID -> kernels.sigmoid(z, n * stride());
            case TANH -> kernels.tanh(z, n * stride());
            case SOFTMAX -> kernels.softmax(n, units, z, stride());
        }
    }

    /**
     * Turns the gradient by the activation into the gradient by its argument.
     *
     * @param a what {@link #activate} left, {@code [n][stride]}; read
     * @param da {@code [n][stride]}, padding 0; read and written
     */
    void activationGradient(float[] a, float[] da, int n) {
        switch (activation) {
            case LINEAR -> {
            }
            case RELU -> Elementwise.reluGradient(a, da, n * stride());
            case SIGMOID -> Elementwise.sigmoidGradient(a, da, n * stride());
            case TANH -> Elementwise.tanhGradient(a, da, n * stride());
            case SOFTMAX -> Elementwise.softmaxGradient(n, units, a, da, stride());
        }
    }
}
