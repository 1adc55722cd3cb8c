package dev.millrace.nn;

import dev.millrace.nn.kernel.Elementwise;
import dev.millrace.nn.kernel.Kernels;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Performs optimizer steps on a {@link TrainingState}. Holds the scratch of one thread.
 *
 * <p>
 * A cross-entropy that follows its own activation (sigmoid, softmax) is computed from that activation's argument: it cannot
 * saturate there, and the gradient is a difference of probabilities. Every other pair goes through the activation's derivative.
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
    private final boolean lossBeforeActivation;
    private final Clipping clipping;
    private final OptimizerUpdate update;
    private final int slotCount;
    private final int maxBatch;

    private final Workspace workspace;
    private final float[][] deltas; // of each stage: gradient of the loss by its weighted sums, [maxBatch][stride], padding 0
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

    /** @param maxBatch the largest number of samples in a step */
    public Trainer(Network network, TrainingSpec training, int maxBatch) {
        NetworkSpec spec = network.spec();
        this.network = network;
        this.kernels = network.kernels();
        this.stages = network.stages();
        this.variables = network.layout().variables();
        this.penalties = penalties(spec, network.layout());
        this.reduction = training.reduction();
        this.targetWidth = training.loss().targetWidth(spec.outputs());
        this.lossBeforeActivation = belongsTo(training.loss(), spec.outputActivation());
        this.sampleLoss = SampleLoss.of(training.loss(), lossBeforeActivation || training.loss().isFromLogits());
        this.clipping = training.optimizer().clipping();
        this.update = new OptimizerUpdate(training.optimizer(), network.layout());
        this.slotCount = training.optimizer().slots().size();
        this.maxBatch = maxBatch;
        this.workspace = network.workspace(maxBatch);
        this.deltas = Workspace.rows(stages, maxBatch);
        this.transposed = new float[largestTransposed(stages)];
        this.gradients = new float[network.layout().length()];
        this.norms = new double[variables.size()];
        this.outputs = new float[Math.multiplyExact(maxBatch, spec.outputs())];
    }

    /** Whether the loss is a cross-entropy of the probabilities this activation makes. */
    private static boolean belongsTo(Loss loss, Activation activation) {
        return switch (loss) {
            case Loss.BinaryCrossentropy _ -> activation == Activation.SIGMOID && !loss.isFromLogits();
            case Loss.CategoricalCrossentropy _,Loss.SparseCategoricalCrossentropy _ ->
                activation == Activation.SOFTMAX && !loss.isFromLogits();
            case Loss.MeanSquaredError _,Loss.MeanAbsoluteError _,Loss.Huber _ -> false;
        };
    }

    private static List<Penalty> penalties(NetworkSpec spec, ParameterLayout layout) {
        List<Penalty> penalties = new ArrayList<>();
        Iterator<ParameterLayout.Variable> variables = layout.variables().iterator();
        for (Layer layer : spec.layers()) {
            switch (layer) {
                case Dense dense -> {
                    penalties.add(new Penalty(dense.kernelRegularizer(), variables.next()));
                    if (dense.useBias()) {
                        penalties.add(new Penalty(dense.biasRegularizer(), variables.next()));
                    }
                }
            }
        }
        penalties.removeIf(penalty -> penalty.regularizer().isNone());
        return List.copyOf(penalties);
    }

    private static int largestTransposed(List<Stage> stages) {
        int largest = 0;
        for (Stage stage : stages.subList(1, stages.size())) {
            largest = Math.max(largest, Math.multiplyExact(stage.units(), Kernels.padded(stage.inputs())));
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
        if (!nextIsFinite(state)) {
            return false;
        }
        state.advance();
        return true;
    }

    /** Computes the losses, the outputs, the gradients and their norms for the current parameters. */
    void computeGradients(TrainingState state, float[] x, float[] y, float @Nullable [] sampleWeight, int n) {
        requireBatch(state, x, y, sampleWeight, n);
        network.forward(state.parameters(), x, n, workspace);
        loss(y, sampleWeight, n);
        network.copyOutputs(workspace, n, outputs);
        backward(state.parameters(), x, n);
        regularize(state.parameters());
        measureGradients();
    }

    /** Evaluates {@code Σ w_i l_i}, divided by n if so reduced; leaves its gradient in the last delta. */
    private void loss(float[] y, float @Nullable [] sampleWeight, int n) {
        Stage last = stages.getLast();
        float[] p = workspace.last();
        float[] dp = deltas[deltas.length - 1];
        if (!lossBeforeActivation) {
            last.activate(kernels, p, n);
        }
        float divisor = switch (reduction) {
            case SUM_OVER_BATCH_SIZE -> n;
            case SUM -> 1;
        };
        double sum = 0;
        for (int i = 0; i < n; i++) {
            int row = i * last.stride();
            float weight = sampleWeight == null ? 1 : sampleWeight[i];
            sum += weight * sampleLoss.evaluate(p, row, y, i * targetWidth, last.units(), dp);
            Elementwise.scale(weight / divisor, dp, row, last.units());
        }
        dataLoss = sum / divisor;
        if (lossBeforeActivation) {
            last.activate(kernels, p, n);
        } else {
            last.activationGradient(p, dp, n);
        }
    }

    private void backward(float[] parameters, float[] x, int n) {
        for (int i = stages.size() - 1; i >= 0; i--) {
            Stage stage = stages.get(i);
            float[] input = i == 0 ? x : workspace.activations(i - 1);
            int inputStride = i == 0 ? stage.inputs() : stages.get(i - 1).stride();
            float[] dz = deltas[i];
            kernels.weightGradient(n, stage.inputs(), stage.units(), input, inputStride, dz, stage.stride(), gradients, stage.kernel());
            if (stage.bias() != Kernels.NO_BIAS) {
                kernels.biasGradient(n, stage.units(), dz, stage.stride(), gradients, stage.bias());
            }
            if (i > 0) {
                kernels.transpose(stage.inputs(), stage.units(), parameters, stage.kernel(), transposed);
                kernels.inputGradient(n, stage.inputs(), stage.units(), dz, stage.stride(), transposed, deltas[i - 1], inputStride);
                stages.get(i - 1).activationGradient(input, deltas[i - 1], n);
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
