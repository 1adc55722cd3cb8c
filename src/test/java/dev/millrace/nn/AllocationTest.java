package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The hot path allocates nothing: garbage per step would be a pause per so many steps. */
class AllocationTest {
    private static final int REPETITIONS = 5_000;
    private static final int MOST_ROUNDS = 100;
    /** For what the virtual machine itself allocates on this thread now and then; one object per step would be 80,000 bytes. */
    private static final long TOLERANCE = 10_000;

    private static final LearningRate RATE = new LearningRate.Constant(0.001f);

    @Test
    void stepsAllocateNothing() {
        List<Optimizer> optimizers = List.of(new Optimizer.Sgd(RATE, 0.9f, true, new Clipping(Clipping.Kind.NORM, 1)),
                new Optimizer.Adagrad(RATE, 0.1f, 1e-7f, new Clipping(Clipping.Kind.VALUE, 1)),
                new Optimizer.RmsProp(RATE, 0.9f, 0.5f, 1e-7f, true, Clipping.NONE),
                new Optimizer.Adam(RATE, 0.9f, 0.999f, 1e-7f, true, new Clipping(Clipping.Kind.GLOBAL_NORM, 1)),
                new Optimizer.Nadam(new LearningRate.CosineDecay(0.1f, 9000, 0, Optional.of(0.2f), 50), 0.9f, 0.999f, 1e-7f,
                        Clipping.NONE, 0.01f),
                new Optimizer.Ftrl(new LearningRate.ExponentialDecay(0.1f, 100, 0.9f, false), -0.4f, 0.1f, 0, 0, 0, 0, Clipping.NONE, 0),
                new Optimizer.Lion(new LearningRate.PiecewiseConstantDecay(List.of(10L, 300L), List.of(0.1f, 0.01f, 0.001f)), 0.9f,
                        0.99f, Clipping.NONE, 0));
        List<Loss> losses = List.of(new Loss.MeanSquaredError(), new Loss.Huber(1), new Loss.SparseCategoricalCrossentropy(true),
                new Loss.BinaryCrossentropy(true, 0.1f), new Loss.LogCosh(), new Loss.Hinge(), new Loss.CosineSimilarity());
        for (int i = 0; i < optimizers.size(); i++) {
            Network network = new Network(Presets.dnnRegressor(8, List.of(10, 10), Activation.values()[i + 1], 3, i % 2 * 0.1f, i > 3));
            Trainer trainer = new Trainer(network, new TrainingSpec(losses.get(i), Loss.Reduction.SUM, optimizers.get(i)), 4);
            TrainingState state = trainer.initialState(1);
            float[] x = new float[32];
            float[] y = new float[12];
            float[] weights = { 1, 2, 1, 1};
            assertThat(allocatedBy(() -> trainer.step(state, x, y, weights, 4))).as(optimizers.get(i).toString()).isLessThan(TOLERANCE);
        }
    }

    /** Large enough for {@code AlignedRows} and packed gradients, where a sample alone, few and many go different ways. */
    @Test
    void stepsOfLargerNetworksAllocateNothing() {
        Network network = new Network(Presets.dnnRegressor(256, List.of(64, 64), Activation.RELU, 1));
        Trainer trainer = new Trainer(network, new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM,
                new Optimizer.Sgd(RATE, 0, false, Clipping.NONE)), 16);
        TrainingState state = trainer.initialState(1);
        float[] x = new float[16 * 256];
        float[] y = new float[16];
        for (int n : new int[]{ 1, 3, 16}) {
            assertThat(allocatedBy(() -> trainer.step(state, x, y, null, n))).as("steps of " + n).isLessThan(TOLERANCE);
        }
    }

    @Test
    void predictionsAllocateNothing() {
        Network network = new Network(Presets.dnnRegressor(8, List.of(10, 10), Activation.TANH, 3));
        float[] parameters = network.initialParameters(1);
        Workspace workspace = network.workspace(4);
        float[] x = new float[32];
        float[] outputs = new float[12];
        assertThat(allocatedBy(() -> network.predict(parameters, x, 4, outputs, workspace))).isLessThan(TOLERANCE);
    }

    /** What the action allocates once the compiler has done its work; before that, vectors are objects. */
    private static long allocatedBy(Runnable action) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < MOST_ROUNDS && allocated >= TOLERANCE; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < REPETITIONS; i++) {
                action.run();
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        return allocated;
    }
}
