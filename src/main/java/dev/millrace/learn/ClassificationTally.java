package dev.millrace.learn;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Hits of predicted classes, and of two baselines: the class seen most often so far (of equally frequent ones the one that
 * got there first), and the last class seen (no change); both count as wrong before the first label. The predicted class is
 * the most probable one, the first of equals.
 *
 * <p>
 * Kappa is {@code (p - c) / (1 - c)} with accuracy p and the accuracy c of a chance classifier with the same marginals (Cohen
 * 1960); kappa-temporal has for c the accuracy of no change (Žliobaitė et al. 2015). Kept are the misses, not the hits: then
 * both are {@code 1 - misses / misses of the other}, which loses no digits when almost every prediction is right.
 */
final class ClassificationTally implements Tally {
    // state: examples, faded weight, 1 + last class, 1 + majority class, sums over the stream, faded sums
    private static final int EXAMPLES = 0;
    private static final int FADED_WEIGHT = 1;
    private static final int LAST = 2;
    private static final int MAJORITY = 3;
    private static final int HEAD = 4;
    // within a block of sums; then the counts of each true class, then those of each predicted class
    private static final int MISSES = 0;
    private static final int LOG_LOSS = 1;
    private static final int MAJORITY_MISSES = 2;
    private static final int LAST_MISSES = 3;
    private static final int COUNTS = 4;

    private static final double LEAST_PROBABILITY = 1e-7;
    /** Share of misses a reference must have: below it is what fading and rounding left of a single class. */
    private static final double LEAST_SHARE = 1e-12;

    private final int classes;
    private final int sums;
    private final double fading;
    private final double[] state;

    ClassificationTally(int classes, int window) {
        this.classes = classes;
        this.sums = COUNTS + 2 * classes;
        this.fading = 1 - 1.0 / window;
        this.state = new double[HEAD + 2 * sums];
    }

    /**
     * Adds one example.
     *
     * @param probabilities {@code [classes]}; finite; read
     * @return the predicted class
     */
    int add(float[] probabilities, int label) {
        int predicted = 0;
        for (int i = 1; i < classes; i++) {
            predicted = probabilities[i] > probabilities[predicted] ? i : predicted;
        }
        double probability = Math.clamp(probabilities[label], LEAST_PROBABILITY, 1 - LEAST_PROBABILITY);
        // Not Math.log, whose last bit may differ between machines: these sums are part of the state.
        double logLoss = -StrictMath.log(probability);
        state[EXAMPLES]++;
        state[FADED_WEIGHT] = state[FADED_WEIGHT] * fading + 1;
        add(HEAD, 1, label, predicted, logLoss);
        add(HEAD + sums, fading, label, predicted, logLoss);
        state[LAST] = label + 1;
        int majority = (int) state[MAJORITY] - 1;
        if (majority < 0 || state[HEAD + COUNTS + label] > state[HEAD + COUNTS + majority]) {
            state[MAJORITY] = label + 1;
        }
        return predicted;
    }

    private void add(int block, double factor, int label, int predicted, double logLoss) {
        if (factor != 1) {
            for (int i = block; i < block + sums; i++) {
                state[i] = Tally.fade(state[i], factor);
            }
        }
        state[block + MISSES] += predicted == label ? 0 : 1;
        state[block + LOG_LOSS] += logLoss;
        state[block + MAJORITY_MISSES] += state[MAJORITY] == label + 1 ? 0 : 1;
        state[block + LAST_MISSES] += state[LAST] == label + 1 ? 0 : 1;
        state[block + COUNTS + label]++;
        state[block + COUNTS + classes + predicted]++;
    }

    @Override
    public Map<String, Double> figures(Evaluation.Span span) {
        int block = switch (span) {
            case STREAM -> HEAD;
            case WINDOW -> HEAD + sums;
        };
        double weight = switch (span) {
            case STREAM -> state[EXAMPLES];
            case WINDOW -> state[FADED_WEIGHT];
        };
        double missRate = state[block + MISSES] / weight;
        double lastMissRate = state[block + LAST_MISSES] / weight;
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("accuracy", 1 - missRate);
        figures.put("log_loss", state[block + LOG_LOSS] / weight);
        figures.put("kappa", kappa(missRate, chanceMisses(block) / (weight * weight)));
        figures.put("kappa_temporal", kappa(missRate, lastMissRate));
        figures.put("baseline_majority_accuracy", 1 - state[block + MAJORITY_MISSES] / weight);
        figures.put("baseline_last_accuracy", 1 - lastMissRate);
        return Collections.unmodifiableMap(figures);
    }

    private static double kappa(double missRate, double referenceMissRate) {
        return referenceMissRate > LEAST_SHARE ? 1 - missRate / referenceMissRate : Double.NaN;
    }

    /** The sum of {@code truth[i] * predicted[j]} over all {@code i != j}. */
    private double chanceMisses(int block) {
        int truth = block + COUNTS;
        int predicted = truth + classes;
        double misses = 0;
        double below = 0;
        double above = 0;
        for (int i = 0; i < classes; i++) {
            int j = classes - 1 - i;
            misses += state[truth + i] * below + state[truth + j] * above;
            below += state[predicted + i];
            above += state[predicted + j];
        }
        return misses;
    }

    @Override
    public double[] state() {
        return state;
    }
}
