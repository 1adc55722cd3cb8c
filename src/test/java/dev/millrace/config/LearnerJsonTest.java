package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Missing;
import dev.millrace.nn.Activation;
import dev.millrace.nn.ActivationLayer;
import dev.millrace.nn.BatchNormalization;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Constraint;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Dropout;
import dev.millrace.nn.Initializer;
import dev.millrace.nn.Layer;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Metric;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.Regularizer;
import dev.millrace.nn.TrainingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LearnerJsonTest {
    private static final JsonMapper JSON = new JsonMapper();

    @Property(tries = 2000)
    void readsBackWhatItWrote(@ForAll long seed) {
        LearnerSpec learner = randomLearner(new Random(seed));
        JsonNode json = LearnerJson.write(learner);
        assertThat(LearnerJson.read(json)).isEqualTo(learner);
        assertThat(LearnerJson.read(JSON.readTree(JSON.writeValueAsString(json)))).isEqualTo(learner);
    }

    @Test
    void readsBackWhatTheExamplesAre() {
        LearnerSpec learner = Configurations.read(Configurations.VALID).learner();
        assertThat(LearnerJson.read(LearnerJson.write(learner))).isEqualTo(learner);
    }

    @Test
    void spellsOutEveryDefault() {
        assertThat(LearnerJson.write(Configurations.read(Configurations.VALID).learner()).toPrettyString().replace("\r", ""))
                .isEqualTo(Golden.text("config/learner.json"));
    }

    @Test
    void readsBackALearnerThatAConfigurationWouldNotAllow() {
        LearnerSpec learner = new LearnerSpec(List.of(new Feature.Pick("x", "x")), Missing.REJECT, true,
                new Label.Classification("y", List.of("a", "b")), new NetworkSpec(1, List.of(new Dense("dense", 1, Activation.RELU))),
                new TrainingSpec(new Loss.BinaryCrossentropy(false, 0), Loss.Reduction.SUM,
                        new Optimizer.Sgd(new LearningRate.Constant(1), 0, false, Clipping.NONE)),
                1, 0, 1, 1);
        assertThat(LearnerJson.read(LearnerJson.write(learner))).isEqualTo(learner);
    }

    @Test
    void refusesWhatIsNotALearner() {
        assertThatThrownBy(() -> LearnerJson.read(JSON.readTree("[1]"))).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("the learner: found a list of 1, allowed: a map");
        assertThatThrownBy(() -> LearnerJson.read(JSON.readTree("{\"fetures\": []}"))).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("fetures: found an unknown key (did you mean features?)");
    }

    private static LearnerSpec randomLearner(Random random) {
        List<Feature> features = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(8); i++) {
            features.add(randomFeature("f" + i, random));
        }
        int inputs = features.stream().mapToInt(Feature::width).sum();
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < random.nextInt(3); i++) {
            layers.add(randomLayer("layer " + i, 1 + random.nextInt(20), random));
            layers.add(switch (random.nextInt(3)) {
                case 0 -> new ActivationLayer("activation " + i, pick(Activation.values(), random));
                case 1 -> new Dropout("dropout " + i, random.nextFloat(), random.nextLong());
                default -> new BatchNormalization("normalization " + i, random.nextFloat(), positive(random), random.nextBoolean(),
                        random.nextBoolean());
            });
        }
        boolean classification = random.nextBoolean();
        Loss loss = classification ? randomCrossentropy(random) : randomRegressionLoss(random);
        TrainingSpec training = new TrainingSpec(loss, pick(Loss.Reduction.values(), random), randomOptimizer(random),
                randomMetrics(random),
                randomMetrics(random));
        Label label = classification
                ? new Label.Classification("label", IntStream.range(0, 2 + random.nextInt(4)).mapToObj(i -> "class " + i).toList())
                : new Label.Regression("label", 1 + random.nextInt(3), 1 + random.nextDouble());
        layers.add(randomLayer("last", LearnerSpec.outputsFor(label, training), random));
        return new LearnerSpec(features, pick(Missing.values(), random), random.nextBoolean(), label, new NetworkSpec(inputs, layers),
                training, 1 + random.nextInt(1000), random.nextInt(1_000_000), random.nextLong(), 1 + random.nextInt(100_000),
                random.nextBoolean() ? Optional.empty() : Optional.of("weight"));
    }

    private static List<Metric> randomMetrics(Random random) {
        float threshold = any(random);
        int k = 1 + random.nextInt(9);
        List<Metric> all = List.of(new Metric.Accuracy("accuracy"), new Metric.Accuracy("acc"), new Metric.Crossentropy("ce"),
                new Metric.BinaryAccuracy("binary_accuracy", 0.5f), new Metric.BinaryAccuracy("b", threshold),
                new Metric.CategoricalAccuracy("c"), new Metric.SparseCategoricalAccuracy("SparseCategoricalAccuracy"),
                new Metric.TopKCategoricalAccuracy("top", k), new Metric.SparseTopKCategoricalAccuracy("s", k),
                new Metric.Precision("p", threshold), new Metric.Recall("recall", 0.5f), new Metric.CosineSimilarity("cosine"),
                new Metric.RootMeanSquaredError("rmse"), new Metric.R2Score("R2"), new Metric.Auc("auc", 200),
                new Metric.Auc("area", 1 + k), new Metric.Mean("mae", new Loss.MeanAbsoluteError()),
                new Metric.Mean("MSE", new Loss.MeanSquaredError()), new Metric.Mean("h", new Loss.SquaredHinge()),
                new Metric.Mean("loss", randomCrossentropy(random)), new Metric.NotComputed("auc", "{\"class_name\": \"AUC\"}"));
        return random.ints(random.nextInt(4), 0, all.size()).mapToObj(all::get).toList();
    }

    private static Feature randomFeature(String name, Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> new Feature.Pick(name, "a");
            case 1 -> new Feature.Ratio(name, "a", "b");
            case 2 -> new Feature.Product(name, "a", "b");
            case 3 -> new Feature.Difference(name, "a", "a");
            case 4 -> new Feature.Log1p(name, "ünïcode \"quoted\"\n");
            case 5 -> new Feature.OneHot(name, "c", List.of("x", "7", "", "true"));
            case 6 -> new Feature.Cyclical(name, "hour", Math.abs(random.nextGaussian()) + 1e-3);
            default -> new Feature.Vector(name, "v", 1 + random.nextInt(100));
        };
    }

    private static Dense randomLayer(String name, int units, Random random) {
        Initializer bias = randomInitializer(random);
        while (bias instanceof Initializer.Orthogonal || bias instanceof Initializer.Identity) {
            bias = randomInitializer(random);
        }
        return new Dense(name, units, pick(Activation.values(), random), random.nextBoolean(), randomInitializer(random), bias,
                new Regularizer(positive(random), random.nextBoolean() ? 0 : positive(random)), Regularizer.NONE, randomConstraint(random),
                randomConstraint(random));
    }

    private static Constraint randomConstraint(Random random) {
        float small = positive(random);
        float large = positive(random);
        return switch (random.nextInt(5)) {
            case 0 -> new Constraint.MaxNorm(small);
            case 1 -> new Constraint.NonNegative();
            case 2 -> new Constraint.UnitNorm();
            case 3 -> new Constraint.MinMaxNorm(Math.min(small, large), Math.max(small, large), random.nextFloat());
            default -> Constraint.NONE;
        };
    }

    private static Initializer randomInitializer(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> Initializer.ZEROS;
            case 1 -> Initializer.LECUN_NORMAL;
            case 2 -> new Initializer.Constant(any(random));
            case 3 -> new Initializer.RandomNormal(any(random), positive(random));
            case 4 -> new Initializer.RandomUniform(-positive(random), positive(random));
            case 5 -> new Initializer.TruncatedNormal(any(random), positive(random));
            case 6 -> new Initializer.VarianceScaling(positive(random), pick(Initializer.Mode.values(), random),
                    pick(Initializer.Distribution.values(), random));
            case 7 -> new Initializer.Orthogonal(any(random));
            case 8 -> new Initializer.Identity(any(random));
            default -> Initializer.ONES;
        };
    }

    private static Loss randomRegressionLoss(Random random) {
        List<Loss> losses = List.of(new Loss.MeanSquaredError(), new Loss.MeanAbsoluteError(), new Loss.Huber(positive(random)),
                new Loss.LogCosh(), new Loss.Poisson(), new Loss.KlDivergence(), new Loss.MeanAbsolutePercentageError(),
                new Loss.MeanSquaredLogarithmicError(), new Loss.Hinge(), new Loss.SquaredHinge(), new Loss.CategoricalHinge(),
                new Loss.CosineSimilarity());
        return losses.get(random.nextInt(losses.size()));
    }

    private static Loss randomCrossentropy(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> new Loss.BinaryCrossentropy(random.nextBoolean(), random.nextFloat());
            case 1 -> new Loss.CategoricalCrossentropy(random.nextBoolean(), random.nextFloat());
            default -> new Loss.SparseCategoricalCrossentropy(random.nextBoolean());
        };
    }

    private static Optimizer randomOptimizer(Random random) {
        LearningRate rate = randomRate(random);
        float decay = random.nextBoolean() ? 0 : positive(random);
        float epsilon = positive(random);
        float one = random.nextFloat();
        float two = random.nextFloat();
        Clipping.Kind kind = pick(Clipping.Kind.values(), random);
        Clipping clip = kind == Clipping.Kind.NONE ? Clipping.NONE : new Clipping(kind, positive(random));
        return switch (random.nextInt(10)) {
            case 0 -> new Optimizer.Sgd(rate, one, random.nextBoolean(), clip, decay);
            case 1 -> new Optimizer.Adagrad(rate, positive(random), epsilon, clip, decay);
            case 2 -> new Optimizer.RmsProp(rate, one, positive(random), epsilon, random.nextBoolean(), clip, decay);
            case 3 -> new Optimizer.Adam(rate, one, two, epsilon, random.nextBoolean(), clip, decay);
            case 4 -> new Optimizer.AdamW(rate, one, two, epsilon, random.nextBoolean(), clip, decay);
            case 5 -> new Optimizer.Adadelta(rate, one, epsilon, clip, decay);
            case 6 -> new Optimizer.Adamax(rate, one, two, epsilon, clip, decay);
            case 7 -> new Optimizer.Nadam(rate, one, two, epsilon, clip, decay);
            case 8 -> new Optimizer.Ftrl(rate, -positive(random), positive(random), positive(random), positive(random), positive(random),
                    positive(random), clip, decay);
            default -> new Optimizer.Lion(rate, 1 - one, two, clip, decay);
        };
    }

    private static LearningRate randomRate(Random random) {
        float initial = positive(random);
        long steps = 1 + random.nextInt(1000);
        return switch (random.nextInt(7)) {
            case 0 -> new LearningRate.ExponentialDecay(initial, steps, positive(random), random.nextBoolean());
            case 1 -> new LearningRate.InverseTimeDecay(initial, steps, positive(random), random.nextBoolean());
            case 2 -> new LearningRate.PiecewiseConstantDecay(List.of(steps, 2 * steps), List.of(initial, 0f, positive(random)));
            case 3 -> new LearningRate.PolynomialDecay(initial, steps, positive(random), positive(random), random.nextBoolean());
            case 4 -> new LearningRate.CosineDecay(initial, steps, positive(random),
                    random.nextBoolean() ? Optional.empty() : Optional.of(positive(random)), random.nextInt(9));
            case 5 -> new LearningRate.CosineDecayRestarts(initial, steps, 1 + random.nextFloat(), positive(random), positive(random));
            default -> new LearningRate.Constant(initial);
        };
    }

    /** A finite float with any exponent, subnormals included. */
    private static float any(Random random) {
        float value = Float.intBitsToFloat(random.nextInt());
        return Float.isFinite(value) ? value : 0.1f;
    }

    private static float positive(Random random) {
        float value = Math.abs(any(random));
        return value == 0 ? 1 : value;
    }

    private static <T> T pick(T[] values, Random random) {
        return values[random.nextInt(values.length)];
    }
}
