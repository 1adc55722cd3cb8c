package dev.millrace.bench;

import dev.millrace.nn.Activation;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Optimizer;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.ejml.dense.row.RandomMatrices_FDRM;

/**
 * The same network as a good programmer writes it with a matrix library: EJML's products, and plain loops for all the rest. It is
 * what Millrace's kernels are compared with. Matrices are kept from step to step; nothing is wasted.
 */
final class EjmlNet {
    private final BenchmarkNet net;
    private final List<Layer> layers = new ArrayList<>();
    private final FMatrixRMaj x;
    private float[] targets = new float[0];
    private int steps;

    /** One dense layer with everything a step needs. */
    private static final class Layer {
        final Activation activation;
        final FMatrixRMaj w; // [inputs][units]
        final FMatrixRMaj y; // [batch][units]
        final FMatrixRMaj dy;
        final FMatrixRMaj dw;
        final float[] bias;
        final float[] dBias;
        final float[] m; // Adam, of the weights
        final float[] v;
        final float[] biasM;
        final float[] biasV;

        Layer(int batch, int inputs, int units, Activation activation, java.util.Random random) {
            this.activation = activation;
            w = RandomMatrices_FDRM.rectangle(inputs, units, -0.1f, 0.1f, random);
            y = new FMatrixRMaj(batch, units);
            dy = new FMatrixRMaj(batch, units);
            dw = new FMatrixRMaj(inputs, units);
            bias = new float[units];
            dBias = new float[units];
            m = new float[inputs * units];
            v = new float[inputs * units];
            biasM = new float[units];
            biasV = new float[units];
        }
    }

    EjmlNet(BenchmarkNet net, int batch) {
        this.net = net;
        java.util.Random random = new java.util.Random(1);
        x = new FMatrixRMaj(batch, net.inputs());
        for (int i = 0; i < net.activations().size(); i++) {
            layers.add(new Layer(batch, net.widths().get(i), net.widths().get(i + 1), net.activations().get(i), random));
        }
    }

    /** Evaluates the network; gives the first output. */
    float predict(float[] inputs) {
        x.data = inputs;
        FMatrixRMaj input = x;
        for (Layer layer : layers) {
            CommonOps_FDRM.mult(input, layer.w, layer.y);
            int units = layer.bias.length;
            for (int row = 0; row < layer.y.numRows; row++) {
                for (int o = 0; o < units; o++) {
                    layer.y.data[row * units + o] += layer.bias[o];
                }
                activate(layer.activation, layer.y.data, row * units, units);
            }
            input = layer.y;
        }
        return input.data[0];
    }

    /** One optimizer step; gives the first output. */
    float step(float[] inputs, float[] y) {
        targets = y;
        float first = predict(inputs);
        lossGradient(layers.getLast());
        for (int i = layers.size() - 1; i >= 0; i--) {
            Layer layer = layers.get(i);
            FMatrixRMaj input = i == 0 ? x : layers.get(i - 1).y;
            CommonOps_FDRM.multTransA(input, layer.dy, layer.dw);
            sumRows(layer.dy, layer.dBias);
            if (i > 0) {
                Layer before = layers.get(i - 1);
                CommonOps_FDRM.multTransB(layer.dy, layer.w, before.dy);
                activationGradient(before.activation, before.y.data, before.dy.data, before.bias.length);
            }
        }
        steps++;
        for (Layer layer : layers) {
            update(layer.w.data, layer.dw.data, layer.m, layer.v);
            update(layer.bias, layer.dBias, layer.biasM, layer.biasV);
        }
        return first;
    }

    private static void activate(Activation activation, float[] a, int from, int units) {
        switch (activation) {
            case RELU -> {
                for (int i = from; i < from + units; i++) {
                    a[i] = Math.max(a[i], 0);
                }
            }
            case SIGMOID -> {
                for (int i = from; i < from + units; i++) {
                    a[i] = (float) (1 / (1 + Math.exp(-a[i])));
                }
            }
            case SOFTMAX -> {
                float max = a[from];
                for (int i = from; i < from + units; i++) {
                    max = Math.max(max, a[i]);
                }
                float sum = 0;
                for (int i = from; i < from + units; i++) {
                    a[i] = (float) Math.exp(a[i] - max);
                    sum += a[i];
                }
                for (int i = from; i < from + units; i++) {
                    a[i] /= sum;
                }
            }
            default -> { // LINEAR; the benchmarked networks have no others
            }
        }
    }

    private void lossGradient(Layer last) {
        int units = last.bias.length;
        int rows = last.y.numRows;
        if (net.training().loss() instanceof Loss.SparseCategoricalCrossentropy) {
            for (int row = 0; row < rows; row++) {
                for (int o = 0; o < units; o++) {
                    last.dy.data[row * units + o] = (last.y.data[row * units + o] - (targets[row] == o ? 1 : 0)) / rows;
                }
            }
            return;
        }
        for (int i = 0; i < rows * units; i++) {
            last.dy.data[i] = 2 * (last.y.data[i] - targets[i]) / (rows * units);
        }
        activationGradient(last.activation, last.y.data, last.dy.data, units);
    }

    private static void activationGradient(Activation activation, float[] a, float[] da, int units) {
        switch (activation) {
            case RELU -> {
                for (int i = 0; i < a.length; i++) {
                    da[i] = a[i] > 0 ? da[i] : 0;
                }
            }
            case SIGMOID -> {
                for (int i = 0; i < a.length; i++) {
                    da[i] *= a[i] * (1 - a[i]);
                }
            }
            case SOFTMAX -> {
                for (int row = 0; row < a.length; row += units) {
                    float dot = 0;
                    for (int i = row; i < row + units; i++) {
                        dot += a[i] * da[i];
                    }
                    for (int i = row; i < row + units; i++) {
                        da[i] = a[i] * (da[i] - dot);
                    }
                }
            }
            default -> { // LINEAR
            }
        }
    }

    private static void sumRows(FMatrixRMaj matrix, float[] sums) {
        java.util.Arrays.fill(sums, 0);
        for (int row = 0; row < matrix.numRows; row++) {
            for (int o = 0; o < sums.length; o++) {
                sums[o] += matrix.data[row * sums.length + o];
            }
        }
    }

    private void update(float[] w, float[] g, float[] m, float[] v) {
        if (net.training().optimizer() instanceof Optimizer.Sgd) {
            for (int i = 0; i < w.length; i++) {
                w[i] -= 1e-3f * g[i];
            }
            return;
        }
        float alpha = (float) (1e-3 * Math.sqrt(1 - Math.pow(0.999, steps)) / (1 - Math.pow(0.9, steps)));
        for (int i = 0; i < w.length; i++) {
            m[i] += (g[i] - m[i]) * 0.1f;
            v[i] += (g[i] * g[i] - v[i]) * 0.001f;
            w[i] -= alpha * m[i] / ((float) Math.sqrt(v[i]) + 1e-7f);
        }
    }
}
