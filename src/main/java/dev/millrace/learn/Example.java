package dev.millrace.learn;

/**
 * One record in the form the network reads: features before standardisation (a missing one already replaced, see
 * {@link Missing}; under {@link Missing#MEAN} it is NaN until the scaler fills it) and, if labelled, target and weight. Reused from
 * record to record; made by {@link OnlineLearner#newExample()}.
 */
public final class Example {
    final float[] features;
    final float[] target;
    float weight = 1;
    boolean labelled;

    Example(int features, int targets) {
        this.features = new float[features];
        this.target = new float[targets];
    }

    /** Number of features. */
    public int width() {
        return features.length;
    }

    /** Whether the record had a label. */
    public boolean labelled() {
        return labelled;
    }
}
