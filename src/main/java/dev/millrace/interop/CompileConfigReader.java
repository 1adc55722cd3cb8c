package dev.millrace.interop;

import dev.millrace.nn.Clipping;
import dev.millrace.nn.KerasNames;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingSpec;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.MissingNode;

/** What a model was compiled with: {@code compile_config} of Keras 3, {@code training_config} of earlier versions. */
final class CompileConfigReader {
    private static final float EPSILON = 1e-7f;

    private CompileConfigReader() {
    }

    /** Nothing if the file was not compiled, or has lost its optimizer or loss on the way through Keras. */
    static Optional<TrainingSpec> training(JsonPlace compile) {
        JsonPlace optimizer = compile.any("optimizer", "optimizer_config");
        JsonPlace loss = compile.get("loss");
        if (!optimizer.given() || !loss.given()) {
            return Optional.empty();
        }
        requireUnweighted(compile.get("loss_weights"));
        try {
            JsonPlace only = only(loss);
            return Optional
                    .of(new TrainingSpec(loss(only), reduction(only), optimizer(optimizer), MetricReader.read(compile.get("metrics")),
                            MetricReader.read(compile.get("weighted_metrics"))));
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(compile.path(), String.valueOf(e.getMessage()), e);
        }
    }

    /** One output's loss may be weighted by 1, which Keras has in many forms: a number, a list, a map. */
    private static void requireUnweighted(JsonPlace weights) {
        if (weights.node().isNumber() && weights.node().doubleValue() != 1 || weights.isText()) {
            throw weights.refuse("null or 1");
        }
        if (weights.node().isContainer()) {
            weights.node().forEach(weight -> requireUnweighted(new JsonPlace(weights.path(), weight)));
        }
    }

    /** A model with one output may give its loss in a list or by the output's name. */
    private static JsonPlace only(JsonPlace loss) {
        if (loss.node().isArray() && loss.node().size() == 1) {
            return loss.get(0);
        }
        if (loss.node().isObject() && loss.node().size() == 1 && !loss.get("class_name").given()) {
            return loss.get(loss.node().propertyNames().iterator().next());
        }
        return loss;
    }

    private static JsonPlace config(JsonPlace value) {
        return value.isText() ? new JsonPlace(value.path(), MissingNode.getInstance()) : value.get("config");
    }

    private static Loss loss(JsonPlace value) {
        String identifier = value.isText() ? value.text() : value.object().get("class_name").text();
        JsonPlace config = config(value);
        if (identifier.equals("function") || identifier.equals("LossFunctionWrapper")) {
            identifier = config.isText() ? config.text() : config.any("fn", "name").optionalText().orElse(identifier);
        }
        String name = identifier;
        Loss keras = KerasNames.loss(name).or(() -> KerasNames.loss(name.toLowerCase(Locale.ROOT)))
                .orElseThrow(() -> new ModelFileException(value.path(), "the loss " + name + " is not supported"));
        return arguments(keras, config);
    }

    /** A loss with the arguments of its configuration. */
    static Loss arguments(Loss keras, JsonPlace config) {
        return switch (keras) {
            case Loss.MeanSquaredError _,Loss.MeanAbsoluteError _,Loss.LogCosh _,Loss.Poisson _,Loss.KlDivergence _ -> keras;
            case Loss.MeanAbsolutePercentageError _,Loss.MeanSquaredLogarithmicError _,Loss.CosineSimilarity _ -> keras;
            case Loss.Hinge _,Loss.SquaredHinge _,Loss.CategoricalHinge _ -> keras;
            case Loss.Huber l -> new Loss.Huber(config.get("delta").number(l.delta()));
            case Loss.BinaryCrossentropy l ->
                new Loss.BinaryCrossentropy(config.get("from_logits").truth(false),
                        config.get("label_smoothing").number(l.labelSmoothing()));
            case Loss.CategoricalCrossentropy l -> new Loss.CategoricalCrossentropy(config.get("from_logits").truth(false),
                    config.get("label_smoothing").number(l.labelSmoothing()));
            case Loss.SparseCategoricalCrossentropy _ -> {
                if (config.get("ignore_class").given()) {
                    throw config.get("ignore_class").refuse("null");
                }
                yield new Loss.SparseCategoricalCrossentropy(config.get("from_logits").truth(false));
            }
        };
    }

