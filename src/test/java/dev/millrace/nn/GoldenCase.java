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
        for (JsonNode document : documents(directory)) {
            for (JsonNode json : document.isArray() ? document : List.of(document)) {
                if (json.path("schema").asString("").equals("keras-golden/1")) {
                    cases.add(new GoldenCase(json));
                }
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
        try (var files = Files.walk(directory)) {
            for (Path path : files.filter(file -> file.toString().endsWith(".json")).sorted().toList()) {
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
            if (!type(layer).equals("InputLayer")) {
                layers.add(layer(layer, layers.size()));
            }
        }
        return new NetworkSpec(json.get("input_dim").asInt(), layers);
    }

    /** Of a layer that says nothing it is Dense. */
    private static String type(JsonNode layer) {
        return layer.path("class_name").asString(layer.path("type").asString("Dense"));
    }

    private static Layer layer(JsonNode layer, int index) {
        JsonNode config = layer.path("config").isObject() ? layer.get("config") : layer;
        refuse(config, "activity_regularizer");
        String name = "layer_" + index;
        return switch (type(layer)) {
            case "Dense",
                    "dense" ->
                new Dense(name, config.get("units").asInt(), activation(config), config.path("use_bias").asBoolean(true),
                        Initializer.ZEROS, Initializer.ZEROS, regularizer(config.path("kernel_regularizer")),
                        regularizer(config.path("bias_regularizer")), constraint(config.path("kernel_constraint")),
                        constraint(config.path("bias_constraint")));
            case "Activation", "activation" -> new ActivationLayer(name, activation(config));
            case "BatchNormalization", "batch_normalization" -> new BatchNormalization(name, number(config, "momentum", 0.99f),
                    number(config, "epsilon", 0.001f), config.path("center").asBoolean(true), config.path("scale").asBoolean(true));
            case "Dropout", "dropout" -> {
                if (number(config, "rate", 0) != 0) {
                    throw new Unsupported("dropout of a rate above 0: which values are dropped is not recorded");
                }
                yield new Dropout(name, 0);
            }
            default -> throw new Unsupported("layer " + type(layer));
        };
    }

    private static Activation activation(JsonNode config) {
        JsonNode value = config.path("activation");
        if (value.isMissingNode() || value.isNull()) {
            return Activation.LINEAR;
        }
        if (!arguments(value).isEmpty()) {
            throw new Unsupported("activation with arguments: " + value);
        }
        return Activation.of(name(value)).orElseThrow(() -> new Unsupported("activation " + value));
    }

    /** A text, or the name in an object. */
    private static String name(JsonNode value) {
        return value.isString() ? value.asString() : value.path("class_name").asString(value.path("name").asString(""));
    }

    /** What an object says beside its name, directly or in {@code args} or {@code config}; nothing of a text. */
    private static JsonNode arguments(JsonNode value) {
        if (value.path("args").isObject()) {
            return value.get("args");
        }
        return value.path("config").isObject() ? value.get("config") : value;
    }

    private static void refuse(JsonNode config, String... keys) {
        for (String key : keys) {
            JsonNode value = config.path(key);
            boolean off = value.isMissingNode() || value.isNull() || (value.isBoolean() && !value.asBoolean());
            if (!off) {
                throw new Unsupported("argument " + key + " = " + value);
            }
        }
    }

    private static Regularizer regularizer(JsonNode node) {
        JsonNode factors = arguments(node);
        String kind = name(node).toLowerCase(Locale.ROOT).replace("_", "");
        if (!List.of("", "l1", "l2", "l1l2").contains(kind)) {
            throw new Unsupported("regularizer " + node);
        }
        return new Regularizer(number(factors, "l1", kind.equals("l1") ? 0.01f : 0), number(factors, "l2", kind.equals("l2") ? 0.01f : 0));
    }

    private static Constraint constraint(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return Constraint.NONE;
        }
        JsonNode args = arguments(node);
        if (args.path("axis").asInt(0) != 0) {
            throw new Unsupported("constraint " + node);
        }
        return switch (KerasNames.constraint(name(node)).orElseThrow(() -> new Unsupported("constraint " + node))) {
            case Constraint.MaxNorm c -> new Constraint.MaxNorm(number(args, "max_value", c.maxValue()));
            case Constraint.MinMaxNorm c -> new Constraint.MinMaxNorm(number(args, "min_value", c.minValue()),
                    number(args, "max_value", c.maxValue()), number(args, "rate", c.rate()));
            case Constraint.None c -> c;
            case Constraint.NonNegative c -> c;
            case Constraint.UnitNorm c -> c;
        };
    }

    TrainingSpec training() {
        return new TrainingSpec(loss(), reduction(), optimizer());
    }

    private Loss.Reduction reduction() {
        String name = json.at("/loss/reduction").asString("sum_over_batch_size");
        return switch (name) {
            case "sum_over_batch_size", "mean", "auto" -> Loss.Reduction.SUM_OVER_BATCH_SIZE;
            case "sum" -> Loss.Reduction.SUM;
            default -> throw new Unsupported("loss reduction " + name);
        };
    }

    Loss loss() {
        JsonNode node = json.get("loss");
        String name = name(node);
        JsonNode args = arguments(node);
        refuse(args, "ignore_class");
        Loss loss = KerasNames.loss(name).or(() -> KerasNames.loss(name.toLowerCase(Locale.ROOT)))
                .orElseThrow(() -> new Unsupported("loss " + name));
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
        JsonNode node = json.get("optimizer");
        String name = name(node);
        JsonNode args = node.path("all_args").isObject() ? node.get("all_args") : arguments(node);
        refuse(args, "use_ema", "gradient_accumulation_steps", "loss_scale_factor", "exclude_from_weight_decay");
        Optimizer keras = KerasNames.optimizer(name).or(() -> KerasNames.optimizer(name.toLowerCase(Locale.ROOT)))
                .orElseThrow(() -> new Unsupported("optimizer " + name));
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

    private static long steps(JsonNode args, String name) {
        return args.path(name).isNumber() ? whole(args.get(name), name) : 0;
    }

    private static long whole(JsonNode value, String name) {
        double number = value.asDouble();
        if (number != Math.rint(number)) {
            throw new Unsupported(name + " that is not a whole number: " + value);
        }
        return (long) number;
    }

    private static LearningRate learningRate(JsonNode rate) {
        return rate.isObject() ? schedule(rate) : new LearningRate.Constant((float) rate.asDouble());
    }

    /** A schedule that is given as {@code {name, args}}. */
    static LearningRate schedule(JsonNode rate) {
        JsonNode args = arguments(rate);
        float initial = number(args, "initial_learning_rate", Float.NaN);
        long steps = steps(args, "decay_steps");
        boolean staircase = args.path("staircase").asBoolean(false);
        return switch (camelCase(name(rate))) {
            case "ExponentialDecay" -> new LearningRate.ExponentialDecay(initial, steps, number(args, "decay_rate", Float.NaN), staircase);
            case "InverseTimeDecay" -> new LearningRate.InverseTimeDecay(initial, steps, number(args, "decay_rate", Float.NaN), staircase);
            case "PiecewiseConstantDecay" -> {
                List<Long> boundaries = new ArrayList<>();
                args.get("boundaries").forEach(boundary -> boundaries.add(whole(boundary, "boundary")));
                List<Float> values = new ArrayList<>();
                args.get("values").forEach(value -> values.add((float) value.asDouble()));
                yield new LearningRate.PiecewiseConstantDecay(boundaries, values);
            }
            case "PolynomialDecay" -> new LearningRate.PolynomialDecay(initial, steps, number(args, "end_learning_rate", 0.0001f),
                    number(args, "power", 1), args.path("cycle").asBoolean(false));
            case "CosineDecay" -> new LearningRate.CosineDecay(initial, steps, number(args, "alpha", 0),
                    args.path("warmup_target").isNumber() ? Optional.of(number(args, "warmup_target", 0)) : Optional.empty(),
                    steps(args, "warmup_steps"));
            case "CosineDecayRestarts" -> new LearningRate.CosineDecayRestarts(initial, steps(args, "first_decay_steps"),
                    number(args, "t_mul", 2), number(args, "m_mul", 1), number(args, "alpha", 0));
            default -> throw new Unsupported("schedule " + name(rate));
        };
    }

    /** Schedules are called by their classes, or by these in snake case. */
    private static String camelCase(String name) {
        StringBuilder camelCase = new StringBuilder();
        for (String word : name.split("_", -1)) {
            camelCase.append(word.substring(0, Math.min(1, word.length())).toUpperCase(Locale.ROOT))
                    .append(word.substring(Math.min(1, word.length())));
        }
        return camelCase.toString();
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
