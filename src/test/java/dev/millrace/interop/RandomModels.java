package dev.millrace.interop;

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
import dev.millrace.nn.Network;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.nn.Regularizer;
import dev.millrace.nn.TrainingSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Small networks of every kind, with weights and optimizer state. */
final class RandomModels {
    private RandomModels() {
    }

    static KerasModel of(long seed) {
        return of(seed, List.of(Activation.values()));
    }

    /** Without what is another function in Keras 2, so that .h5 refuses it. */
    static KerasModel ofKeras2(long seed) {
        return of(seed, Arrays.stream(Activation.values())
                .filter(activation -> activation != Activation.HARD_SIGMOID && activation != Activation.HARD_SILU).toList());
    }

    private static KerasModel of(long seed, List<Activation> activations) {
        Random random = new Random(seed);
        int inputs = 1 + random.nextInt(9);
        List<Layer> layers = new ArrayList<>();
        int depth = 1 + random.nextInt(5);
        for (int i = 0; i < depth; i++) {
            layers.add(new Dense("d" + i + (random.nextBoolean() ? "_kernel" : ""), 1 + random.nextInt(20),
                    activations.get(random.nextInt(activations.size())),
                    random.nextInt(4) > 0, initializer(random), Initializer.ZEROS, regularizer(random), regularizer(random),
                    constraint(random), constraint(random)));
            switch (random.nextInt(6)) {
                case 0 -> layers.add(new Dropout("drop" + i, random.nextInt(90) / 100f));
                case 1 -> layers.add(new BatchNormalization("bn" + i, 0.9f, 0.001f, random.nextBoolean(), random.nextBoolean()));
                case 2 -> layers.add(new ActivationLayer("act" + i, activations.get(random.nextInt(activations.size()))));
                default -> {
                }
            }
        }
        NetworkSpec network = new NetworkSpec(inputs, layers);
        TrainingSpec training = new TrainingSpec(
                List.of(new Loss.MeanSquaredError(), new Loss.Huber(0.7f), new Loss.LogCosh(), new Loss.MeanAbsoluteError())
                        .get(random.nextInt(4)),
                random.nextBoolean() ? Loss.Reduction.SUM : Loss.Reduction.SUM_OVER_BATCH_SIZE, optimizer(random), metrics(seed),
                metrics(~seed));
        ParameterLayout layout = new Network(network).layout();
        Map<String, float[]> weights = new LinkedHashMap<>();
        layout.variables().forEach(variable -> weights.put(variable.name(), numbers(random, variable.size(),
                variable.name().endsWith("moving_variance"))));
        Map<String, Map<String, float[]>> slots = new HashMap<>();
        for (String slot : training.optimizer().slots()) {
            Map<String, float[]> values = new HashMap<>();
            layout.variables().stream().filter(ParameterLayout.Variable::trainable)
                    .forEach(variable -> values.put(variable.name(), numbers(random, variable.size(), true)));
            slots.put(slot, values);
        }
        return new KerasModel("net" + Math.abs(seed % 100), network, Optional.of(training), weights,
                Optional.of(new OptimizerState(random.nextInt(10_000), slots)), Optional.empty(), Map.of());
    }

    private static List<Metric> metrics(long seed) {
        List<Metric> all = List.of(new Metric.Mean("mae", new Loss.MeanAbsoluteError()), new Metric.RootMeanSquaredError("rmse"),
                new Metric.Accuracy("accuracy"), new Metric.BinaryAccuracy("b", 0.25f), new Metric.TopKCategoricalAccuracy("top", 2),
                new Metric.Auc("auc", 200), new Metric.NotComputed("f", "{\"class_name\":\"FBetaScore\",\"config\":{\"name\":\"f\"}}"));
        return new Random(seed).ints(Math.floorMod(seed, 4), 0, all.size()).mapToObj(all::get).toList();
    }

    static KerasModel normalized(long seed) {
        return normalized(of(seed), seed);
    }

