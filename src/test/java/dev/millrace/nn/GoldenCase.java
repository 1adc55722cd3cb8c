package dev.millrace.nn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One recorded training run: network, loss, optimizer and what came of each step. What {@link #layer}, {@link #loss},
 * {@link #optimizer} and {@link #learningRate} do not know they refuse with {@link Unsupported}, which fails the test.
 */
final class GoldenCase {
    /** Says what a case needs that the network does not have. */
    static final class Unsupported extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unsupported(String what) {
            super(what);
        }
    }

    private static final Path RESOURCES = Path.of("src/test/resources/golden");

    final String id;
    final JsonNode json;

    private GoldenCase(JsonNode json) {
        this.id = json.get("id").asString();
        this.json = json;
    }

    /** The cases in the directory of the system property golden.dir, or else in the test resources. */
    static List<GoldenCase> all() {
        return in(directory());
    }

    /** The cases in the test resources. */
    static List<GoldenCase> resources() {
        return in(RESOURCES);
    }

    private static List<GoldenCase> in(Path directory) {
        List<GoldenCase> cases = new ArrayList<>();
        for (JsonNode json : documents(directory)) {
            if (json.isObject() && json.path("schema").asString("").equals("keras-golden/1")) {
                cases.add(new GoldenCase(json));
            }
        }
        return cases;
    }

    /** One of the other golden documents of the test resources, by name. */
    static JsonNode document(String name) {
        try {
            return JsonMapper.shared().readTree(Files.readString(RESOURCES.resolve(name)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<JsonNode> documents(Path directory) {
        List<JsonNode> documents = new ArrayList<>();
        try (var files = Files.newDirectoryStream(directory, "*.json")) {
            List<Path> paths = new ArrayList<>();
            files.forEach(paths::add);
            paths.sort(null);
            for (Path path : paths) {
                documents.add(JsonMapper.shared().readTree(Files.readString(path)));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return documents;
    }

    private static Path directory() {
        String property = System.getProperty("golden.dir", "");
        return property.isEmpty() ? RESOURCES : Path.of(property);
    }

    NetworkSpec network() {
        List<Layer> layers = new ArrayList<>();
        for (JsonNode layer : json.get("layers")) {
            layers.add(layer(layer, layers.size()));
        }
        return new NetworkSpec(json.get("input_dim").asInt(), layers);
    }

    private static Layer layer(JsonNode layer, int index) {
        String activation = layer.get("activation").asString();
        return new Dense("dense_" + index, layer.get("units").asInt(),
                Activation.of(activation).orElseThrow(() -> new Unsupported("activation " + activation)), layer.get("use_bias").asBoolean(),
                Initializer.ZEROS, Initializer.ZEROS, regularizer(layer.path("kernel_regularizer")),
                regularizer(layer.path("bias_regularizer")));
    }

    private static Regularizer regularizer(JsonNode node) {
        return new Regularizer((float) node.path("l1").asDouble(0), (float) node.path("l2").asDouble(0));
    }

    TrainingSpec training() {
        return new TrainingSpec(loss(), Loss.Reduction.valueOf(json.at("/loss/reduction").asString().toUpperCase(Locale.ROOT)),
                optimizer());
    }

    Loss loss() {
        String name = json.at("/loss/name").asString();
        JsonNode args = json.at("/loss/args");
        Loss loss = KerasNames.loss(name).orElseThrow(() -> new Unsupported("loss " + name));
        return withArguments(loss, args);
    }

    /** A loss with some of its defaults replaced. */
    static Loss withArguments(Loss loss, JsonNode args) {
        boolean fromLogits = args.path("from_logits").asBoolean(false);
        float labelSmoothing = (float) args.path("label_smoothing").asDouble(0);
        return switch (loss) {
            case Loss.Huber huber -> new Loss.Huber((float) args.path("delta").asDouble(huber.delta()));
            case Loss.BinaryCrossentropy _ -> new Loss.BinaryCrossentropy(fromLogits, labelSmoothing);
            case Loss.CategoricalCrossentropy _ -> new Loss.CategoricalCrossentropy(fromLogits, labelSmoothing);
            case Loss.SparseCategoricalCrossentropy _ -> new Loss.SparseCategoricalCrossentropy(fromLogits);
            default -> loss;
        };
    }

    private Optimizer optimizer() {
        String name = json.at("/optimizer/name").asString();
        JsonNode args = json.at("/optimizer/all_args");
        for (String argument : List.of("use_ema", "gradient_accumulation_steps", "loss_scale_factor")) {
            JsonNode value = args.path(argument);
            if (!value.isMissingNode() && !value.isNull() && !(value.isBoolean() && !value.asBoolean())) {
                throw new Unsupported("optimizer argument " + argument);
            }
        }
        Optimizer keras = KerasNames.optimizer(name).orElseThrow(() -> new Unsupported("optimizer " + name));
        LearningRate rate = args.has("learning_rate") ? learningRate(args.get("learning_rate")) : keras.learningRate();
        float decay = number(args, "weight_decay", keras.weightDecay());
        Clipping clip = clipping(args);
        return switch (keras) {
            case Optimizer.Sgd o ->
                new Optimizer.Sgd(rate, number(args, "momentum", o.momentum()), args.path("nesterov").asBoolean(false), clip, decay);
            case Optimizer.Adagrad o -> new Optimizer.Adagrad(rate,
                    number(args, "initial_accumulator_value", o.initialAccumulatorValue()), number(args, "epsilon", o.epsilon()), clip,
                    decay);
            case Optimizer.RmsProp o -> new Optimizer.RmsProp(rate, number(args, "rho", o.rho()), number(args, "momentum", o.momentum()),
                    number(args, "epsilon", o.epsilon()), args.path("centered").asBoolean(false), clip, decay);
            case Optimizer.Adam o -> new Optimizer.Adam(rate, number(args, "beta_1", o.beta1()), number(args, "beta_2", o.beta2()),
                    number(args, "epsilon", o.epsilon()), args.path("amsgrad").asBoolean(false), clip, decay);
            case Optimizer.AdamW o -> new Optimizer.AdamW(rate, number(args, "beta_1", o.beta1()), number(args, "beta_2", o.beta2()),
                    number(args, "epsilon", o.epsilon()), args.path("amsgrad").asBoolean(false), clip, decay);
            case Optimizer.Adadelta o ->
                new Optimizer.Adadelta(rate, number(args, "rho", o.rho()), number(args, "epsilon", o.epsilon()), clip, decay);
            case Optimizer.Adamax o -> new Optimizer.Adamax(rate, number(args, "beta_1", o.beta1()), number(args, "beta_2", o.beta2()),
                    number(args, "epsilon", o.epsilon()), clip, decay);
            case Optimizer.Nadam o -> new Optimizer.Nadam(rate, number(args, "beta_1", o.beta1()), number(args, "beta_2", o.beta2()),
                    number(args, "epsilon", o.epsilon()), clip, decay);
            case Optimizer.Ftrl o -> new Optimizer.Ftrl(rate, number(args, "learning_rate_power", o.learningRatePower()),
                    number(args, "initial_accumulator_value", o.initialAccumulatorValue()),
                    number(args, "l1_regularization_strength", o.l1RegularizationStrength()),
                    number(args, "l2_regularization_strength", o.l2RegularizationStrength()),
                    number(args, "l2_shrinkage_regularization_strength", o.l2ShrinkageRegularizationStrength()),
                    number(args, "beta", o.beta()), clip, decay);
            case Optimizer.Lion o ->
                new Optimizer.Lion(rate, number(args, "beta_1", o.beta1()), number(args, "beta_2", o.beta2()), clip, decay);
        };
    }

    private static float number(JsonNode args, String name, float keras) {
        JsonNode value = args.path(name);
        return value.isNumber() ? (float) value.asDouble() : keras;
    }

    private static LearningRate learningRate(JsonNode rate) {
        return rate.isObject() ? schedule(rate) : new LearningRate.Constant((float) rate.asDouble());
    }

    /** A schedule that is given as {@code {name, args}}. */
    static LearningRate schedule(JsonNode rate) {
        JsonNode args = rate.path("args");
        float initial = number(args, "initial_learning_rate", Float.NaN);
        long steps = args.path("decay_steps").asLong(0);
        boolean staircase = args.path("staircase").asBoolean(false);
        return switch (rate.get("name").asString()) {
            case "ExponentialDecay" -> new LearningRate.ExponentialDecay(initial, steps, number(args, "decay_rate", Float.NaN), staircase);
            case "InverseTimeDecay" -> new LearningRate.InverseTimeDecay(initial, steps, number(args, "decay_rate", Float.NaN), staircase);
            case "PiecewiseConstantDecay" -> {
                List<Long> boundaries = new ArrayList<>();
                args.get("boundaries").forEach(boundary -> boundaries.add(boundary.asLong()));
                List<Float> values = new ArrayList<>();
                args.get("values").forEach(value -> values.add((float) value.asDouble()));
                yield new LearningRate.PiecewiseConstantDecay(boundaries, values);
            }
            case "PolynomialDecay" -> new LearningRate.PolynomialDecay(initial, steps, number(args, "end_learning_rate", 0.0001f),
                    number(args, "power", 1), args.path("cycle").asBoolean(false));
            case "CosineDecay" -> new LearningRate.CosineDecay(initial, steps, number(args, "alpha", 0),
                    args.path("warmup_target").isNumber() ? Optional.of(number(args, "warmup_target", 0)) : Optional.empty(),
                    args.path("warmup_steps").asLong(0));
            case "CosineDecayRestarts" -> new LearningRate.CosineDecayRestarts(initial, args.path("first_decay_steps").asLong(0),
                    number(args, "t_mul", 2), number(args, "m_mul", 1), number(args, "alpha", 0));
            default -> throw new Unsupported("schedule " + rate.get("name").asString());
        };
    }

    private static Clipping clipping(JsonNode args) {
        if (number(args, "clipnorm", 0) > 0) {
            return new Clipping(Clipping.Kind.NORM, number(args, "clipnorm", 0));
        }
        if (number(args, "global_clipnorm", 0) > 0) {
            return new Clipping(Clipping.Kind.GLOBAL_NORM, number(args, "global_clipnorm", 0));
        }
        if (number(args, "clipvalue", 0) > 0) {
            return new Clipping(Clipping.Kind.VALUE, number(args, "clipvalue", 0));
        }
        return Clipping.NONE;
    }
}
