package dev.millrace.config;

import dev.millrace.nn.Clipping;
import dev.millrace.nn.KerasNames;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Losses and optimizers, in Keras's words and with Keras's defaults. */
final class TrainingGrammar {
    static final List<String> METRICS = List.of("mae", "mean_absolute_error", "mse", "mean_squared_error", "rmse",
            "root_mean_squared_error", "r2_score", "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
            "log_loss", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "kappa");
    private static final List<String> OPTIMIZERS = List.of("sgd", "adagrad", "rmsprop", "adam");
    private static final float EPSILON = 1e-7f;

    private TrainingGrammar() {
    }

    /**
     * Reads a loss, if one is given.
     *
     * @param logitsByDefault what {@code from_logits} is where it is not written
     */
    static Optional<Loss> loss(Value value, boolean logitsByDefault) {
        if (!value.given()) {
            return Optional.empty();
        }
        List<String> names = KerasNames.lossNames();
        Section map = value.named();
        Value nameValue = map.get("name");
        Optional<Loss> keras = nameValue.text(String.join(", ", names)).map(LayerGrammar::snakeCase).flatMap(KerasNames::loss);
        if (keras.isEmpty()) {
            refuseName(value, nameValue, names);
            return Optional.empty();
        }
        Loss loss = switch (keras.get()) {
            case Loss.MeanSquaredError l -> l;
            case Loss.MeanAbsoluteError l -> l;
            case Loss.Huber l -> new Loss.Huber(map.get("delta").number(Range.POSITIVE, l.delta()));
            case Loss.BinaryCrossentropy l ->
                new Loss.BinaryCrossentropy(map.get("from_logits").truth(logitsByDefault), smoothing(map, l.labelSmoothing()));
            case Loss.CategoricalCrossentropy l ->
                new Loss.CategoricalCrossentropy(map.get("from_logits").truth(logitsByDefault), smoothing(map, l.labelSmoothing()));
            case Loss.SparseCategoricalCrossentropy _ ->
                new Loss.SparseCategoricalCrossentropy(map.get("from_logits").truth(logitsByDefault));
        };
        map.refuseUnknownKeys();
        return Optional.of(loss);
    }

    private static float smoothing(Section map, float keras) {
        return map.get("label_smoothing").number(Range.between(0, 1), keras);
    }

    static JsonNode write(Loss loss) {
        ObjectNode map = JsonNodeFactory.instance.objectNode().put("name", loss.kerasName());
        return switch (loss) {
            case Loss.MeanSquaredError _,Loss.MeanAbsoluteError _ -> map;
            case Loss.Huber l -> map.put("delta", l.delta());
            case Loss.BinaryCrossentropy l -> map.put("from_logits", l.fromLogits()).put("label_smoothing", l.labelSmoothing());
            case Loss.CategoricalCrossentropy l -> map.put("from_logits", l.fromLogits()).put("label_smoothing", l.labelSmoothing());
            case Loss.SparseCategoricalCrossentropy l -> map.put("from_logits", l.fromLogits());
        };
    }

    static Optimizer optimizer(Value value, Optimizer fallback) {
        if (!value.given()) {
            return fallback;
        }
        Section map = value.named();
        Value nameValue = map.get("name");
        String name = nameValue.text(String.join(", ", OPTIMIZERS)).map(text -> text.toLowerCase(Locale.ROOT)).orElse("");
        if (!OPTIMIZERS.contains(name)) {
            refuseName(value, nameValue, OPTIMIZERS);
            return fallback;
        }
        Optimizer optimizer = switch (name) {
            case "sgd" -> new Optimizer.Sgd(rate(map, 0.01f), map.get("momentum").number(Range.between(0, 1), 0),
                    map.get("nesterov").truth(false), clipping(map, value));
            case "adagrad" -> new Optimizer.Adagrad(rate(map, 0.001f),
                    map.get("initial_accumulator_value").number(Range.NOT_NEGATIVE, 0.1f), epsilon(map), clipping(map, value));
            case "rmsprop" -> new Optimizer.RmsProp(rate(map, 0.001f), map.get("rho").number(Range.FRACTION, 0.9f),
                    map.get("momentum").number(Range.NOT_NEGATIVE, 0), epsilon(map), map.get("centered").truth(false),
                    clipping(map, value));
            default -> new Optimizer.Adam(rate(map, 0.001f), map.get("beta_1").number(Range.FRACTION, 0.9f),
                    map.get("beta_2").number(Range.FRACTION, 0.999f), epsilon(map), map.get("amsgrad").truth(false),
                    clipping(map, value));
        };
        map.refuseUnknownKeys();
        return optimizer;
    }

