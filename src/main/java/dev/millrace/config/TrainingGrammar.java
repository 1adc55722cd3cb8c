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
    private static final List<String> NOT_SUPPORTED = List.of("use_ema", "gradient_accumulation_steps", "loss_scale_factor");

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
        Loss loss = arguments(keras.get(), map, logitsByDefault);
        map.refuseUnknownKeys();
        return Optional.of(loss);
    }

    /** A loss with the arguments that are given. */
    static Loss arguments(Loss keras, Section map, boolean logitsByDefault) {
        return switch (keras) {
            case Loss.Huber l -> new Loss.Huber(map.get("delta").number(Range.POSITIVE, l.delta()));
            case Loss.BinaryCrossentropy l ->
                new Loss.BinaryCrossentropy(map.get("from_logits").truth(logitsByDefault), smoothing(map, l.labelSmoothing()));
            case Loss.CategoricalCrossentropy l ->
                new Loss.CategoricalCrossentropy(map.get("from_logits").truth(logitsByDefault), smoothing(map, l.labelSmoothing()));
            case Loss.SparseCategoricalCrossentropy _ ->
                new Loss.SparseCategoricalCrossentropy(map.get("from_logits").truth(logitsByDefault));
            case Loss.MeanSquaredError _,Loss.MeanAbsoluteError _,Loss.LogCosh _,Loss.Poisson _,Loss.KlDivergence _ -> keras;
            case Loss.MeanAbsolutePercentageError _,Loss.MeanSquaredLogarithmicError _ -> keras;
            case Loss.Hinge _,Loss.SquaredHinge _,Loss.CategoricalHinge _,Loss.CosineSimilarity _ -> keras;
        };
    }

    private static float smoothing(Section map, float keras) {
        return map.get("label_smoothing").number(Range.between(0, 1), keras);
    }

    static JsonNode write(Loss loss) {
        ObjectNode map = JsonNodeFactory.instance.objectNode().put("name", loss.kerasName());
        return switch (loss) {
            case Loss.MeanSquaredError _,Loss.MeanAbsoluteError _,Loss.LogCosh _,Loss.Poisson _,Loss.KlDivergence _ -> map;
            case Loss.MeanAbsolutePercentageError _,Loss.MeanSquaredLogarithmicError _ -> map;
            case Loss.Hinge _,Loss.SquaredHinge _,Loss.CategoricalHinge _,Loss.CosineSimilarity _ -> map;
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
        List<String> names = KerasNames.optimizerNames();
        Optional<Optimizer> keras = nameValue.text(String.join(", ", names)).map(text -> text.toLowerCase(Locale.ROOT))
                .flatMap(KerasNames::optimizer);
        if (keras.isEmpty()) {
            refuseName(value, nameValue, names);
            return fallback;
        }
        LearningRate rate = RateGrammar.read(map.get("learning_rate"), keras.get().learningRate());
        float decay = map.get("weight_decay").number(Range.NOT_NEGATIVE, keras.get().weightDecay());
        Clipping clipping = clipping(map, value);
        Optimizer optimizer = switch (keras.get()) {
            case Optimizer.Sgd o -> new Optimizer.Sgd(rate, map.get("momentum").number(Range.between(0, 1), o.momentum()),
                    map.get("nesterov").truth(o.nesterov()), clipping, decay);
            case Optimizer.Adagrad o -> new Optimizer.Adagrad(rate,
                    map.get("initial_accumulator_value").number(Range.NOT_NEGATIVE, o.initialAccumulatorValue()),
                    epsilon(map, o.epsilon()), clipping, decay);
            case Optimizer.RmsProp o -> new Optimizer.RmsProp(rate, fraction(map, "rho", o.rho()),
                    map.get("momentum").number(Range.NOT_NEGATIVE, o.momentum()), epsilon(map, o.epsilon()),
                    map.get("centered").truth(o.centered()), clipping, decay);
            case Optimizer.Adam o -> new Optimizer.Adam(rate, fraction(map, "beta_1", o.beta1()), fraction(map, "beta_2", o.beta2()),
                    epsilon(map, o.epsilon()), map.get("amsgrad").truth(o.amsgrad()), clipping, decay);
            case Optimizer.AdamW o -> new Optimizer.AdamW(rate, fraction(map, "beta_1", o.beta1()), fraction(map, "beta_2", o.beta2()),
                    epsilon(map, o.epsilon()), map.get("amsgrad").truth(o.amsgrad()), clipping, decay);
            case Optimizer.Adadelta o ->
                new Optimizer.Adadelta(rate, fraction(map, "rho", o.rho()), epsilon(map, o.epsilon()), clipping, decay);
            case Optimizer.Adamax o -> new Optimizer.Adamax(rate, fraction(map, "beta_1", o.beta1()), fraction(map, "beta_2", o.beta2()),
                    epsilon(map, o.epsilon()), clipping, decay);
            case Optimizer.Nadam o -> new Optimizer.Nadam(rate, fraction(map, "beta_1", o.beta1()), fraction(map, "beta_2", o.beta2()),
                    epsilon(map, o.epsilon()), clipping, decay);
            case Optimizer.Ftrl o -> ftrl(map, o, rate, clipping, decay);
            case Optimizer.Lion o -> new Optimizer.Lion(rate,
                    map.get("beta_1").number(new Range(0, true, 1, false), o.beta1()), fraction(map, "beta_2", o.beta2()), clipping, decay);
        };
        for (String key : NOT_SUPPORTED) {
            refuseUnlessOff(map.get(key));
        }
        map.refuseUnknownKeys();
        return optimizer;
    }

    private static Optimizer ftrl(Section map, Optimizer.Ftrl keras, LearningRate rate, Clipping clipping, float decay) {
        return new Optimizer.Ftrl(rate,
                map.get("learning_rate_power").number(new Range(-Double.MAX_VALUE, false, 0, false), keras.learningRatePower()),
                notNegative(map, "initial_accumulator_value", keras.initialAccumulatorValue()),
                notNegative(map, "l1_regularization_strength", keras.l1RegularizationStrength()),
                notNegative(map, "l2_regularization_strength", keras.l2RegularizationStrength()),
                notNegative(map, "l2_shrinkage_regularization_strength", keras.l2ShrinkageRegularizationStrength()),
                notNegative(map, "beta", keras.beta()), clipping, decay);
    }

    /** What Keras can do besides must not be asked for in silence. */
    private static void refuseUnlessOff(Value value) {
        boolean off = !value.given() || (value.node().isBoolean() && !value.node().booleanValue());
        if (!off) {
            value.refuse("nothing: not supported");
        }
    }

    private static float epsilon(Section map, float keras) {
        return notNegative(map, "epsilon", keras);
    }

    private static float notNegative(Section map, String key, float keras) {
        return map.get(key).number(Range.NOT_NEGATIVE, keras);
    }

    private static float fraction(Section map, String key, float keras) {
        return map.get(key).number(Range.FRACTION, keras);
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
        ObjectNode map = JsonNodeFactory.instance.objectNode().put("name", className(optimizer).toLowerCase(Locale.ROOT));
        map.set("learning_rate", RateGrammar.write(optimizer.learningRate()));
        switch (optimizer) {
            case Optimizer.Sgd o -> map.put("momentum", o.momentum()).put("nesterov", o.nesterov());
            case Optimizer.Adagrad o -> map.put("initial_accumulator_value", o.initialAccumulatorValue()).put("epsilon", o.epsilon());
            case Optimizer.RmsProp o -> map.put("rho", o.rho()).put("momentum", o.momentum()).put("epsilon", o.epsilon())
                    .put("centered", o.centered());
            case Optimizer.Adam o ->
                map.put("beta_1", o.beta1()).put("beta_2", o.beta2()).put("epsilon", o.epsilon()).put("amsgrad", o.amsgrad());
            case Optimizer.AdamW o ->
                map.put("beta_1", o.beta1()).put("beta_2", o.beta2()).put("epsilon", o.epsilon()).put("amsgrad", o.amsgrad());
            case Optimizer.Adadelta o -> map.put("rho", o.rho()).put("epsilon", o.epsilon());
            case Optimizer.Adamax o -> map.put("beta_1", o.beta1()).put("beta_2", o.beta2()).put("epsilon", o.epsilon());
            case Optimizer.Nadam o -> map.put("beta_1", o.beta1()).put("beta_2", o.beta2()).put("epsilon", o.epsilon());
            case Optimizer.Ftrl o -> map.put("learning_rate_power", o.learningRatePower())
                    .put("initial_accumulator_value", o.initialAccumulatorValue())
                    .put("l1_regularization_strength", o.l1RegularizationStrength())
                    .put("l2_regularization_strength", o.l2RegularizationStrength())
                    .put("l2_shrinkage_regularization_strength", o.l2ShrinkageRegularizationStrength()).put("beta", o.beta());
            case Optimizer.Lion o -> map.put("beta_1", o.beta1()).put("beta_2", o.beta2());
        }
        if (optimizer.weightDecay() != 0 || optimizer instanceof Optimizer.AdamW) {
            map.put("weight_decay", optimizer.weightDecay());
        }
        Clipping clipping = optimizer.clipping();
        if (clipping.kind() != Clipping.Kind.NONE) {
            map.put(key(clipping.kind()), clipping.limit());
        }
        return map;
    }

    /** The name of the class in Keras. */
    static String className(Optimizer optimizer) {
        return switch (optimizer) {
            case Optimizer.Sgd _ -> "SGD";
            case Optimizer.Adagrad _ -> "Adagrad";
            case Optimizer.RmsProp _ -> "RMSprop";
            case Optimizer.Adam _ -> "Adam";
            case Optimizer.AdamW _ -> "AdamW";
            case Optimizer.Adadelta _ -> "Adadelta";
            case Optimizer.Adamax _ -> "Adamax";
            case Optimizer.Nadam _ -> "Nadam";
            case Optimizer.Ftrl _ -> "Ftrl";
            case Optimizer.Lion _ -> "Lion";
        };
    }

    /** Reports an unknown or absent name, unless the value's type was already reported. */
    private static void refuseName(Value value, Value name, List<String> names) {
        boolean unknown = name.isText() && !name.node().stringValue().isBlank();
        if (unknown || (!name.given() && value.isMap())) {
            name.refuse(String.join(", ", names));
        }
    }
}
