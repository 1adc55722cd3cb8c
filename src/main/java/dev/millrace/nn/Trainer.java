package dev.millrace.nn;

import dev.millrace.nn.kernel.Elementwise;
import dev.millrace.nn.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Performs optimizer steps on a {@link TrainingState}: the gradient of {@link Backpropagation}, clipped, then the update, in
 * Keras's order. Holds the scratch of one thread.
 *
 * <p>
 * A step that would leave a number that is not finite is refused and changes nothing. Usually {@link Reach} proves beforehand that
 * it cannot, and the step works in place; otherwise the new numbers are computed beside the old ones and checked.
 */
public final class Trainer {
    private final Network network;
    private final Backpropagation backpropagation;
    private final List<ParameterLayout.Variable> variables;
    private final Clipping clipping;
    private final List<Rule> rules;
    private final OptimizerUpdate update;
    private final Reach reach;
    private LearningRate learningRate;
    private final int targetWidth;
    private final int slotCount;
    private final int maxBatch;
    /** Plain gradient descent: the step for a single sample then needs no gradient in memory. */
    private final boolean plainDescent;
    /** Whether the last step did without a gradient in memory. */
    private boolean withoutGradients;

    /** A constraint and what it applies to. */
    private record Rule(Constraint constraint, ParameterLayout.Variable variable) {
    }

    /** @param maxBatch the largest number of samples in a step */
    public Trainer(Network network, TrainingSpec training, int maxBatch) {
        Optimizer optimizer = training.optimizer();
        this.network = network;
        this.backpropagation = new Backpropagation(network, training, maxBatch);
        this.variables = network.layout().variables();
        this.rules = rules(network.layout());
        this.clipping = optimizer.clipping();
        this.learningRate = optimizer.learningRate();
        this.update = new OptimizerUpdate(optimizer, network);
        boolean onlyUpdates = rules.isEmpty() && backpropagation.isFreeOfNormalization();
        this.reach = new Reach(optimizer, onlyUpdates);
        this.plainDescent = onlyUpdates && !backpropagation.hasPenalties() && clipping.kind() == Clipping.Kind.NONE
                && optimizer instanceof Optimizer.Sgd sgd && sgd.momentum() == 0 && sgd.weightDecay() == 0;
        this.targetWidth = training.loss().targetWidth(network.spec().outputs());
        this.slotCount = optimizer.slots().size();
        this.maxBatch = maxBatch;
    }

