package dev.millrace.nn;

import dev.millrace.nn.kernel.Kernels;
import org.jspecify.annotations.Nullable;

/** What a loss says about the outputs of its network. */
public final class Losses {
    private static final Kernels KERNELS = Kernels.create();

    private Losses() {
    }

    /**
     * The loss of a batch without regularizers: {@code Σ w l}, divided by n if so reduced.
     *
     * @param outputs of the network, row-major {@code [n][width]}; read
     * @param targets row-major {@code [n][targetWidth]}; read
     * @param weights {@code [n]} or null for all ones; read
     */
    public static double ofBatch(Loss loss, Loss.Reduction reduction, float[] outputs, float[] targets, float @Nullable [] weights, int n,
            int width) {
        int targetWidth = loss.targetWidth(width);
        Network.requireValues("outputs", outputs, n, width);
        Network.requireValues("targets", targets, n, targetWidth);
        SampleLoss sampleLoss = SampleLoss.of(loss, loss.isFromLogits(), zerosAndOnes(targets, n * targetWidth));
        float[] gradient = new float[outputs.length];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += (weights == null ? 1 : weights[i]) * sampleLoss.evaluate(outputs, i * width, targets, i * targetWidth, width, gradient);
        }
        return switch (reduction) {
            case SUM_OVER_BATCH_SIZE -> sum / n;
            case SUM -> sum;
        };
    }

    /** Whether a batch has no other labels; hinges then take 0 for -1. */
    static boolean zerosAndOnes(float[] targets, int length) {
        for (int i = 0; i < length; i++) {
            if (targets[i] != 0 && targets[i] != 1) {
                return false;
            }
        }
        return true;
    }

    /**
     * Turns logits into probabilities, in place: by a sigmoid for a binary cross-entropy, by a softmax for the others. Outputs
     * that are not logits by the word of the loss stay as they are.
     *
     * @param outputs row-major {@code [n][width]}; read and written
     */
    public static void toProbabilities(Loss loss, float[] outputs, int n, int width) {
        if (!loss.isFromLogits()) {
            return;
        }
        Network.requireValues("outputs", outputs, n, width);
        if (loss instanceof Loss.BinaryCrossentropy) {
            KERNELS.sigmoid(outputs, n * width);
        } else {
            KERNELS.softmax(n, width, outputs, width);
        }
    }
}