    static KerasModel normalized(KerasModel model, long seed) {
        Random random = new Random(~seed);
        double[] mean = random.doubles(model.network().inputs(), -3, 3).toArray();
        double[] variance = random.doubles(model.network().inputs(), 0.1, 9).toArray();
        return model.withNormalization(Optional.of(new Normalization(100, mean, variance)));
    }

    static float[] numbers(Random random, int count, boolean positive) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = positive ? 0.1f + random.nextFloat() : (float) random.nextGaussian() * 0.5f;
        }
        return numbers;
    }

    private static Regularizer regularizer(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> new Regularizer(random.nextFloat(), random.nextFloat());
            case 1 -> new Regularizer(random.nextFloat(), 0);
            case 2 -> new Regularizer(0, random.nextFloat());
            default -> Regularizer.NONE;
        };
    }

    private static Constraint constraint(Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> new Constraint.MaxNorm(1 + random.nextFloat());
            case 1 -> new Constraint.NonNegative();
            case 2 -> new Constraint.UnitNorm();
            case 3 -> new Constraint.MinMaxNorm(0.1f, 1 + random.nextFloat(), 0.7f);
            default -> Constraint.NONE;
        };
    }

    private static Initializer initializer(Random random) {
        return List.of(Initializer.GLOROT_UNIFORM, Initializer.HE_NORMAL, new Initializer.Orthogonal(0.3f),
                new Initializer.RandomUniform(-0.3f, 0.1f), new Initializer.Constant(0.1f), new Initializer.TruncatedNormal(0.1f, 0.2f),
                new Initializer.VarianceScaling(0.7f, Initializer.Mode.FAN_OUT, Initializer.Distribution.UNTRUNCATED_NORMAL))
                .get(random.nextInt(7));
    }

    private static LearningRate rate(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> new LearningRate.ExponentialDecay(0.1f, 10, 0.9f, true);
            case 1 -> new LearningRate.PiecewiseConstantDecay(List.of(10L, 20L), List.of(0.3f, 0.2f, 0.1f));
            case 2 -> new LearningRate.CosineDecay(0.1f, 100, 0.01f, Optional.of(0.2f), 5);
            default -> new LearningRate.Constant(random.nextFloat());
        };
    }

    private static Optimizer optimizer(Random random) {
        Clipping clipping = random.nextBoolean() ? Clipping.NONE : new Clipping(Clipping.Kind.GLOBAL_NORM, 1.1f);
        float decay = random.nextBoolean() ? 0 : 0.01f;
        return switch (random.nextInt(12)) {
            case 0 -> new Optimizer.Sgd(rate(random), 0, false, clipping, decay);
            case 1 -> new Optimizer.Sgd(rate(random), 0.9f, true, clipping, decay);
            case 2 -> new Optimizer.RmsProp(rate(random), 0.9f, 0.1f, 1e-6f, true, clipping, decay);
            case 3 -> new Optimizer.RmsProp(rate(random), 0.9f, 0, 1e-7f, false, clipping, decay);
            case 4 -> new Optimizer.Adagrad(rate(random), 0.1f, 1e-7f, clipping, decay);
            case 5 -> new Optimizer.Adam(rate(random), 0.9f, 0.999f, 1e-7f, true, clipping, decay);
            case 6 -> new Optimizer.AdamW(rate(random), 0.9f, 0.999f, 1e-7f, false, clipping, 0.004f);
            case 7 -> new Optimizer.Adadelta(rate(random), 0.95f, 1e-7f, clipping, decay);
            case 8 -> new Optimizer.Adamax(rate(random), 0.9f, 0.999f, 1e-7f, clipping, decay);
            case 9 -> new Optimizer.Nadam(rate(random), 0.9f, 0.999f, 1e-7f, clipping, decay);
            case 10 -> new Optimizer.Ftrl(rate(random), -0.5f, 0.1f, 0.1f, 0.2f, 0.3f, 0.4f, clipping, decay);
            default -> new Optimizer.Lion(rate(random), 0.9f, 0.99f, clipping, decay);
        };
    }
}