    private static List<Rule> rules(ParameterLayout layout) {
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < layout.variables().size(); i++) {
            rules.add(new Rule(layout.specs().get(i).constraint(), layout.variables().get(i)));
        }
        rules.removeIf(rule -> rule.constraint() instanceof Constraint.None);
        return List.copyOf(rules);
    }

    /** A state with freshly initialized parameters and slots. */
    public TrainingState initialState(long seed) {
        TrainingState state = new TrainingState(network.layout().length(), slotCount);
        float[] parameters = network.initialParameters(seed);
        System.arraycopy(parameters, 0, state.parameters(), 0, parameters.length);
        update.initializeSlots(state);
        return state;
    }

    /** Takes another learning rate for all further steps than the optimizer was defined with. */
    public void setLearningRate(LearningRate rate) {
        learningRate = rate;
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
        return step(state, x, y, sampleWeight, n, Double.POSITIVE_INFINITY);
    }

    /**
     * The same, but a step whose loss without regularizers is above the limit is refused too.
     *
     * @param lossLimit positive infinity for none
     */
    public boolean step(TrainingState state, float[] x, float[] y, float @Nullable [] sampleWeight, int n, double lossLimit) {
        requireBatch(state, x, y, sampleWeight, n);
        backpropagation.propagate(state, x, y, sampleWeight, n);
        if (dataLoss() > lossLimit) {
            return false;
        }
        boolean rankOne = plainDescent && n == 1;
        withoutGradients = rankOne;
        if (rankOne) {
            backpropagation.measureRankOne();
            rankOne = Double.isFinite(gradientNorm());
        }
        if (!rankOne) {
            backpropagation.computeGradients(state);
            withoutGradients = false;
        }
        if (!Double.isFinite(dataLoss() + regularizationLoss()) || !Double.isFinite(gradientNorm())) {
            return false;
        }
        float lr = learningRate.at(state.iterations());
        boolean inPlace = reach.holds(state, lr, gradientNorm());
        state.prepare(inPlace);
        if (rankOne && inPlace) {
            backpropagation.rankOneStep(lr, state.parameters());
            state.advance();
            return true;
        }
        if (rankOne) {
            backpropagation.computeGradients(state);
            withoutGradients = false;
            backpropagation.measureRankOne(); // what is reported must not depend on the way the step was made
        }
        clip();
        update.apply(state, lr, gradients());
        if (!inPlace && !complete(state)) {
            return false;
        }
        state.advance();
        return true;
    }

    /** What an update computed beside the old numbers needs before it may take their place; false if it may not. */
    private boolean complete(TrainingState state) {
        for (int i = 0; i < rules.size(); i++) {
            Projection.apply(rules.get(i).constraint(), rules.get(i).variable(), state.nextParameters());
        }
        backpropagation.moveStatistics(state);
        Kernels kernels = network.kernels();
        boolean finite = kernels.allFinite(state.nextParameters(), gradients().length);
        for (int i = 0; i < state.slotCount(); i++) {
            finite &= kernels.allFinite(state.nextSlot(i), gradients().length);
        }
        return finite;
    }

    /** Computes the losses, the outputs, the gradients and their norms for the current parameters. */
    void computeGradients(TrainingState state, float[] x, float[] y, float @Nullable [] sampleWeight, int n) {
        requireBatch(state, x, y, sampleWeight, n);
        backpropagation.propagate(state, x, y, sampleWeight, n);
        backpropagation.computeGradients(state);
    }

    /** Applies the optimizer's clipping to the gradients. */
    void clip() {
        float[] gradients = gradients();
        switch (clipping.kind()) {
            case NONE -> {
            }
            case NORM -> {
                for (int i = 0; i < variables.size(); i++) {
                    ParameterLayout.Variable variable = variables.get(i);
                    limitNorm(gradientNorms()[i], variable.offset(), variable.paddedLength());
                }
            }
            case GLOBAL_NORM -> limitNorm(gradientNorm(), 0, gradients.length);
            case VALUE -> Elementwise.clamp(clipping.limit(), gradients, gradients.length);
        }
    }

    private void limitNorm(double norm, int offset, int length) {
        if (norm > clipping.limit()) {
            Elementwise.scale((float) (clipping.limit() / norm), gradients(), offset, length);
        }
    }

    private void requireBatch(TrainingState state, float[] x, float[] y, float @Nullable [] sampleWeight, int n) {
        if (n < 1 || n > maxBatch) {
            throw new IllegalArgumentException("a step takes 1 to " + maxBatch + " samples, found " + n);
        }
        if (state.parameters().length != gradients().length || state.slotCount() != slotCount) {
            throw new IllegalArgumentException("the state belongs to another network or optimizer: it has "
                    + state.parameters().length + " elements and " + state.slotCount() + " slots, expected " + gradients().length + " and "
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
        return backpropagation.outputs();
    }

    /** The last step's loss without regularizers. */
    public double dataLoss() {
        return backpropagation.dataLoss();
    }

    /** The last step's penalty by regularizers. */
    public double regularizationLoss() {
        return backpropagation.regularizationLoss();
    }

    /** The Euclidean norm of the last step's whole gradient, before clipping. */
    public double gradientNorm() {
        return backpropagation.gradientNorm();
    }

    /**
     * The gradients of the last step, clipped, in the layout of the parameters; zeros before the first step. A live array. The step
     * may have done without them: then they are computed here, as long as the step's inputs are still what they were.
     */
    public float[] lastGradients(TrainingState state) {
        if (withoutGradients) {
            backpropagation.computeGradients(state);
            withoutGradients = false;
        }
        return gradients();
    }

    /** The gradients as the last method left them, in the layout of the parameters; a live array. */
    float[] gradients() {
        return backpropagation.gradients();
    }

    /** The norm of each variable's gradient before clipping; a live array. */
    double[] gradientNorms() {
        return backpropagation.norms();
    }
}
