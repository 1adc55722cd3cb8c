package dev.millrace.nn;

import dev.millrace.nn.kernel.Elementwise;
import dev.millrace.nn.kernel.Kernels;
import dev.millrace.nn.kernel.NarrowLayers;
import dev.millrace.nn.kernel.Normalization;
import dev.millrace.nn.kernel.Scratch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The loss of a batch and its gradient: forward, loss, then backward in two passes. The first carries the gradient from stage to
 * stage down to the inputs; the second makes the gradients of the parameters of it. Holds the scratch of one thread.
 *
 * <p>
 * A cross-entropy that follows its own activation (sigmoid, softmax) is computed from that activation's argument: it cannot
 * saturate there, and the gradient is a difference of probabilities. Every other pair goes through the activation's derivative.
 *
 * <p>
 * A network with dropout or batch normalization computes something else in training than in a prediction. Loss and gradients are
 * those of training; {@link #outputs} are predictions, computed on their own before.
 */
final class Backpropagation {
    private static final float[] NOTHING = {};

    private final Network network;
    private Kernels kernels; // for the whole of a batch
    private final Stage[] stages;
    private final List<ParameterLayout.Variable> variables;
    private final List<Penalty> penalties;
    private final Loss.Reduction reduction;
    private final int targetWidth;
    private final SampleLoss sampleLoss;
    private final SampleLoss binaryLabelLoss; // of a hinge, for batches in which every label is 0 or 1
    private final boolean hinge;
    private final boolean lossBeforeActivation;
    private final boolean trainsAsItPredicts;
    private final int lossStage; // the stage whose output the loss reads

    private final Workspace workspace;
    private final float[][] deltas; // of each stage: gradient of the loss by its output, [maxBatch][stride], padding 0
    private final float[][] productDeltas; // those of the products
    private final float[][] narrowRows; // of narrow layers: their inputs but the first, then the gradients by their outputs
    private final float[] narrowSquares; // scratch for the sum of squares of each of these
    private final double[][] means; // of each normalizing stage: of the batch, [units]; of others: empty
    private final double[][] variances;
    private final Scratch scratch; // of the kernels' gradients
    private final float[] gradients; // layout of the parameters
    private final double[] norms; // of each variable's gradient
    private final float[] outputs; // [maxBatch][outputs]
    private final float[] rowMaxima; // [maxBatch], scratch of the loss

    private final int[] inputStrides; // of what each stage reads
    private final float[] spacedInputs; // [maxBatch][stride]; empty if the inputs are read as they come
    private float[] inputs = new float[0]; // of the batch, [n][stride]
    private int samples;
    private double dataLoss;
    private double regularizationLoss;
    private double gradientNorm;

    /** A regularizer and the elements it applies to. */
    private record Penalty(Regularizer regularizer, ParameterLayout.Variable variable) {
    }

    Backpropagation(Network network, TrainingSpec training, int maxBatch) {
        NetworkSpec spec = network.spec();
        this.network = network;
        this.kernels = network.kernels();
        this.stages = network.stages().toArray(new Stage[0]);
        this.variables = network.layout().variables();
        this.penalties = penalties(network.layout());
        this.reduction = training.reduction();
        this.targetWidth = training.loss().targetWidth(spec.outputs());
        this.lossBeforeActivation = stages.length > 1 && stages[stages.length - 1] instanceof Stage.Activate last
                && belongsTo(training.loss(), last.activation());
        this.lossStage = stages.length - (lossBeforeActivation ? 2 : 1);
        boolean logits = lossBeforeActivation || training.loss().isFromLogits();
        this.sampleLoss = SampleLoss.of(training.loss(), logits, false);
        this.hinge = training.loss() instanceof Loss.Hinge || training.loss() instanceof Loss.SquaredHinge;
        this.binaryLabelLoss = hinge ? SampleLoss.of(training.loss(), logits, true) : sampleLoss;
        this.trainsAsItPredicts = Stream.of(stages).allMatch(stage -> stage instanceof Stage.Product || stage instanceof Stage.Activate);
        this.workspace = network.workspace(maxBatch);
        this.deltas = Workspace.rows(network.stages(), maxBatch);
        this.productDeltas = Workspace.ofProducts(network.stages(), deltas);
        this.narrowRows = narrowRows(workspace.products(), productDeltas);
        this.narrowSquares = new float[narrowRows.length];
        this.means = columns(stages);
        this.variances = columns(stages);
        this.scratch = scratch(stages, maxBatch);
        this.gradients = new float[network.layout().length()];
        this.norms = new double[variables.size()];
        this.outputs = new float[Math.multiplyExact(maxBatch, spec.outputs())];
        this.rowMaxima = new float[maxBatch];
        this.inputStrides = inputStrides(spec, stages);
        this.spacedInputs = new float[inputStrides[0] == spec.inputs() ? 0 : Math.multiplyExact(maxBatch, inputStrides[0])];
    }

    /** Whether the loss is a cross-entropy of the probabilities this activation makes. */
    private static boolean belongsTo(Loss loss, Activation activation) {
        if (!loss.isCrossentropy() || loss.isFromLogits()) {
            return false;
        }
        return activation == (loss instanceof Loss.BinaryCrossentropy ? Activation.SIGMOID : Activation.SOFTMAX);
    }

    private static List<Penalty> penalties(ParameterLayout layout) {
        List<Penalty> penalties = new ArrayList<>();
        for (int i = 0; i < layout.variables().size(); i++) {
            penalties.add(new Penalty(layout.specs().get(i).regularizer(), layout.variables().get(i)));
        }
        penalties.removeIf(penalty -> penalty.regularizer().isNone());
        return List.copyOf(penalties);
    }

    private static double[][] columns(Stage[] stages) {
        double[][] columns = new double[stages.length][];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = new double[stages[i] instanceof Stage.Normalize normalize ? normalize.units() : 0];
        }
        return columns;
    }

    private static int[] inputStrides(NetworkSpec spec, Stage[] stages) {
        int[] strides = new int[stages.length];
        strides[0] = Kernels.spaced(spec.inputs());
        for (int i = 1; i < strides.length; i++) {
            strides[i] = stages[i - 1].stride();
        }
        return strides;
    }

    private static float[][] narrowRows(float[][] products, float[][] deltas) {
        return Stream.concat(Stream.of(products).limit(Math.max(0, products.length - 1)), Stream.of(deltas)).toArray(float[][]::new);
    }

    private static Scratch scratch(Stage[] stages, int maxBatch) {
        return Stream.of(stages).filter(Stage.Product.class::isInstance).map(Stage.Product.class::cast)
                .map(product -> Scratch.of(maxBatch, product.units())).reduce(Scratch.NONE, Scratch::larger);
    }

    /** Whether no stage normalizes: then all that a step changes are the variables the optimizer trains. */
    boolean isFreeOfNormalization() {
        return Stream.of(stages).noneMatch(Stage.Normalize.class::isInstance);
    }

    boolean hasPenalties() {
        return !penalties.isEmpty();
    }

    /**
     * Forward, loss and the first pass backward: leaves the loss, the outputs, the gradient by the output of every stage and, since
     * their sums serve both passes, the gradients of normalizing stages.
     *
     * @param x row-major {@code [n][inputs]}; read, also by the methods that follow
     * @param y row-major {@code [n][targetWidth]}; read
     * @param sampleWeight {@code [n]} or null for all ones; read
     */
    void propagate(TrainingState state, float[] x, float[] y, float @Nullable [] sampleWeight, int n) {
        kernels = network.kernels();
        inputs = spacedInputs.length == 0 || n == 1 ? x : spaced(x, n);
        samples = n;
        if (!trainsAsItPredicts) {
            network.forward(state.parameters(), x, n, workspace);
            network.copyOutputs(workspace, n, outputs);
        }
        forward(state, n);
        loss(y, sampleWeight, n);
        if (trainsAsItPredicts) {
            network.copyOutputs(workspace, n, outputs);
        }
        NarrowLayers narrow = n == 1 ? network.narrowLayers() : null;
        int from = narrow == null ? 0 : network.narrowStages() - 1;
        for (int i = lossStage; i > from; i--) {
            backward(i, state, n);
        }
        if (narrow != null) {
            kernels.backward(narrow, state.parameters(), workspace.products(), productDeltas);
        }
        if (stages[0] instanceof Stage.Normalize normalize) {
            normalizeGradient(normalize, 0, state.parameters(), deltas[0]);
        }
        regularizationLoss = 0;
    }

    /** The second pass: the gradients of all other parameters, then regularizers and the norms. */
    void computeGradients(TrainingState state) {
        for (int i = lossStage; i >= 0; i--) {
            if (stages[i] instanceof Stage.Product product) {
                productGradient(product, i);
            }
        }
        regularize(state.parameters());
        measureGradients();
    }

    /**
     * The norms of the gradients of a single sample, without computing them: each is the product of an input and a delta, so
     * {@code ‖dW‖² = ‖x‖² ‖dy‖²}. The squares are added in single precision; one that is too large for it is infinite.
     */
    void measureRankOne() {
        NarrowLayers narrow = network.narrowLayers();
        if (narrow != null) {
            kernels.shortSumsOfSquares(narrowRows, narrowRows.length, narrowSquares);
        }
        int later = narrowRows.length / 2; // layers after the first
        int layer = 0;
        double total = 0;
        int variable = 0;
        for (int i = 0; i <= lossStage; i++) {
            if (stages[i] instanceof Stage.Product product) {
                double dySquares = narrow == null ? kernels.shortSumOfSquares(deltas[i], product.units()) : narrowSquares[later + layer];
                double inputSquares = narrow == null || layer == 0
                        ? kernels.shortSumOfSquares(input(i), product.inputs())
                        : narrowSquares[layer - 1];
                double kernelSquares = inputSquares * dySquares;
                layer++;
                norms[variable++] = Math.sqrt(kernelSquares);
                total += kernelSquares;
                if (product.bias() != Kernels.NO_BIAS) {
                    norms[variable++] = Math.sqrt(dySquares);
                    total += dySquares;
                }
            }
        }
        gradientNorm = Math.sqrt(total);
    }

    /** One step of gradient descent for the single sample last propagated, in place and without gradients in memory. */
    void rankOneStep(float lr, float[] parameters) {
        NarrowLayers narrow = network.narrowLayers();
        if (narrow != null) {
            kernels.rankOneStep(narrow, lr, inputs, workspace.products(), productDeltas, parameters);
            return;
        }
        for (int i = 0; i <= lossStage; i++) {
            if (stages[i] instanceof Stage.Product product) {
                kernels.rankOneStep(product.inputs(), product.units(), lr, input(i), deltas[i], parameters, product.kernel(),
                        product.bias());
            }
        }
    }

    private float[] spaced(float[] x, int n) {
        int width = network.spec().inputs();
        for (int b = 0; b < n; b++) {
            System.arraycopy(x, b * width, spacedInputs, b * inputStrides[0], width);
        }
        return spacedInputs;
    }

    /** What stage i reads. */
    private float[] input(int i) {
        return i == 0 ? inputs : workspace.activations(i - 1);
    }

    /** Evaluates the stages up to the one whose output the loss reads, as in training. */
    private void forward(TrainingState state, int n) {
        float[] parameters = state.parameters();
        NarrowLayers narrow = n == 1 ? network.narrowLayers() : null;
        if (narrow != null) {
            kernels.forward(narrow, parameters, inputs, workspace.products());
        }
        for (int i = narrow == null ? 0 : network.narrowStages(); i <= lossStage; i++) {
            float[] output = workspace.activations(i);
            switch (stages[i]) {
                case Stage.Product product -> product.predict(kernels, parameters, input(i), inputStrides[i], output, n);
                case Stage.Activate activate -> activate.predict(kernels, parameters, input(i), inputStrides[i], output, n);
                case Stage.Drop drop -> drop.drop(input(i), inputStrides[i], output, n, state.iterations());
                case Stage.Normalize normalize -> {
                    Normalization.moments(n, normalize.units(), input(i), inputStrides[i], means[i], variances[i]);
                    Normalization.byMoments(n, normalize.units(), input(i), inputStrides[i], means[i], variances[i],
                            normalize.epsilon(), parameters, normalize.gamma(), normalize.beta(), output, normalize.stride());
                }
            }
        }
    }

    /** Evaluates {@code Σ w_i l_i}, divided by n if so reduced; leaves its gradient in the delta of the stage the loss reads. */
    private void loss(float[] y, float @Nullable [] sampleWeight, int n) {
        Stage stage = stages[lossStage];
        float[] p = workspace.activations(lossStage);
        SampleLoss arithmetic = hinge && zerosAndOnes(y, n * targetWidth) ? binaryLabelLoss : sampleLoss;
        float divisor = switch (reduction) {
            case SUM_OVER_BATCH_SIZE -> n;
            case SUM -> 1;
        };
        double sum = arithmetic.evaluate(kernels, n, p, stage.stride(), y, targetWidth, stage.units(), sampleWeight, divisor,
                deltas[lossStage], rowMaxima, lossBeforeActivation ? workspace.last() : NOTHING);
        dataLoss = sum / divisor;
        if (lossBeforeActivation && !arithmetic.activates()) {
            stages[stages.length - 1].predict(kernels, p, p, stage.stride(), workspace.last(), n); // an activation reads no parameters
        }
    }

    private static boolean zerosAndOnes(float[] y, int length) {
        for (int i = 0; i < length; i++) {
            if (y[i] != 0 && y[i] != 1) {
                return false;
            }
        }
        return true;
    }

    /** From the gradient by what stage i wrote to that by what it read. */
    private void backward(int i, TrainingState state, int n) {
        float[] delta = deltas[i];
        float[] before = deltas[i - 1];
        switch (stages[i]) {
            case Stage.Product product -> kernels.inputGradient(n, product.inputs(), product.units(), delta, product.stride(),
                    state.parameters(), product.kernel(), scratch, before, inputStrides[i]);
            case Stage.Activate activate -> activate.gradient(kernels, input(i), workspace.activations(i), delta, before, n);
            case Stage.Drop drop -> drop.drop(delta, drop.stride(), before, n, state.iterations());
            case Stage.Normalize normalize -> normalizeGradient(normalize, i, state.parameters(), before);
        }
    }

    /** Both passes of a normalization: its sums serve both. */
    private void normalizeGradient(Stage.Normalize normalize, int i, float[] parameters, float[] before) {
        Normalization.gradient(samples, normalize.units(), input(i), inputStrides[i], means[i], variances[i], normalize.epsilon(),
                parameters, normalize.gamma(), normalize.beta(), deltas[i], normalize.stride(), gradients, before, i > 0);
    }

    private void productGradient(Stage.Product product, int i) {
        kernels.weightGradient(samples, product.inputs(), product.units(), input(i), inputStrides[i], deltas[i], product.stride(),
                gradients, product.kernel(), scratch);
        if (product.bias() != Kernels.NO_BIAS) {
            kernels.biasGradient(samples, product.units(), deltas[i], product.stride(), gradients, product.bias());
        }
    }

    /** Lets the moving statistics follow the batch last propagated. */
    void moveStatistics(TrainingState state) {
        for (int i = 0; i <= lossStage; i++) {
            if (stages[i] instanceof Stage.Normalize normalize) {
                Normalization.move(normalize.units(), normalize.momentum(), means[i], state.parameters(), normalize.movingMean(),
                        state.nextParameters());
                Normalization.move(normalize.units(), normalize.momentum(), variances[i], state.parameters(),
                        normalize.movingVariance(), state.nextParameters());
            }
        }
    }

    private void regularize(float[] parameters) {
        for (int i = 0; i < penalties.size(); i++) {
            Regularizer regularizer = penalties.get(i).regularizer();
            ParameterLayout.Variable variable = penalties.get(i).variable();
            int offset = variable.offset();
            int length = variable.paddedLength();
            if (regularizer.l1() > 0) {
                regularizationLoss += regularizer.l1() * kernels.sumOfMagnitudes(parameters, offset, length);
            }
            if (regularizer.l2() > 0) {
                regularizationLoss += regularizer.l2() * kernels.sumOfSquares(parameters, offset, length);
            }
            Elementwise.addPenaltyGradient(regularizer.l1(), regularizer.l2(), parameters, gradients, offset, length);
        }
    }

    private void measureGradients() {
        double total = 0;
        for (int i = 0; i < norms.length; i++) {
            ParameterLayout.Variable variable = variables.get(i);
            double squares = kernels.sumOfSquares(gradients, variable.offset(), variable.paddedLength());
            norms[i] = Math.sqrt(squares);
            total += squares;
        }
        gradientNorm = Math.sqrt(total);
    }

    /** The network's outputs for the last batch, row-major {@code [n][outputs]}; a live array. */
    float[] outputs() {
        return outputs;
    }

    /** The loss without regularizers. */
    double dataLoss() {
        return dataLoss;
    }

    /** The penalty by regularizers. */
    double regularizationLoss() {
        return regularizationLoss;
    }

    /** The Euclidean norm of the whole gradient. */
    double gradientNorm() {
        return gradientNorm;
    }

    /** The gradients in the layout of the parameters; a live array. */
    float[] gradients() {
        return gradients;
    }

    /** The norm of each variable's gradient; a live array. */
    double[] norms() {
        return norms;
    }
}
