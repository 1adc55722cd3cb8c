package dev.millrace.bench;

import java.util.SplittableRandom;

/**
 * Random batches for one network, one after the other and then from the beginning. Small ones are many, because a network that sees
 * the same sample over and over learns it by heart, and its gradients become so small that a processor takes longer for them. All
 * together fit into a core's own cache, as the one array does that a learner fills again and again.
 */
final class Batches {
    private static final int LEAST = 1;
    private static final int MOST = 256;
    private static final int ELEMENTS = 1 << 16;

    private final float[][] x;
    private final float[][] y;
    private int current;

    Batches(BenchmarkNet net, int batch) {
        SplittableRandom random = new SplittableRandom(7);
        int count = Math.clamp(ELEMENTS / (batch * net.inputs()), LEAST, MOST);
        boolean classes = net.targetWidth() < net.outputs();
        x = new float[count][batch * net.inputs()];
        y = new float[count][batch * net.targetWidth()];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < x[i].length; j++) {
                x[i][j] = (float) random.nextGaussian();
            }
            for (int j = 0; j < y[i].length; j++) {
                y[i][j] = classes ? random.nextInt(net.outputs()) : (float) random.nextDouble();
            }
        }
    }

    void next() {
        current = current + 1 == x.length ? 0 : current + 1;
    }

    float[] x() {
        return x[current];
    }

    float[] y() {
        return y[current];
    }
}
