package dev.millrace.learn;

import dev.millrace.nn.Network;
import org.jspecify.annotations.Nullable;

/**
 * A network that learns from one example at a time and can be asked at any time. Owned by one thread.
 *
 * <p>
 * Every labelled example is first tested, then trained on: the forward pass of the optimizer step, before the update, gives
 * the prequential prediction. The scaler sees an example's features when it arrives, its label is seen by the evaluation when
 * its batch is full.
 */
public final class OnlineLearner {
    /** A fresh learner: version 0, weights from the seed. */
    public OnlineLearner(LearnerSpec spec) {
        throw new UnsupportedOperationException();
    }

    public LearnerSpec spec() {
        throw new UnsupportedOperationException();
    }

    public Network network() {
        throw new UnsupportedOperationException();
    }

    public RecordSchema schema() {
        throw new UnsupportedOperationException();
    }

    public Example newExample() {
        throw new UnsupportedOperationException();
    }

    /**
     * Computes features and target of a record. Reads nothing of the learner's changing state.
     *
     * @return why the record cannot be used, or null if {@code into} is filled
     */
    public @Nullable Rejection encode(RawRecord record, Example into) {
        throw new UnsupportedOperationException();
    }

    /**
     * Adds a labelled example to the pending batch and makes an optimizer step if that fills it.
     *
     * @param timestampMillis of the record; only compared with other records' timestamps
     */
    public Outcome learn(Example example, long timestampMillis) {
        throw new UnsupportedOperationException();
    }

    /**
     * Tells the learner how far stream time has come, before the record of that time is handled: closes the pending batch if
     * it has waited for {@code maxWaitMillis}. {@link Outcome#PENDING} if nothing happened.
     */
    public Outcome advanceTo(long streamTimeMillis) {
        throw new UnsupportedOperationException();
    }

    /**
     * Answers an example from the current weights.
     *
     * @param outputs written: the regression's values in the label's scaled unit, or one probability per class
     */
    public void predict(Example example, float[] outputs) {
        throw new UnsupportedOperationException();
    }

    /** Number of optimizer steps applied so far. */
    public long version() {
        throw new UnsupportedOperationException();
    }

    /** Number of examples in the pending batch. */
    public int pending() {
        throw new UnsupportedOperationException();
    }

    /** Labelled examples taken so far, pending ones included. */
    public long labelled() {
        throw new UnsupportedOperationException();
    }

    /** Steps that were not applied because they were not finite. */
    public long refusedSteps() {
        throw new UnsupportedOperationException();
    }

    /** The last step's loss with regularizers, or NaN before the first. */
    public double loss() {
        throw new UnsupportedOperationException();
    }

    /** The last step's gradient norm before clipping, or NaN before the first. */
    public double gradientNorm() {
        throw new UnsupportedOperationException();
    }

    /** Euclidean norm of all parameters; computed at the call. */
    public double weightNorm() {
        throw new UnsupportedOperationException();
    }

    /** Quality so far. */
    public Evaluation evaluation() {
        throw new UnsupportedOperationException();
    }

    /** The running statistics of the features. */
    public Scaler scaler() {
        throw new UnsupportedOperationException();
    }

    /** Everything that changes, live. */
    public LearnerState state() {
        throw new UnsupportedOperationException();
    }

    /** Back to version 0. */
    public void reset() {
        throw new UnsupportedOperationException();
    }
}
