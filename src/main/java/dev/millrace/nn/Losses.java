package dev.millrace.nn;

import dev.millrace.nn.kernel.Kernels;

/** What a loss says about the outputs of its network. */
public final class Losses {
    private static final Kernels KERNELS = Kernels.create();

    private Losses() {
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