    private static Loss.Reduction reduction(JsonPlace loss) {
        JsonPlace place = config(loss).get("reduction");
        String name = place.node().isNull() ? "none" : place.optionalText().orElse("auto");
        return switch (name) {
            case "sum" -> Loss.Reduction.SUM;
            case "auto", "mean", "sum_over_batch_size" -> Loss.Reduction.SUM_OVER_BATCH_SIZE;
            default -> throw place.refuse("sum_over_batch_size, mean, sum");
        };
    }

    static Optimizer optimizer(JsonPlace value) {
        String className = value.isText() ? value.text() : value.object().get("class_name").text();
        JsonPlace config = config(value);
        refuseIfSet(config, "loss_scale_factor", "scaled losses");
        refuseIfSet(config, "gradient_accumulation_steps", "gradients of several batches");
        if (config.get("use_ema").truth(false)) {
            throw config.get("use_ema").refuse("false");
        }
        LearningRate rate = decayed(rate(config.any("learning_rate", "lr"), className.equalsIgnoreCase("sgd") ? 0.01f : 0.001f),
                config.get("decay"));
        Clipping clipping = clipping(config);
        float epsilon = config.get("epsilon").number(EPSILON);
        String name = className.startsWith("Custom>") ? className.substring(7) : className;
        Optimizer keras = KerasNames.optimizer(name).or(() -> KerasNames.optimizer(name.toLowerCase(Locale.ROOT)))
                .orElseThrow(() -> new ModelFileException(value.path(), "the optimizer " + className + " is not supported"));
        // Keras 2 writes false for no decay.
        JsonPlace decayPlace = config.get("weight_decay");
        float decay = decayPlace.node().isBoolean() || decayPlace.node().isNull() ? 0 : decayPlace.number(keras.weightDecay());
        return switch (keras) {
            case Optimizer.Sgd o ->
                new Optimizer.Sgd(rate, config.get("momentum").number(o.momentum()), config.get("nesterov").truth(false), clipping, decay);
            case Optimizer.Adagrad o -> new Optimizer.Adagrad(rate,
                    config.get("initial_accumulator_value").number(o.initialAccumulatorValue()), epsilon, clipping, decay);
            case Optimizer.RmsProp o -> new Optimizer.RmsProp(rate, config.get("rho").number(o.rho()),
                    config.get("momentum").number(o.momentum()), epsilon, config.get("centered").truth(false), clipping, decay);
            case Optimizer.Adam o -> new Optimizer.Adam(rate, beta1(config, o.beta1()), beta2(config, o.beta2()), epsilon,
                    config.get("amsgrad").truth(false), clipping, decay);
            case Optimizer.AdamW o -> new Optimizer.AdamW(rate, beta1(config, o.beta1()), beta2(config, o.beta2()), epsilon,
                    config.get("amsgrad").truth(false), clipping, decay);
            case Optimizer.Adadelta o -> new Optimizer.Adadelta(rate, config.get("rho").number(o.rho()), epsilon, clipping, decay);
            case Optimizer.Adamax o ->
                new Optimizer.Adamax(rate, beta1(config, o.beta1()), beta2(config, o.beta2()), epsilon, clipping, decay);
            case Optimizer.Nadam o ->
                new Optimizer.Nadam(rate, beta1(config, o.beta1()), beta2(config, o.beta2()), epsilon, clipping, decay);
            case Optimizer.Ftrl o -> new Optimizer.Ftrl(rate, config.get("learning_rate_power").number(o.learningRatePower()),
                    config.get("initial_accumulator_value").number(o.initialAccumulatorValue()),
                    config.get("l1_regularization_strength").number(0f), config.get("l2_regularization_strength").number(0f),
                    config.get("l2_shrinkage_regularization_strength").number(0f), config.get("beta").number(0f), clipping, decay);
            case Optimizer.Lion o -> new Optimizer.Lion(rate, beta1(config, o.beta1()), beta2(config, o.beta2()), clipping, decay);
        };
    }