    private static LearningRate rate(Section map, float keras) {
        return new LearningRate.Constant(map.get("learning_rate").number(Range.NOT_NEGATIVE, keras));
    }

    private static float epsilon(Section map) {
        return map.get("epsilon").number(Range.NOT_NEGATIVE, EPSILON);
    }

    private static Clipping clipping(Section map, Value optimizer) {
        List<String> given = new ArrayList<>();
        Clipping clipping = Clipping.NONE;
        for (Clipping.Kind kind : Clipping.Kind.values()) {
            if (kind != Clipping.Kind.NONE) {
                Value limit = map.get(key(kind));
                if (limit.given()) {
                    given.add(key(kind));
                    clipping = new Clipping(kind, limit.number(Range.POSITIVE, 1));
                }
            }
        }
        if (given.size() > 1) {
            optimizer.problems().add(optimizer.path(), String.join(" and ", given),
                    "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set");
        }
        return clipping;
    }

    /** Keras's name for a bound on gradients. */
    static String key(Clipping.Kind kind) {
        return switch (kind) {
            case NONE -> "";
            case NORM -> "clipnorm";
            case GLOBAL_NORM -> "global_clipnorm";
            case VALUE -> "clipvalue";
        };
    }

    static JsonNode write(Optimizer optimizer) {
        ObjectNode map = JsonNodeFactory.instance.objectNode();
        float rate = switch (optimizer.learningRate()) {
            case LearningRate.Constant constant -> constant.value();
        };
        switch (optimizer) {
            case Optimizer.Sgd o ->
                map.put("name", "sgd").put("learning_rate", rate).put("momentum", o.momentum()).put("nesterov", o.nesterov());
            case Optimizer.Adagrad o -> map.put("name", "adagrad").put("learning_rate", rate)
                    .put("initial_accumulator_value", o.initialAccumulatorValue()).put("epsilon", o.epsilon());
            case Optimizer.RmsProp o -> map.put("name", "rmsprop").put("learning_rate", rate).put("rho", o.rho())
                    .put("momentum", o.momentum()).put("epsilon", o.epsilon()).put("centered", o.centered());
            case Optimizer.Adam o -> map.put("name", "adam").put("learning_rate", rate).put("beta_1", o.beta1()).put("beta_2", o.beta2())
                    .put("epsilon", o.epsilon()).put("amsgrad", o.amsgrad());
        }
        Clipping clipping = optimizer.clipping();
        if (clipping.kind() != Clipping.Kind.NONE) {
            map.put(key(clipping.kind()), clipping.limit());
        }
        return map;
    }

    /** Reports an unknown or absent name, unless the value's type was already reported. */
    private static void refuseName(Value value, Value name, List<String> names) {
        boolean unknown = name.isText() && !name.node().stringValue().isBlank();
        if (unknown || (!name.given() && value.isMap())) {
            name.refuse(String.join(", ", names));
        }
    }

    /** The metrics whose names are checked; every figure is reported anyway. */
    static void checkMetrics(Value list) {
        for (Value metric : list.elements("a list of metrics: " + String.join(", ", METRICS))) {
            boolean known = metric.isText() && METRICS.contains(LayerGrammar.snakeCase(metric.node().stringValue()));
            if (!known) {
                metric.refuse(String.join(", ", METRICS));
            }
        }
    }
}
