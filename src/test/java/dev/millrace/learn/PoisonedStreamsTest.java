package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.nn.Activation;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Dense;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingSpec;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Short streams with something bad in them, each beside the same stream without it: no weight is ever not finite, and after as many
 * good records again the model is nearly as good as if nothing had been. {@code -Dpoisoned=1000} for as many streams.
 */
class PoisonedStreamsTest {
    private static final int STREAMS = Integer.getInteger("poisoned", 60);
    private static final int FEATURES = 4;
    private static final int BEFORE = 2000;
    private static final int POISON = 400;
    private static final int AFTER = 2500;

    private enum Poison {
        /** Single values of 1e6 to 1e30. */
        SPIKES,
        /** Fields without a number, which count as missing. */
        NANS,
        /** The other class. */
        FLIPS,
        /** A column in another unit. */
        UNSCALED,
        /** A column that stops to vary. */
        CONSTANT
    }

    @Test
    void modelsRecover() {
        Map<Poison, Integer> failed = new EnumMap<>(Poison.class);
        double worst = 1;
        for (int seed = 0; seed < STREAMS; seed++) {
            Poison poison = Poison.values()[seed % Poison.values().length];
            double clean = run(seed, null);
            double poisoned = run(seed, poison);
            worst = Math.min(worst, poisoned / clean);
            if (poisoned < 0.95 * clean) {
                failed.merge(poison, 1, Integer::sum);
            }
        }
        System.out.printf("%d poisoned streams: below 95 %% of the clean run's accuracy %s, worst %.3f%n", STREAMS, failed, worst);
        assertThat(failed.values().stream().mapToInt(Integer::intValue).sum()).isLessThanOrEqualTo(STREAMS / 20);
    }

    /** Accuracy over the last records. */
    private static double run(int seed, Poison poison) {
        Random random = new Random(seed);
        double[] direction = IntStream.range(0, FEATURES).mapToDouble(_ -> random.nextGaussian()).toArray();
        OnlineLearner learner = new OnlineLearner(spec(seed));
        Predictor predictor = learner.newPredictor();
        Example example = learner.newExample();
        float[] probabilities = new float[2];
        int hits = 0;
        int tested = 0;
        int total = BEFORE + POISON + AFTER;
        int column = random.nextInt(FEATURES);
        float unit = (float) Math.pow(10, 2 + random.nextInt(5));
        for (int i = 0; i < total; i++) {
            double score = 0;
            float[] values = new float[FEATURES];
            for (int j = 0; j < FEATURES; j++) {
                values[j] = (float) (random.nextGaussian() * (j + 1) + j);
                score += direction[j] * (values[j] - j) / (j + 1);
            }
            boolean label = score + 0.3 * random.nextGaussian() > 0;
            boolean strike = random.nextInt(4) == 0;
            int power = random.nextInt(25);
            if (i >= total - 500) {
                RawRecord asked = record(learner, values, null);
                assertThat(learner.encode(asked, example)).isNull();
                predictor.predict(example, probabilities);
                hits += probabilities[1] > probabilities[0] == label ? 1 : 0;
                tested++;
            }
            if (poison != null && i >= BEFORE && i < BEFORE + POISON) {
                switch (poison) {
                    case SPIKES -> values[column] = strike ? (float) Math.pow(10, 6 + power) : values[column];
                    case NANS -> values[column] = strike ? Float.NaN : values[column];
                    case FLIPS -> label = !label;
                    case UNSCALED -> values[column] *= unit;
                    case CONSTANT -> values[column] = 3;
                }
            }
            RawRecord taught = record(learner, values, label ? "yes" : "no");
            if (learner.encode(taught, example) == null) {
                learner.learn(example, i);
                assertThat(learner.weightNorm()).as("stream %d, record %d, %s", seed, i, poison).isFinite();
            }
        }
        return (double) hits / tested;
    }

    private static RawRecord record(OnlineLearner learner, float[] values, String label) {
        RawRecord record = learner.schema().newRecord();
        record.clear();
        for (int j = 0; j < FEATURES; j++) {
            record.numbers[j] = values[j];
        }
        record.texts[FEATURES] = label;
        return record;
    }

    private static LearnerSpec spec(int seed) {
        List<Feature> features = IntStream.range(0, FEATURES).<Feature>mapToObj(j -> new Feature.Pick("f" + j, "f" + j)).toList();
        return new LearnerSpec(features, Missing.MEAN, true, new Label.Classification("y", List.of("no", "yes")),
                new NetworkSpec(FEATURES, List.of(new Dense("dense", 8, Activation.RELU), new Dense("dense_1", 2, Activation.LINEAR))),
                new TrainingSpec(new Loss.SparseCategoricalCrossentropy(true), Loss.Reduction.SUM_OVER_BATCH_SIZE,
                        new Optimizer.Adam(new LearningRate.Constant(0.01f), 0.9f, 0.999f, 1e-7f, false, Clipping.NONE)),
                10, 0, seed, 500);
    }
}
