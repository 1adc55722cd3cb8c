package dev.millrace.nn;

import dev.millrace.nn.kernel.Elementwise;
import dev.millrace.nn.kernel.Kernels;
import dev.millrace.nn.kernel.Normalization;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Performs optimizer steps on a {@link TrainingState}. Holds the scratch of one thread.
 *
 * <p>
 * A cross-entropy that follows its own activation (sigmoid, softmax) is computed from that activation's argument: it cannot
 * saturate there, and the gradient is a difference of probabilities. Every other pair goes through the activation's derivative.
 *
 * <p>
 * A network with dropout or batch normalization computes something else in training than in a prediction. Loss and gradients are
 * those of training; {@link #outputs} are predictions, computed on their own before the step.
 */
public final class Trainer {
    private final Network network;
    private final Kernels kernels;
    private final List<Stage> stages;
    private final List<ParameterLayout.Variable> variables;
    private final List<Penalty> penalties;
    private final Loss.Reduction reduction;
    private final int targetWidth;
    private final SampleLoss sampleLoss;
    private final SampleLoss binaryLabelLoss; // of a hinge, for batches in which every label is 0 or 1
    private final boolean hinge;
    private final boolean lossBeforeActivation;
    private final Clipping clipping;
    private final List<Rule> rules;
    private final OptimizerUpdate update;
    private final int slotCount;
    private final int maxBatch;
    private final boolean trainsAsItPredicts;
    private final int lossStage; // the stage whose output the loss reads

    private final Workspace workspace;
    private final float[][] deltas; // of each stage: gradient of the loss by its output, [maxBatch][stride], padding 0
    private final double[][] means; // of each normalizing stage: of the batch, [units]; of others: empty
    private final double[][] variances;
    private final float[] transposed; // the kernel of one stage, transposed
    private final float[] gradients; // layout of the parameters
    private final double[] norms; // of each variable's gradient
    private final float[] outputs; // [maxBatch][outputs]

    private double dataLoss;
    private double regularizationLoss;
    private double gradientNorm;

    /** A regularizer and the elements it applies to. */
    private record Penalty(Regularizer regularizer, ParameterLayout.Variable variable) {
    }

    /** A constraint and what it applies to. */
    private record Rule(Constraint constraint, ParameterLayout.Variable variable) {
    }

    /** @param maxBatch the largest number of samples in a step */
    public Trainer(Network network, TrainingSpec training, int maxBatch) {
        NetworkSpec spec = network.spec();
        this.network = network;
        this.kernels = network.kernels();
        this.stages = network.stages();
        this.variables = network.layout().variables();
        this.penalties = penalties(network.layout());
        this.rules = rules(network.layout());
        this.reduction = training.reduction();
        this.targetWidth = training.loss().targetWidth(spec.outputs());
        this.lossBeforeActivation = stages.size() > 1 && stages.getLast() instanceof Stage.Activate last
                && belongsTo(training.loss(), last.activation());
        this.lossStage = stages.size() - (lossBeforeActivation ? 2 : 1);
        boolean logits = lossBeforeActivation || training.loss().isFromLogits();
        this.sampleLoss = SampleLoss.of(training.loss(), logits, false);
        this.hinge = training.loss() instanceof Loss.Hinge || training.loss() instanceof Loss.SquaredHinge;
        this.binaryLabelLoss = hinge ? SampleLoss.of(training.loss(), logits, true) : sampleLoss;
        this.clipping = training.optimizer().clipping();
        this.update = new OptimizerUpdate(training.optimizer(), network.layout());
        this.slotCount = training.optimizer().slots().size();
        this.maxBatch = maxBatch;
        this.trainsAsItPredicts = stages.stream().allMatch(stage -> stage instanceof Stage.Product || stage instanceof Stage.Activate);
        this.workspace = network.workspace(maxBatch);
        this.deltas = Workspace.rows(stages, maxBatch);
        this.means = columns(stages);
        this.variances = columns(stages);
        this.transposed = new float[largestTransposed(stages)];
        this.gradients = new float[network.layout().length()];
        this.norms = new double[variables.size()];
        this.outputs = new float[Math.multiplyExact(maxBatch, spec.outputs())];
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

    private static List<Rule> rules(ParameterLayout layout) {
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < layout.variables().size(); i++) {
            rules.add(new Rule(layout.specs().get(i).constraint(), layout.variables().get(i)));
        }
        rules.removeIf(rule -> rule.constraint() instanceof Constraint.None);
        return List.copyOf(rules);
    }

    private static double[][] columns(List<Stage> stages) {
        double[][] columns = new double[stages.size()][];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = new double[stages.get(i) instanceof Stage.Normalize normalize ? normalize.units() : 0];
        }
        return columns;
    }

    private static int largestTransposed(List<Stage> stages) {
        int largest = 0;
        for (Stage stage : stages.subList(1, stages.size())) {
            if (stage instanceof Stage.Product product) {
                largest = Math.max(largest, Math.multiplyExact(product.units(), Kernels.padded(product.inputs())));
            }
        }
        return largest;
    }

    /** A state with freshly initialized parameters and slots. */
    public TrainingState initialState(long seed) {
        TrainingState state = new TrainingState(network.layout().length(), slotCount);
        float[] parameters = network.initialParameters(seed);
        System.arraycopy(parameters, 0, state.parameters(), 0, parameters.length);
        update.initializeSlots(state);
        return state;
    }

    /**
     * One optimizer step: forward, loss, backward, clip, update, in Keras's order. If the loss, a gradient or a number of the
     * new state is not finite, the state stays as it was.
     *
     * @param x row-major {@code [n][inputs]}; read
     * @param y row-major {@code [n][targetWidth]}; read
     * @param sampleWeight {@code [n]} or null for all ones; read
     * @param n number of samples, 1 to maxBatch
     * @return whether the step was applied
     */
    public boolean step(TrainingState state, float[] x, float[] y, float @Nullable [] sampleWeight, int n) {
        computeGradients(state, x, y, sampleWeight, n);
        if (!Double.isFinite(dataLoss + regularizationLoss) || !Double.isFinite(gradientNorm)) {
            return false;
        }
        clip();
        update.apply(state, gradients);
        for (int i = 0; i < rules.size(); i++) {
            Projection.apply(rules.get(i).constraint(), rules.get(i).variable(), state.nextParameters());
        }
        moveStatistics(state);
        if (!nextIsFinite(state)) {
            return false;
        }
        state.advance();
        return true;
    }

    /** Computes the losses, the outputs, the gradients and their norms for the current parameters. */
    void computeGradients(TrainingState state, float[] x, float[] y, float @Nullable [] sampleWeight, int n) {
        requireBatch(state, x, y, sampleWeight, n);
        if (!trainsAsItPredicts) {
            network.forward(state.parameters(), x, n, workspace);
            network.copyOutputs(workspace, n, outputs);
        }
        forward(state, x, n);
        loss(y, sampleWeight, n);
        if (trainsAsItPredicts) {
            network.copyOutputs(workspace, n, outputs);
        }
        backward(state, x, n);
        regularize(state.parameters());
        measureGradients();
    }

    /** What stage i reads. */
    private float[] input(int i, float[] x) {
        return i == 0 ? x : workspace.activations(i - 1);
    }

    private int inputStride(int i) {
        return i == 0 ? network.spec().inputs() : stages.get(i - 1).stride();
    }

    /** Evaluates the stages up to the one whose output the loss reads, as in training. */
    private void forward(TrainingState state, float[] x, int n) {
        float[] parameters = state.parameters();
        for (int i = 0; i <= lossStage; i++) {
            float[] output = workspace.activations(i);
            switch (stages.get(i)) {
                case Stage.Product product -> product.predict(kernels, parameters, input(i, x), inputStride(i), output, n);
                case Stage.Activate activate -> activate.predict(kernels, parameters, input(i, x), inputStride(i), output, n);
                case Stage.Drop drop -> drop.drop(input(i, x), inputStride(i), output, n, state.iterations());
                case Stage.Normalize normalize -> {
                    Normalization.moments(n, normalize.units(), input(i, x), inputStride(i), means[i], variances[i]);
                    Normalization.byMoments(n, normalize.units(), input(i, x), inputStride(i), means[i], variances[i],
                            normalize.epsilon(), parameters, normalize.gamma(), normalize.beta(), output, normalize.stride());
                }
            }
        }
    }

    /** Evaluates {@code Σ w_i l_i}, divided by n if so reduced; leaves its gradient in the delta of the stage the loss reads. */
    private void loss(float[] y, float @Nullable [] sampleWeight, int n) {
        Stage stage = stages.get(lossStage);
        float[] p = workspace.activations(lossStage);
        float[] dp = deltas[lossStage];
        SampleLoss arithmetic = hinge && zerosAndOnes(y, n * targetWidth) ? binaryLabelLoss : sampleLoss;
        float divisor = switch (reduction) {
            case SUM_OVER_BATCH_SIZE -> n;
            case SUM -> 1;
        };
        double sum = 0;
        for (int i = 0; i < n; i++) {
            int row = i * stage.stride();
            float weight = sampleWeight == null ? 1 : sampleWeight[i];
            sum += weight * arithmetic.evaluate(p, row, y, i * targetWidth, stage.units(), dp);
            Elementwise.scale(weight / divisor, dp, row, stage.units());
        }
        dataLoss = sum / divisor;
        if (lossBeforeActivation) {
            stages.getLast().predict(kernels, p, p, stage.stride(), workspace.last(), n); // an activation reads no parameters
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

    private void backward(TrainingState state, float[] x, int n) {
        for (int i = lossStage; i >= 0; i--) {
            boolean first = i == 0;
            float[] delta = deltas[i];
            float[] before = first ? delta : deltas[i - 1];
            switch (stages.get(i)) {
                case Stage.Product product -> backward(product, first, state.parameters(), input(i, x), inputStride(i), delta, before, n);
                case Stage.Activate activate -> {
                    if (!first) {
                        activate.gradient(input(i, x), workspace.activations(i), delta, before, n);
                    }
                }
                case Stage.Drop drop -> {
                    if (!first) {
                        drop.drop(delta, drop.stride(), before, n, state.iterations());
                    }
                }
                case Stage.Normalize normalize -> Normalization.gradient(n, normalize.units(), input(i, x), inputStride(i), means[i],
                        variances[i], normalize.epsilon(), state.parameters(), normalize.gamma(), normalize.beta(), delta,
                        normalize.stride(), gradients, before, !first);
            }
        }
    }

    private void backward(Stage.Product product, boolean first, float[] parameters, float[] input, int inputStride, float[] delta,
            float[] before, int n) {
        kernels.weightGradient(n, product.inputs(), product.units(), input, inputStride, delta, product.stride(), gradients,
                product.kernel());
        if (product.bias() != Kernels.NO_BIAS) {
            kernels.biasGradient(n, product.units(), delta, product.stride(), gradients, product.bias());
        }
        if (!first) {
            kernels.transpose(product.inputs(), product.units(), parameters, product.kernel(), transposed);
            kernels.inputGradient(n, product.inputs(), product.units(), delta, product.stride(), transposed, before, inputStride);
        }
    }

    /** Lets the moving statistics follow the batch of the last {@link #computeGradients}. */
    private void moveStatistics(TrainingState state) {
        for (int i = 0; i <= lossStage; i++) {
            if (stages.get(i) instanceof Stage.Normalize normalize) {
                Normalization.move(normalize.units(), normalize.momentum(), means[i], state.parameters(), normalize.movingMean(),
                        state.nextParameters());
                Normalization.move(normalize.units(), normalize.momentum(), variances[i], state.parameters(),
                        normalize.movingVariance(), state.nextParameters());
            }
        }
    }

    private void regularize(float[] parameters) {
        regularizationLoss = 0;
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

    /** Applies the optimizer's clipping to the gradients. */
    void clip() {
        switch (clipping.kind()) {
            case NONE -> {
            }
            case NORM -> {
                for (int i = 0; i < norms.length; i++) {
                    ParameterLayout.Variable variable = variables.get(i);
                    limitNorm(norms[i], variable.offset(), variable.paddedLength());
                }
            }
            case GLOBAL_NORM -> limitNorm(gradientNorm, 0, gradients.length);
            case VALUE -> Elementwise.clamp(clipping.limit(), gradients, gradients.length);
        }
    }

    private void limitNorm(double norm, int offset, int length) {
        if (norm > clipping.limit()) {
            Elementwise.scale((float) (clipping.limit() / norm), gradients, offset, length);
        }
    }

    private boolean nextIsFinite(TrainingState state) {
        boolean finite = kernels.allFinite(state.nextParameters(), gradients.length);
        for (int i = 0; i < state.slotCount(); i++) {
            finite &= kernels.allFinite(state.nextSlot(i), gradients.length);
        }
        return finite;
    }

    private void requireBatch(TrainingState state, float[] x, float[] y, float @Nullable [] sampleWeight, int n) {
        if (n < 1 || n > maxBatch) {
            throw new IllegalArgumentException("a step takes 1 to " + maxBatch + " samples, found " + n);
        }
        if (state.parameters().length != gradients.length || state.slotCount() != slotCount) {
            throw new IllegalArgumentException("the state belongs to another network or optimizer: it has "
                    + state.parameters().length + " elements and " + state.slotCount() + " slots, expected " + gradients.length + " and "
                    + slotCount);
        }
        Network.requireValues("x", x, n, network.spec().inputs());
        Network.requireValues("y", y, n, targetWidth);
        if (sampleWeight != null) {
            Network.requireValues("sampleWeight", sampleWeight, n, 1);
        }
    }

    /** The network's outputs for the last step's samples before the update, row-major {@code [n][outputs]}; a live array. */
    public float[] outputs() {
        return outputs;
    }

    /** The last step's loss without regularizers. */
    public double dataLoss() {
        return dataLoss;
    }

    /** The last step's penalty by regularizers. */
    public double regularizationLoss() {
        return regularizationLoss;
    }

    /** The Euclidean norm of the last step's whole gradient, before clipping. */
    public double gradientNorm() {
        return gradientNorm;
    }

    /** The gradients as the last method left them, in the layout of the parameters; a live array. */
    float[] gradients() {
        return gradients;
    }

    /** The norm of each variable's gradient before clipping; a live array. */
    double[] gradientNorms() {
        return norms;
    }
}
