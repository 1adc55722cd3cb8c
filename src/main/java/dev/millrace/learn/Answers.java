package dev.millrace.learn;

import dev.millrace.nn.Activation;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Losses;
import java.util.Arrays;

/**
 * Turns the outputs of the network into the answer of the learner: numbers in the label's scaled unit, or one probability per
 * class. Logits go through the sigmoid or softmax of their loss. One output for two classes is the probability of the second.
 * Outputs that need not be a distribution (squared error, independent sigmoids) are cut off below 0 and divided by their sum;
 * if nothing is left, every class is equally probable.
 */
final class Answers {
    private final Loss loss;
    private final boolean logits;
    private final boolean classes;
    private final boolean distribution;
    private final float[] row; // [outputs]

    Answers(LearnerSpec spec) {
        loss = spec.training().loss();
        logits = loss.isFromLogits();
        classes = spec.label() instanceof Label.Classification;
        boolean softmax = spec.network().outputActivation() == Activation.SOFTMAX;
        distribution = switch (loss) {
            case Loss.CategoricalCrossentropy _,Loss.SparseCategoricalCrossentropy _ -> loss.isFromLogits() || softmax;
            case Loss.BinaryCrossentropy binary -> softmax && !binary.fromLogits();
            case Loss.MeanSquaredError _,Loss.MeanAbsoluteError _,Loss.Huber _,Loss.LogCosh _,Loss.Poisson _ -> softmax;
            case Loss.KlDivergence _,Loss.MeanAbsolutePercentageError _,Loss.MeanSquaredLogarithmicError _ -> softmax;
            case Loss.Hinge _,Loss.SquaredHinge _,Loss.CategoricalHinge _,Loss.CosineSimilarity _ -> softmax;
        };
        row = new float[spec.network().outputs()];
    }

    /**
     * Computes one answer.
     *
     * @param outputs {@code [n][outputs]} of the network; read
     * @param at first element of the example's row
     * @param answer {@code [label width]}; written: all finite, or all NaN if an output is not finite
     * @return whether the answer is finite
     */
    boolean put(float[] outputs, int at, float[] answer) {
        for (int i = 0; i < row.length; i++) {
            row[i] = outputs[at + i];
            if (!Float.isFinite(row[i])) {
                Arrays.fill(answer, Float.NaN);
                return false;
            }
        }
        if (logits) {
            Losses.toProbabilities(loss, row, 1, row.length);
        }
        if (classes && row.length == 1) {
            float second = Math.clamp(row[0], 0f, 1f);
            answer[0] = 1 - second;
            answer[1] = second;
        } else {
            System.arraycopy(row, 0, answer, 0, row.length);
            if (classes && !distribution) {
                normalize(answer);
            }
        }
        return true;
    }

    private static void normalize(float[] answer) {
        double sum = 0;
        for (float value : answer) {
            sum += Math.max(value, 0);
        }
        for (int i = 0; i < answer.length; i++) {
            answer[i] = sum > 0 ? (float) (Math.max(answer[i], 0) / sum) : 1f / answer.length;
        }
    }
}
