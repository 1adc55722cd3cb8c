package dev.millrace.learn;

import java.util.List;

/**
 * What can be seen of a learner at one moment beyond its figures; copies, so that the learner goes on.
 *
 * @param version of the learner
 * @param labelled examples it has taken
 * @param answers the latest tested predictions, in no particular order: numbers in the label's scaled unit (of several the first), or
 *            positions of classes
 * @param truths the labels for {@code answers}
 * @param features {@code [rows][inputs]} of some recent examples, before standardisation; NaN where missing
 * @param gradients of the last step, clipped: for each variable of the network's layout up to so many values as were asked for; all
 *            0 before the first step
 */
public record Observation(long version, long labelled, float[] answers, float[] truths, float[] features, List<float[]> gradients) {
}
