package dev.millrace.bench;

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

/** Learners over the invented housing stream, which has eight features. */
final class BenchModels {
    static final int BATCH = 100;

    private static final List<String> FIELDS = List.of("longitude", "latitude", "housing_median_age", "total_rooms", "total_bedrooms",
            "population", "households", "median_income");

    private BenchModels() {
    }

    /** The network 8-10-10-1: so small that everything else shows. */
    static LearnerSpec small() {
        return withHidden(10);
    }

    /** The network 8-h-h-1; relu, squared error, SGD, batches of 100. */
    static LearnerSpec withHidden(int units) {
        List<Feature> features = FIELDS.stream().<Feature>map(field -> new Feature.Pick(field, field)).toList();
        NetworkSpec network = new NetworkSpec(features.size(), List.of(new Dense("dense", units, Activation.RELU),
                new Dense("dense_1", units, Activation.RELU), new Dense("dense_2", 1, Activation.LINEAR)));
        Optimizer sgd = new Optimizer.Sgd(new LearningRate.Constant(0.001f), 0, false, Clipping.NONE);
        return new LearnerSpec(features, Missing.REJECT, true, new Label.Regression("median_house_value", 1, 1e-5), network,
                new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE, sgd), BATCH, 0, 42, 1000);
    }
}
