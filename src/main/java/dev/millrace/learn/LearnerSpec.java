package dev.millrace.learn;

import dev.millrace.nn.Dense;
import dev.millrace.nn.Layer;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.TrainingSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that determines what a learner does with a stream; two learners with equal specifications that read the same
 * records hold the same bits.
 *
 * @param features in the order of the network's inputs; widths add up to the network's inputs
 * @param standardize whether features are shifted and scaled to running mean 0 and variance 1
 * @param batchSize labelled records per optimizer step, at least 1
 * @param maxWaitMillis a batch is closed early once stream time passed its first record by this much; 0: never
 * @param seed of the initial weights
 * @param window time constant of the fading window of the quality figures, in labelled records
 * @param weight the field with the factor of a labelled record's loss; without one every factor is 1
 */
public record LearnerSpec(List<Feature> features, Missing missing, boolean standardize, Label label, NetworkSpec network,
        TrainingSpec training, int batchSize, long maxWaitMillis, long seed, int window, Optional<String> weight) {

    /** A learner whose records all count the same. */
    public LearnerSpec(List<Feature> features, Missing missing, boolean standardize, Label label, NetworkSpec network,
            TrainingSpec training, int batchSize, long maxWaitMillis, long seed, int window) {
        this(features, missing, standardize, label, network, training, batchSize, maxWaitMillis, seed, window, Optional.empty());
    }

    public LearnerSpec {
        features = List.copyOf(features);
        int width = 0;
        Set<String> names = new HashSet<>();
        for (Feature feature : features) {
            width += feature.width();
            if (!names.add(feature.name())) {
                throw new IllegalArgumentException("two features are named " + feature.name());
            }
        }
        if (width != network.inputs()) {
            throw new IllegalArgumentException(
                    "the features have " + width + " columns, the network has " + network.inputs() + " inputs");
        }
        int outputs = outputsFor(label, training);
        if (network.outputs() != outputs) {
            throw new IllegalArgumentException(
                    "the label needs " + outputs + " outputs, the network has " + network.outputs());
        }
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch_size must be at least 1, found " + batchSize);
        }
        if (maxWaitMillis < 0) {
            throw new IllegalArgumentException("max_wait must not be negative, found " + maxWaitMillis);
        }
        if (window < 1) {
            throw new IllegalArgumentException("window must be at least 1, found " + window);
        }
    }

    /** How many values the network must answer with; two classes under binary cross-entropy need one. */
    public static int outputsFor(Label label, TrainingSpec training) {
        boolean oneLogit = label instanceof Label.Classification && label.width() == 2
                && training.loss() instanceof Loss.BinaryCrossentropy;
        return oneLogit ? 1 : label.width();
    }

    /**
     * Why a model that was stored under another specification cannot be continued under this one, or null if it can. What may
     * change is how it is trained: loss, rates, seeds, policies.
     */
    public @Nullable String obstacleToContinue(LearnerSpec stored) {
        List<String> slots = training.optimizer().slots();
        List<String> storedSlots = stored.training.optimizer().slots();
        if (!stored.features.equals(features)) {
            return difference("features", stored.features, features);
        }
        if (!stored.label.equals(label)) {
            return difference("label", stored.label, label);
        }
        if (!stored.weight.equals(weight)) {
            return difference("weight", stored.weight.orElse("none"), weight.orElse("none"));
        }
        if (!stored.network.equals(network)) {
            return networkDifference(stored.network, network);
        }
        if (!storedSlots.equals(slots)) {
            return difference("optimizer's slots", storedSlots, slots);
        }
        return stored.batchSize == batchSize ? null : difference("batch_size", stored.batchSize, batchSize);
    }

    /** The first difference, as narrow as it can be told: a whole network is too long for a message. */
    private static String networkDifference(NetworkSpec stored, NetworkSpec configured) {
        if (stored.inputs() != configured.inputs()) {
            return difference("the number of inputs", stored.inputs(), configured.inputs());
        }
        if (stored.layers().size() != configured.layers().size()) {
            return difference("the number of layers", stored.layers().size(), configured.layers().size());
        }
        int i = 0;
        while (stored.layers().get(i).equals(configured.layers().get(i))) {
            i++;
        }
        String at = "model.layers[" + i + "]";
        Layer was = stored.layers().get(i);
        Layer now = configured.layers().get(i);
        if (was instanceof Dense before && now instanceof Dense after) {
            if (before.units() != after.units()) {
                return difference(at + ".units", before.units(), after.units());
            }
            if (before.activation() != after.activation()) {
                return difference(at + ".activation", before.activation(), after.activation());
            }
        }
        return difference(at, was, now);
    }

    private static String difference(String what, Object stored, Object configured) {
        return what + ": stored is " + stored + ", configured is " + configured;
    }
}
