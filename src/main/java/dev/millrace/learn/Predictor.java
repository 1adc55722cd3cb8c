package dev.millrace.learn;

import dev.millrace.nn.Network;
import dev.millrace.nn.TrainingState;
import dev.millrace.nn.Workspace;

/**
 * One thread's way to ask a learner: shares the learner's weights and scaler, has scratch of its own. Several threads may ask
 * a learner that no thread trains, each with its own predictor.
 */
public final class Predictor {
    private final Network network;
    private final Scaler scaler;
    private final TrainingState training;
    private final Answers answers;
    private final Workspace workspace;
    private final float[] inputs;
    /** Of the scaler when it had changed that often: between two labelled examples they stay, and roots take time. */
    private final double[] means;
    private final double[] divisors;
    private long changesSeen = -1;
    private final float[] outputs;

    Predictor(LearnerSpec spec, Network network, Scaler scaler, TrainingState training) {
        this.network = network;
        this.scaler = scaler;
        this.training = training;
        this.answers = new Answers(spec);
        this.workspace = network.workspace(1);
        this.inputs = new float[spec.network().inputs()];
        this.means = new double[inputs.length];
        this.divisors = new double[inputs.length];
        this.outputs = new float[spec.network().outputs()];
    }

    /**
     * Answers an example from the current weights.
     *
     * @param answer written: the regression's values in the label's scaled unit, or one probability per class. All NaN if the
     *            features are so large that the network's arithmetic overflows; otherwise all finite
     */
    public void predict(Example example, float[] answer) {
        if (scaler.changes() != changesSeen) {
            for (int j = 0; j < means.length; j++) {
                means[j] = scaler.mean(j);
                divisors[j] = scaler.divisor(j);
            }
            changesSeen = scaler.changes();
        }
        scaler.apply(means, divisors, example.features, inputs);
        network.predict(training.parameters(), inputs, 1, outputs, workspace);
        answers.put(outputs, 0, answer);
    }
}
