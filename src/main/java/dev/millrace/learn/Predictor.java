package dev.millrace.learn;

import dev.millrace.nn.Network;
import dev.millrace.nn.Workspace;

/** Answers one example at a time from given parameters; has scratch of its own, so that it never touches a batch. */
final class Predictor {
    private final Network network;
    private final Scaler scaler;
    private final Answers answers;
    private final Workspace workspace;
    private final float[] inputs;
    private final float[] outputs;

    Predictor(LearnerSpec spec, Network network, Scaler scaler) {
        this.network = network;
        this.scaler = scaler;
        this.answers = new Answers(spec);
        this.workspace = network.workspace(1);
        this.inputs = new float[spec.network().inputs()];
        this.outputs = new float[spec.network().outputs()];
    }

    /**
     * Computes one answer, see {@link Answers}.
     *
     * @param parameters of the network; read
     * @param features raw, {@code [inputs]}; read
     * @param answer {@code [label width]}; written
     */
    void predict(float[] parameters, float[] features, float[] answer) {
        scaler.apply(features, 1, inputs);
        network.predict(parameters, inputs, 1, outputs, workspace);
        answers.put(outputs, 0, answer);
    }
}
