package dev.millrace.nn;

import dev.millrace.nn.kernel.Kernels;

/** What a loss says about the outputs of its network. */
public final class Losses {
    private static final Kernels KERNELS = Kernels.create();

    private Losses() {
    }

    /**
     * The mean of a loss over samples, without regularizers.
     *
     * @param outputs of the network, row-major {@code [n][width]}; read
     * @param targets row-major {@code [n][targetWidth]}; read
     */
    public static double mean(Loss loss, float[] outputs, float[] targets, int n, int width) {
        int targetWidth = loss.targetWidth(width);
        Network.requireValues("outputs", outputs, n, width);
        Network.requireValues("targets", targets, n, targetWidth);
        boolean zerosAndOnes = true;
        for (int i = 0; i < n * targetWidth; i++) {
            zerosAndOnes &= targets[i] == 0 || targets[i] == 1;
        }
        SampleLoss sampleLoss = SampleLoss.of(loss, loss.isFromLogits(), zerosAndOnes);
        float[] gradient = new float[outputs.length];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += sampleLoss.evaluate(outputs, i * width, targets, i * targetWidth, width, gradient);
        }
        return sum / n;
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
