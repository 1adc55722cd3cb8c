package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Missing;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Initializer;
import dev.millrace.nn.Layer;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.Regularizer;
import dev.millrace.nn.TrainingSpec;
import java.util.ArrayList;
import java.util.List;
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
        }
        boolean classification = random.nextBoolean();
        Loss loss = classification ? randomCrossentropy(random) : randomRegressionLoss(random);
        TrainingSpec training = new TrainingSpec(loss, pick(Loss.Reduction.values(), random), randomOptimizer(random));
        Label label = classification
                ? new Label.Classification("label", IntStream.range(0, 2 + random.nextInt(4)).mapToObj(i -> "class " + i).toList())
                : new Label.Regression("label", 1 + random.nextInt(3), 1 + random.nextDouble());
        layers.add(randomLayer("last", LearnerSpec.outputsFor(label, training), random));
        return new LearnerSpec(features, pick(Missing.values(), random), random.nextBoolean(), label, new NetworkSpec(inputs, layers),
                training, 1 + random.nextInt(1000), random.nextInt(1_000_000), random.nextLong(), 1 + random.nextInt(100_000));
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
                new Regularizer(positive(random), random.nextBoolean() ? 0 : positive(random)), Regularizer.NONE);
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
        return switch (random.nextInt(3)) {
            case 0 -> new Loss.MeanSquaredError();
            case 1 -> new Loss.MeanAbsoluteError();
            default -> new Loss.Huber(positive(random));
        };
    }

    private static Loss randomCrossentropy(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> new Loss.BinaryCrossentropy(random.nextBoolean(), random.nextFloat());
            case 1 -> new Loss.CategoricalCrossentropy(random.nextBoolean(), random.nextFloat());
            default -> new Loss.SparseCategoricalCrossentropy(random.nextBoolean());
        };
    }

    private static Optimizer randomOptimizer(Random random) {
        LearningRate rate = new LearningRate.Constant(positive(random));
        Clipping.Kind kind = pick(Clipping.Kind.values(), random);
        Clipping clipping = kind == Clipping.Kind.NONE ? Clipping.NONE : new Clipping(kind, positive(random));
        return switch (random.nextInt(4)) {
            case 0 -> new Optimizer.Sgd(rate, random.nextFloat(), random.nextBoolean(), clipping);
            case 1 -> new Optimizer.Adagrad(rate, positive(random), positive(random), clipping);
            case 2 -> new Optimizer.RmsProp(rate, random.nextFloat(), positive(random), positive(random), random.nextBoolean(), clipping);
            default -> new Optimizer.Adam(rate, random.nextFloat(), random.nextFloat(), positive(random), random.nextBoolean(), clipping);
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
