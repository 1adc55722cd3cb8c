package dev.millrace.nn;

import dev.millrace.nn.kernel.Elementwise;
import dev.millrace.nn.kernel.Kernels;
import dev.millrace.nn.kernel.Normalization;
import dev.millrace.nn.kernel.PointFunction;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * One operation of a network with its place in the flat parameter array. A dense layer is a product and, unless it is linear, an
 * activation. A stage writes rows of {@link #stride}; columns beyond {@link #units} may hold anything finite, nothing reads them.
 */
sealed interface Stage {
    /** Width of what it writes. */
    int units();

    /** Distance between the rows of what it writes. */
    default int stride() {
        return Kernels.spaced(Kernels.padded(units()));
    }

    /** Whether it may write over its input. Its gradient then needs nothing but what it wrote. */
    default boolean worksInPlace() {
        return false;
    }

    /** Whether its gradient reads what it wrote, so that the next stage must not write over it. */
    default boolean needsItsOutput() {
        return false;
    }

    /**
     * What it computes in a prediction.
     *
     * @param x {@code [n][units of the stage before]}; read
     * @param y {@code [n][stride]}, the same array as x if this stage works in place there; written
     */
    void predict(Kernels kernels, float[] parameters, float[] x, int xStride, float[] y, int n);

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
                    stages.add(new Product(inputs, dense.units(), kernel, bias));
                    if (dense.activation() != Activation.LINEAR) {
                        stages.add(Activate.of(dense.activation(), dense.units()));
                    }
                }
                case ActivationLayer own -> stages.add(Activate.of(own.activation(), inputs));
                case Dropout dropout -> stages.add(new Drop(inputs, dropout.rate(), dropout.seed(), stages.size()));
                case BatchNormalization normalization -> {
                    int gamma = normalization.scale() ? variables.next().offset() : Normalize.ABSENT;
                    int beta = normalization.center() ? variables.next().offset() : Normalize.ABSENT;
                    int movingMean = variables.next().offset();
                    int movingVariance = variables.next().offset();
                    stages.add(new Normalize(inputs, gamma, beta, movingMean, movingVariance, decimal(normalization.momentum()),
                            decimal(normalization.epsilon())));
                }
            }
            inputs = layer.outputs(inputs);
        }
        return List.copyOf(stages);
    }

    /** A number as the user wrote it: 0.99f is 1e-8 away from 0.99, and 1 - 0.99f 1e-6 of its value. */
    private static double decimal(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    /** Copies {@code units} columns of n rows, if they are not in place already. */
    @SuppressWarnings("ReferenceEquality") // whether it is the same array
    private static void copy(int n, int units, float[] x, int xStride, float[] y, int yStride) {
        if (x != y) {
            for (int b = 0; b < n; b++) {
                System.arraycopy(x, b * xStride, y, b * yStride, units);
            }
        }
    }

    /**
     * {@code x · kernel + bias}.
     *
     * @param kernel offset of the kernel
     * @param bias offset of the bias, or {@link Kernels#NO_BIAS}
     */
    record Product(int inputs, int units, int kernel, int bias) implements Stage {
        @Override
        public void predict(Kernels kernels, float[] parameters, float[] x, int xStride, float[] y, int n) {
            kernels.forward(n, inputs, units, x, xStride, parameters, kernel, bias, y, stride());
        }
    }

    /**
     * An activation.
     *
     * @param function its arithmetic, for those that have their gradient from their argument
     */
    record Activate(Activation activation, int units, Optional<PointFunction> function) implements Stage {
        static Activate of(Activation activation, int units) {
            return new Activate(activation, units, Optional.ofNullable(switch (activation) {
                case LINEAR, RELU, SIGMOID, TANH, SOFTMAX, LOG_SOFTMAX -> null;
                case ELU -> PointFunction.ELU;
                case SELU -> PointFunction.SELU;
                case EXPONENTIAL -> PointFunction.EXPONENTIAL;
                case GELU -> PointFunction.GELU;
                case SILU -> PointFunction.SILU;
                case MISH -> PointFunction.MISH;
                case SOFTPLUS -> PointFunction.SOFTPLUS;
                case SOFTSIGN -> PointFunction.SOFTSIGN;
                case RELU6 -> PointFunction.RELU6;
                case LEAKY_RELU -> PointFunction.LEAKY_RELU;
                case HARD_SIGMOID -> PointFunction.HARD_SIGMOID;
                case HARD_SILU -> PointFunction.HARD_SILU;
                case HARD_TANH -> PointFunction.HARD_TANH;
                case LOG_SIGMOID -> PointFunction.LOG_SIGMOID;
                case TANH_SHRINK -> PointFunction.TANH_SHRINK;
            }));
        }

        @Override
        public boolean worksInPlace() {
            return function.isEmpty();
        }

        @Override
        public boolean needsItsOutput() {
            return activation != Activation.LINEAR;
        }

        @Override
        public void predict(Kernels kernels, float[] parameters, float[] x, int xStride, float[] y, int n) {
            if (function.isPresent()) {
                evaluate(function.get(), x, xStride, y, n);
                return;
            }
            copy(n, units, x, xStride, y, stride());
            switch (activation) {
                case RELU -> kernels.relu(y, n * stride());
                case SIGMOID -> kernels.sigmoid(y, n * stride());
                case TANH -> kernels.tanh(y, n * stride());
                case SOFTMAX -> kernels.softmax(n, units, y, stride());
                case LOG_SOFTMAX -> Elementwise.logSoftmax(n, units, y, stride());
                default -> { // LINEAR: the others are functions of one number
                }
            }
        }

        private void evaluate(PointFunction f, float[] x, int xStride, float[] y, int n) {
            for (int b = 0; b < n; b++) {
                int from = b * xStride;
                int to = b * stride();
                for (int j = 0; j < units; j++) {
                    y[to + j] = f.value(x[from + j]);
                }
            }
        }

        /**
         * Turns the gradient by what it wrote into the gradient by what it read.
         *
         * @param x what it read, {@code [n][stride]}; read
         * @param y what it wrote, {@code [n][stride]}; read
         * @param dy {@code [n][stride]}, padding 0; read, and overwritten if it works in place
         * @param dx {@code [n][stride]}, the same array as dy if it worked in place; written
         */
        void gradient(Kernels kernels, float[] x, float[] y, float[] dy, float[] dx, int n) {
            if (function.isPresent()) {
                slopes(function.get(), x, y, dy, dx, n);
                return;
            }
            switch (activation) {
                case RELU -> kernels.reluGradient(y, dy, n * stride());
                case SIGMOID -> Elementwise.sigmoidGradient(y, dy, n * stride());
                case TANH -> Elementwise.tanhGradient(y, dy, n * stride());
                case SOFTMAX -> Elementwise.softmaxGradient(n, units, y, dy, stride());
                case LOG_SOFTMAX -> Elementwise.logSoftmaxGradient(n, units, y, dy, stride());
                default -> { // LINEAR
                }
            }
            copy(n, units, dy, stride(), dx, stride());
        }

        private void slopes(PointFunction f, float[] x, float[] y, float[] dy, float[] dx, int n) {
            for (int b = 0; b < n; b++) {
                int row = b * stride();
                for (int j = row; j < row + units; j++) {
                    dx[j] = dy[j] * f.slope(x[j], y[j]);
                }
            }
        }
    }

    /**
     * Drops values in training.
     *
     * @param place of this stage in its network, so that two of them drop different values
     */
    record Drop(int units, float rate, long seed, int place) implements Stage {
        @Override
        public void predict(Kernels kernels, float[] parameters, float[] x, int xStride, float[] y, int n) {
            copy(n, units, x, xStride, y, stride());
        }

        /**
         * What it computes in training. The gradient is the same function.
         *
         * @param x {@code [n][xStride]}; read
         * @param y {@code [n][stride]}, may be x if the strides are equal; written
         * @param iterations finished steps
         */
        void drop(float[] x, int xStride, float[] y, int n, long iterations) {
            long key = RandomStream.key(seed, place, iterations);
            float scale = 1 / (1 - rate);
            for (int b = 0; b < n; b++) {
                int from = b * xStride;
                int to = b * stride();
                for (int j = 0; j < units; j++) {
                    boolean kept = RandomStream.uniform(key, (long) b * units + j) >= rate;
                    y[to + j] = kept ? x[from + j] * scale : 0;
                }
            }
        }
    }

    /**
     * Normalizes columns.
     *
     * @param gamma offset of γ, or {@link #ABSENT}
     * @param beta offset of β, or {@link #ABSENT}
     * @param movingMean offset of the moving mean
     * @param movingVariance offset of the moving variance
     */
    record Normalize(int units, int gamma, int beta, int movingMean, int movingVariance, double momentum,
            double epsilon) implements Stage {
        static final int ABSENT = -1;

        @Override
        public void predict(Kernels kernels, float[] parameters, float[] x, int xStride, float[] y, int n) {
            Normalization.byParameters(n, units, x, xStride, parameters, movingMean, movingVariance, epsilon, gamma, beta, y, stride());
        }
    }
}
