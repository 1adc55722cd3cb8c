package dev.millrace.learn;

import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Network;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.nn.Trainer;
import dev.millrace.nn.TrainingState;
import dev.millrace.nn.Workspace;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A network that learns from one example at a time and can be asked at any time. Owned by one thread.
 *
 * <p>
 * Every labelled example is first tested, then trained on: the forward pass of the optimizer step, before the update, gives
 * the prequential prediction. The scaler sees an example's features when it arrives, its label is seen by the evaluation when
 * its batch is full. The features of a batch are standardised when it is full, with statistics that include them. An unlabelled
 * example changes nothing.
 */
public final class OnlineLearner {
    private final LearnerSpec spec;
    private final Network network;
    private final RecordSchema schema;
    private final FeatureEncoder featureEncoder;
    private final LabelEncoder labelEncoder;
    private final WeightEncoder weightEncoder;
    private final Targets targets;
    private final Trainer trainer;
    private final Predictor predictor;
    private final float[] inputs; // [batchSize][inputs], scratch

    private final Counters counters = new Counters();
    private final Scaler scaler;
    private final StepGuard guard;
    private final Evaluation evaluation;
    private final Steering steering = new Steering();
    private final PendingBatch pending;
    private final RecentExamples recent;
    private final TrainingState training;
    private final LearnerState state;
    private final @Nullable StartingState start;
    /** For batches that are only tested; most learners never need it. */
    private @Nullable Workspace testing;

    /**
     * A fresh learner: version 0, weights from the seed.
     *
     * @throws IllegalArgumentException if a field is used in ways that exclude each other, or the loss does not fit the label
     */
    public OnlineLearner(LearnerSpec spec) {
        this(spec, null);
    }

    /**
     * A learner that goes on from given weights.
     *
     * @param start null for weights from the seed
     * @throws IllegalArgumentException also if the start belongs to another network or optimizer
     */
    public OnlineLearner(LearnerSpec spec, @Nullable StartingState start) {
        this.spec = spec;
        this.start = start;
        network = new Network(spec.network());
        schema = new RecordSchema(spec);
        targets = new Targets(spec);
        featureEncoder = new FeatureEncoder(spec, schema);
        labelEncoder = new LabelEncoder(spec, schema, targets);
        weightEncoder = new WeightEncoder(spec, schema);
        trainer = new Trainer(network, spec.training(), spec.batchSize());
        scaler = new Scaler(spec.network().inputs(), spec.standardize(), spec.window());
        guard = new StepGuard(spec.window());
        recent = new RecentExamples(spec.network().inputs());
        evaluation = new Evaluation(spec, targets, recent);
        pending = new PendingBatch(spec.batchSize(), spec.network().inputs(), targets.width(), spec.weight().isPresent());
        inputs = new float[pending.features().length];
        training = trainer.initialState(spec.seed());
        predictor = newPredictor();
        state = new LearnerState(counters, scaler, guard, evaluation, steering, this::steered, pending, training,
                spec.training().optimizer());
        begin();
    }

    private void begin() {
        StartingState given = start;
        if (given != null) {
            given.applyTo(training, network.layout(), spec.training().optimizer().slots());
            counters.startAt(given.version());
            scaler.startAt(given.statistics());
        }
    }

    public LearnerSpec spec() {
        return spec;
    }

    public Network network() {
        return network;
    }

    public RecordSchema schema() {
        return schema;
    }

    /** Computes with plain loops until told otherwise, with the same results; see {@link WarmUp}. */
    public void usePlainLoops(boolean plain) {
        network.usePlainLoops(plain);
    }

    /** Whether it was told to. */
    public boolean usesPlainLoops() {
        return network.usesPlainLoops();
    }

    public Example newExample() {
        return new Example(spec.network().inputs(), targets.width());
    }

    /**
     * Computes features, target and weight of a record. Reads nothing of the learner's changing state.
     *
     * @return why the record cannot be used, or null if {@code into} is filled
     */
    public @Nullable Rejection encode(RawRecord record, Example into) {
        Rejection rejection = featureEncoder.encode(record, into.features);
        if (rejection == null) {
            rejection = labelEncoder.encode(record, into);
        }
        return rejection == null && into.labelled ? weightEncoder.encode(record, into) : rejection;
    }

    /**
     * Adds a labelled example to the pending batch and makes an optimizer step if that fills it.
     *
     * @param timestampMillis of the record; only compared with other records' timestamps
     * @throws IllegalArgumentException if the example has no label
     */
    public Outcome learn(Example example, long timestampMillis) {
        if (!example.labelled) {
            throw new IllegalArgumentException("an example without a label cannot be learned from");
        }
        if (!steering.frozen()) {
            scaler.update(example.features);
        }
        recent.arrived(example.features);
        pending.put(counters.pending(), example);
        counters.added(timestampMillis);
        return counters.pending() == spec.batchSize() ? step() : Outcome.PENDING;
    }

    /**
     * Tells the learner how far stream time has come, before the record of that time is handled: closes the pending batch if
     * it has waited for {@code maxWaitMillis}. {@link Outcome#PENDING} if nothing happened.
     */
    public Outcome advanceTo(long streamTimeMillis) {
        boolean due = spec.maxWaitMillis() > 0 && counters.waited(streamTimeMillis, spec.maxWaitMillis());
        return due ? step() : Outcome.PENDING;
    }

