package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.HttpAddress;
import dev.millrace.config.SnapshotPolicy;
import dev.millrace.config.TopicNames;
import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Missing;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Dense;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Small learners for tests. */
final class Specs {
    static final LearnerSpec REGRESSION = regression(4, 8);
    static final LearnerSpec CLASSIFICATION = new LearnerSpec(List.of(new Feature.Pick("x", "x"), new Feature.Pick("y", "y")),
            Missing.REJECT, true, new Label.Classification("color", List.of("red", "blue\"", "grün")),
            new NetworkSpec(2, List.of(new Dense("dense", 3, Activation.LINEAR))),
            new TrainingSpec(new Loss.SparseCategoricalCrossentropy(true), Loss.Reduction.SUM_OVER_BATCH_SIZE, adam()), 2, 0, 1, 100);

    private Specs() {
    }

    /** y from x and z, with an array feature v of three numbers. */
    static LearnerSpec regression(int batchSize, int units) {
        return new LearnerSpec(
                List.of(new Feature.Pick("x", "x"), new Feature.Ratio("x_per_z", "x", "z"), new Feature.Vector("v", "v", 3)),
                Missing.REJECT,
                true, new Label.Regression("y", 1, 0.5),
                new NetworkSpec(5, List.of(new Dense("dense", units, Activation.RELU), new Dense("dense_1", 1, Activation.LINEAR))),
                new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE, adam()), batchSize, 0, 7, 100);
    }

    /** y from the numbers in fields f0, f1, …. */
    static LearnerSpec flat(int fields) {
        List<Feature> features = IntStream.range(0, fields).<Feature>mapToObj(i -> new Feature.Pick("f" + i, "f" + i)).toList();
        return new LearnerSpec(features, Missing.REJECT, true, new Label.Regression("y", 1, 1),
                new NetworkSpec(fields, List.of(new Dense("dense", 1, Activation.LINEAR))),
                new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE, adam()), 16, 0, 7, 100);
    }

    /** y from an array of so many numbers. */
    static LearnerSpec wide(int width) {
        return new LearnerSpec(List.of(new Feature.Vector("v", "v", width)), Missing.REJECT, true, new Label.Regression("y", 1, 1),
                new NetworkSpec(width, List.of(new Dense("dense", 1, Activation.LINEAR))),
                new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE, adam()), 1, 0, 7, 100);
    }

    static Optimizer adam() {
        return new Optimizer.Adam(new LearningRate.Constant(0.01f), 0.9f, 0.999f, 1e-7f, false, Clipping.NONE);
    }

    static ApplicationConfig application(String name, LearnerSpec spec, Map<String, String> kafka, SnapshotPolicy snapshots) {
        return new ApplicationConfig(name, kafka, TopicNames.of(name), spec, snapshots, new HttpAddress("127.0.0.1", 0));
    }
}
