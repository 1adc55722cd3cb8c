package dev.millrace.learn;

import dev.millrace.nn.Dense;
import dev.millrace.nn.Layer;
import dev.millrace.nn.NetworkSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Has the virtual machine compile the vector loops of a learner in the background, while the learner itself computes with plain
 * ones: as long as they are not compiled, vector loops are twenty times slower and more.
 */
public final class WarmUp {
    /** A wider layer or a larger batch would run the same loops for longer. */
    private static final int MOST_UNITS = 64;
    private static final int MOST_ROWS = 64;
    /** After so many steps everything is compiled, unless they are large; then after so many multiplications. */
    private static final int MOST_STEPS = 1_500;
    private static final long MULTIPLICATIONS = 2_000_000_000;

    /** What has been compiled stays so as long as the virtual machine lives. */
    private static final Map<LearnerSpec, WarmUp> BEGUN = new ConcurrentHashMap<>();

    private final LearnerSpec spec;
    private boolean started;
    private volatile boolean done;

    WarmUp(LearnerSpec spec) {
        this.spec = spec;
    }

    /**
     * The one of this virtual machine.
     *
     * @param spec of the learner that is to be fast
     */
    public static WarmUp of(LearnerSpec spec) {
        return BEGUN.computeIfAbsent(spec, WarmUp::new);
    }

    /** Begins in a thread of its own, which ends by itself within seconds. */
    public synchronized void start() {
        if (!started) {
            started = true;
            Thread.ofPlatform().daemon().name("millrace-warm-up").start(this::run);
        }
    }

    /** Whether vector loops are fast now. */
    public boolean done() {
        return done;
    }

    private void run() {
        try {
            learn(new OnlineLearner(small()));
        } finally {
            done = true;
        }
    }

    private static void learn(OnlineLearner learner) {
        Example example = learner.newExample();
        float[] outputs = new float[learner.spec().label().width()];
        int rows = learner.spec().batchSize();
        long steps = Math.clamp(MULTIPLICATIONS / ((long) rows * learner.network().layout().length()), 1, MOST_STEPS);
        for (long i = 0; i < steps * rows; i++) {
            for (int k = 0; k < example.features.length; k++) {
                example.features[k] = Math.floorMod(i * (k + 7), 31) / 31f;
            }
            // Of classes one, of numbers 0 or 1: what every loss can take.
            Arrays.fill(example.target, 0);
            example.target[(int) (i % example.target.length)] = example.target.length > 1 ? 1 : i % 2;
            example.labelled = true;
            learner.learn(example, 0);
            learner.predict(example, outputs);
        }
    }

    /** The same with narrow hidden layers and a small batch. */
    private LearnerSpec small() {
        List<Layer> layers = new ArrayList<>(spec.network().layers());
        int last = layers.lastIndexOf(layers.reversed().stream().filter(Dense.class::isInstance).findFirst().orElseThrow());
        for (int i = 0; i < last; i++) {
            if (layers.get(i) instanceof Dense dense && dense.units() > MOST_UNITS) {
                layers.set(i, new Dense(dense.name(), MOST_UNITS, dense.activation(), dense.useBias(), dense.kernelInitializer(),
                        dense.biasInitializer(), dense.kernelRegularizer(), dense.biasRegularizer(), dense.kernelConstraint(),
                        dense.biasConstraint()));
            }
        }
        return new LearnerSpec(spec.features(), spec.missing(), spec.standardize(), spec.label(),
                new NetworkSpec(spec.network().inputs(), layers), spec.training(), Math.min(spec.batchSize(), MOST_ROWS), 0, spec.seed(),
                spec.window(), spec.weight());
    }
}