    private Outcome step() {
        int n = counters.pending();
        scaler.applyToBatch(pending.features(), n, inputs);
        if (steering.frozen()) {
            return test(n);
        }
        double limit = guard.limit();
        boolean applied = trainer.step(training, inputs, pending.targets(), pending.weights(), n, limit);
        if (trainer.dataLoss() > limit) {
            guard.refused();
        } else {
            // One label of 1e30 would stand in the sums of the whole stream for ever.
            evaluation.add(trainer.outputs(), pending.targets(), n, spec.network().outputs());
        }
        if (!applied) {
            counters.refused();
            return Outcome.REFUSED;
        }
        guard.applied(trainer.dataLoss(), n);
        counters.stepped(training.iterations(), trainer.dataLoss() + trainer.regularizationLoss(), trainer.gradientNorm());
        return Outcome.STEPPED;
    }

    private Outcome test(int n) {
        Workspace workspace = testing;
        if (workspace == null) {
            workspace = network.workspace(spec.batchSize());
            testing = workspace;
        }
        float[] outputs = new float[n * spec.network().outputs()];
        network.predict(training.parameters(), inputs, n, outputs, workspace);
        evaluation.add(outputs, pending.targets(), n, spec.network().outputs());
        counters.tested();
        return Outcome.TESTED;
    }

    /**
     * Stops learning, or lets it go on. A frozen learner tests each full batch and makes no step, and does not change the
     * statistics of the features either, so that its answers stay the same. What counts is how it is when a batch is full.
     */
    public void setFrozen(boolean frozen) {
        steering.setFrozen(frozen);
    }

    /** Whether it only tests. */
    public boolean frozen() {
        return steering.frozen();
    }

    /**
     * Takes this learning rate for all further steps.
     *
     * @param rate a finite float from 0; empty for that of the specification, which may be a schedule
     * @throws IllegalArgumentException if it is another number
     */
    public void setLearningRate(OptionalDouble rate) {
        if (rate.isPresent()) {
            LearningRate.Constant checked = new LearningRate.Constant((float) rate.getAsDouble());
            steering.setLearningRate(checked.value());
        } else {
            steering.clearLearningRate();
        }
        steered();
    }

    /** The rate that takes the place of the specification's, if one was set. */
    public OptionalDouble learningRate() {
        return steering.learningRate();
    }

    private void steered() {
        OptionalDouble rate = steering.learningRate();
        trainer.setLearningRate(
                rate.isPresent() ? new LearningRate.Constant((float) rate.getAsDouble()) : spec.training().optimizer().learningRate());
    }

    /**
     * Goes back to what another learner has learned: weights, optimizer, statistics of the features and the version. What has been
     * counted and tested, the pending batch and what was set stay, because they are of the stream and not of the model.
     *
     * @param past read
     * @throws IllegalArgumentException if that one cannot be continued under this one's specification
     */
    public void rollBackTo(OnlineLearner past) {
        String obstacle = spec.obstacleToContinue(past.spec);
        if (obstacle != null) {
            throw new IllegalArgumentException(obstacle);
        }
        copy(past.training);
        training.setIterations(past.training.iterations());
        counters.rollBackTo(past.counters);
        scaler.copyFrom(past.scaler);
        guard.copyFrom(past.guard);
    }

    /**
     * Answers an example from the current weights, see {@link Predictor#predict}. Changes nothing.
     */
    public void predict(Example example, float[] outputs) {
        predictor.predict(example, outputs);
    }

    /** A predictor for another thread, over this learner's weights. */
    public Predictor newPredictor() {
        return new Predictor(spec, network, scaler, training);
    }

    /** Number of optimizer steps applied so far. */
    public long version() {
        return counters.version();
    }

    /** Number of examples in the pending batch. */
    public int pending() {
        return counters.pending();
    }

    /** Labelled examples taken so far, pending ones included. */
    public long labelled() {
        return counters.labelled();
    }

    /** Steps that were not applied because they were not finite or their loss exploded. */
    public long refusedSteps() {
        return counters.refusedSteps();
    }

    /** The last applied step's loss with regularizers, or NaN before the first. */
    public double loss() {
        return counters.loss();
    }

    /** The last applied step's gradient norm before clipping, or NaN before the first. */
    public double gradientNorm() {
        return counters.gradientNorm();
    }

    /** Euclidean norm of all parameters; computed at the call. */
    public double weightNorm() {
        double sum = 0;
        for (float parameter : training.parameters()) {
            sum += (double) parameter * parameter;
        }
        return Math.sqrt(sum);
    }

    /**
     * What was learned lately and the last gradients. Costs about as much as a step of a large batch, so not to be called for every
     * record.
     *
     * @param gradientsPerVariable at most so many are copied, evenly spread
     */
    public Observation observe(int gradientsPerVariable) {
        ParameterLayout layout = network.layout();
        float[] gradients = trainer.lastGradients(training);
        return new Observation(counters.version(), counters.labelled(), recent.answers(), recent.truths(), recent.features(),
                layout.variables().stream()
                        .map(variable -> layout.sample(gradients, variable, gradientsPerVariable)).toList());
    }

    /** Quality so far. */
    public Evaluation evaluation() {
        return evaluation;
    }

    /** The running statistics of the features. */
    public Scaler scaler() {
        return scaler;
    }

    /** Everything that changes, live. */
    public LearnerState state() {
        return state;
    }

    /** Back to the start. */
    public void reset() {
        copy(trainer.initialState(spec.seed()));
        training.setIterations(0);
        counters.reset();
        scaler.reset();
        guard.reset();
        evaluation.reset();
        pending.reset();
        recent.reset();
        steering.reset();
        steered();
        begin();
    }

    private void copy(TrainingState from) {
        copy(from.parameters(), training.parameters());
        for (int i = 0; i < from.slotCount(); i++) {
            copy(from.slot(i), training.slot(i));
        }
    }

    private static void copy(float[] from, float[] to) {
        System.arraycopy(from, 0, to, 0, to.length);
    }
}