    private static float beta1(JsonPlace config, float keras) {
        return config.get("beta_1").number(keras);
    }

    private static float beta2(JsonPlace config, float keras) {
        return config.get("beta_2").number(keras);
    }

    /** Keras up to 2.10 let any optimizer's rate fall by {@code 1 / (1 + decay · iterations)}. */
    private static LearningRate decayed(LearningRate rate, JsonPlace decay) {
        float value = decay.number(0f);
        if (value == 0) {
            return rate;
        }
        if (!(rate instanceof LearningRate.Constant constant)) {
            throw decay.refuse("0 beside a schedule");
        }
        return new LearningRate.InverseTimeDecay(constant.value(), 1, value, false);
    }

    private static LearningRate rate(JsonPlace value, float keras) {
        if (!value.node().isObject()) {
            return new LearningRate.Constant(value.number(keras));
        }
        JsonPlace config = value.get("config").object();
        float initial = config.get("initial_learning_rate").number(keras);
        return switch (value.get("class_name").text()) {
            case "ExponentialDecay" -> new LearningRate.ExponentialDecay(initial, steps(config, "decay_steps"),
                    config.get("decay_rate").number(0f), config.get("staircase").truth(false));
            case "InverseTimeDecay" -> new LearningRate.InverseTimeDecay(initial, steps(config, "decay_steps"),
                    config.get("decay_rate").number(0f), config.get("staircase").truth(false));
            case "PiecewiseConstantDecay" -> new LearningRate.PiecewiseConstantDecay(
                    config.get("boundaries").elements().stream().map(place -> (long) place.number(0.0)).toList(),
                    config.get("values").elements().stream().map(place -> place.number(0f)).toList());
            case "PolynomialDecay" -> new LearningRate.PolynomialDecay(initial, steps(config, "decay_steps"),
                    config.get("end_learning_rate").number(0.0001f), config.get("power").number(1f), config.get("cycle").truth(false));
            case "CosineDecay" -> new LearningRate.CosineDecay(initial, steps(config, "decay_steps"), config.get("alpha").number(0f),
                    config.get("warmup_target").given() ? Optional.of(config.get("warmup_target").number(0f)) : Optional.empty(),
                    (long) config.get("warmup_steps").number(0.0));
            case "CosineDecayRestarts" -> new LearningRate.CosineDecayRestarts(initial, steps(config, "first_decay_steps"),
                    config.get("t_mul").number(2f), config.get("m_mul").number(1f), config.get("alpha").number(0f));
            default -> throw new ModelFileException(value.path(), "the schedule " + value.get("class_name").show() + " is not supported");
        };
    }

    private static long steps(JsonPlace config, String key) {
        double steps = config.get(key).number(0.0);
        if (steps != Math.rint(steps) || Math.abs(steps) > 1L << 53) {
            throw config.get(key).refuse("a whole number");
        }
        return (long) steps;
    }

    private static Clipping clipping(JsonPlace config) {
        Clipping clipping = Clipping.NONE;
        for (Clipping.Kind kind : Clipping.Kind.values()) {
            String key = switch (kind) {
                case NONE -> "";
                case NORM -> "clipnorm";
                case GLOBAL_NORM -> "global_clipnorm";
                case VALUE -> "clipvalue";
            };
            float limit = kind == Clipping.Kind.NONE ? 0 : config.get(key).number(0f);
            if (limit > 0) { // Keras takes 0 and below for "off".
                if (clipping.kind() != Clipping.Kind.NONE) {
                    throw config.get(key).refuse("only one of clipnorm, global_clipnorm and clipvalue");
                }
                clipping = new Clipping(kind, limit);
            }
        }
        return clipping;
    }

    private static void refuseIfSet(JsonPlace config, String key, String what) {
        JsonPlace value = config.get(key);
        boolean set = value.given() && (value.node().isNumber() ? value.node().doubleValue() != 0 : !value.node().isBoolean());
        if (set) {
            throw new ModelFileException(value.path(), what + " (" + key + " = " + value.show() + ") is not supported");
        }
    }
}
