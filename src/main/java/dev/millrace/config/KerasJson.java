package dev.millrace.config;

import dev.millrace.nn.ActivationLayer;
import dev.millrace.nn.BatchNormalization;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Constraint;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Dropout;
import dev.millrace.nn.Initializer;
import dev.millrace.nn.KerasNames;
import dev.millrace.nn.Layer;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Metric;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.Regularizer;
import dev.millrace.nn.TrainingSpec;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A network as the JSON that Keras 3 writes for a compiled {@code Sequential} model ({@code model.to_json()}). */
public final class KerasJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<String> WITHOUT_PARAMETERS = List.of("glorot_uniform", "glorot_normal", "he_uniform", "he_normal",
            "lecun_uniform", "lecun_normal");

    private static final List<String> METRIC_INITIALS = List.of("accuracy", "acc", "crossentropy", "ce", "mse", "mae", "mape", "msle",
            "bce");
    /** Of the classes whose capitals follow each other. */
    private static final Map<String, String> SNAKE_CASES = Map.of("TopKCategoricalAccuracy", "top_k_categorical_accuracy",
            "SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy", "KLDivergence", "kl_divergence", "R2Score", "r2_score");

    private KerasJson() {
    }

    /** The model's configuration with its {@code compile_config}, without weights. */
    public static ObjectNode write(String modelName, NetworkSpec network, TrainingSpec training) {
        ObjectNode model = NODES.objectNode().put("module", "keras").put("class_name", "Sequential");
        ObjectNode config = model.putObject("config").put("name", modelName).put("trainable", true);
        config.set("dtype", dtype());
        config.putArray("layers").add(inputLayer(network.inputs()));
        int inputs = network.inputs();
        for (Layer layer : network.layers()) {
            config.withArray("layers").add(layer(layer, inputs));
            inputs = layer.outputs(inputs);
        }
        config.set("build_input_shape", shape(network.inputs()));
        model.putNull("registered_name");
        model.putObject("build_config").set("input_shape", shape(network.inputs()));
        model.set("compile_config", compileConfig(training));
        return model;
    }

    private static ObjectNode inputLayer(int inputs) {
        ObjectNode config = NODES.objectNode();
        config.set("batch_shape", shape(inputs));
        config.put("dtype", "float32").put("sparse", false).put("ragged", false).put("name", "input_layer");
        return object("keras.layers", "InputLayer", config);
    }

    private static ObjectNode layer(Layer layer, int inputs) {
        ObjectNode config = NODES.objectNode().put("name", layer.name()).put("trainable", true);
        config.set("dtype", dtype());
        switch (layer) {
            case Dense dense -> dense(dense, config);
            case ActivationLayer own -> config.put("activation", own.activation().kerasName());
            case Dropout dropout -> dropout(dropout, config);
            case BatchNormalization normalization -> normalization(normalization, config);
        }
        ObjectNode node = object("keras.layers", layer.kerasClass(), config);
        if (layer instanceof Dense || layer instanceof BatchNormalization) {
            node.putObject("build_config").set("input_shape", shape(inputs));
        }
        return node;
    }

    private static void dense(Dense dense, ObjectNode config) {
        config.put("units", dense.units()).put("activation", dense.activation().kerasName()).put("use_bias", dense.useBias());
        config.set("kernel_initializer", initializer(dense.kernelInitializer()));
        config.set("bias_initializer", initializer(dense.biasInitializer()));
        config.set("kernel_regularizer", regularizer(dense.kernelRegularizer()));
        config.set("bias_regularizer", regularizer(dense.biasRegularizer()));
        config.set("kernel_constraint", constraint(dense.kernelConstraint()));
        config.set("bias_constraint", constraint(dense.biasConstraint()));
    }

    /** The default seed is written as Keras's: none. */
    private static void dropout(Dropout dropout, ObjectNode config) {
        config.put("rate", decimal(dropout.rate()));
        if (dropout.seed() == 0) {
            config.putNull("seed");
        } else {
            config.put("seed", dropout.seed());
        }
        config.putNull("noise_shape");
    }

    private static void normalization(BatchNormalization normalization, ObjectNode config) {
        config.put("axis", -1).put("momentum", decimal(normalization.momentum())).put("epsilon", decimal(normalization.epsilon()))
                .put("center", normalization.center()).put("scale", normalization.scale());
        config.set("beta_initializer", initializer(Initializer.ZEROS));
        config.set("gamma_initializer", initializer(Initializer.ONES));
        config.set("moving_mean_initializer", initializer(Initializer.ZEROS));
        config.set("moving_variance_initializer", initializer(Initializer.ONES));
        config.putNull("beta_regularizer").putNull("gamma_regularizer").putNull("beta_constraint").putNull("gamma_constraint");
        config.put("synchronized", false);
    }

    private static JsonNode constraint(Constraint constraint) {
        ObjectNode config = NODES.objectNode();
        return switch (constraint) {
            case Constraint.None _ -> NODES.nullNode();
            case Constraint.NonNegative _ -> object("keras.constraints", "NonNeg", config);
            case Constraint.UnitNorm _ -> object("keras.constraints", "UnitNorm", config.put("axis", 0));
            case Constraint.MaxNorm c ->
                object("keras.constraints", "MaxNorm", config.put("max_value", decimal(c.maxValue())).put("axis", 0));
            case Constraint.MinMaxNorm c -> object("keras.constraints", "MinMaxNorm", config.put("min_value", decimal(c.minValue()))
                    .put("max_value", decimal(c.maxValue())).put("rate", decimal(c.rate())).put("axis", 0));
        };
    }

    private static ObjectNode initializer(Initializer initializer) {
        ObjectNode config = NODES.objectNode();
        String className = switch (initializer) {
            case Initializer.Constant i when initializer.equals(Initializer.ZEROS) -> "Zeros";
            case Initializer.Constant i when initializer.equals(Initializer.ONES) -> "Ones";
            case Initializer.Constant i -> {
                config.put("value", decimal(i.value()));
                yield "Constant";
            }
            case Initializer.RandomNormal i -> {
                config.putNull("seed").put("mean", decimal(i.mean())).put("stddev", decimal(i.stddev()));
                yield "RandomNormal";
            }
            case Initializer.TruncatedNormal i -> {
                config.putNull("seed").put("mean", decimal(i.mean())).put("stddev", decimal(i.stddev()));
                yield "TruncatedNormal";
            }
            case Initializer.RandomUniform i -> {
                config.putNull("seed").put("minval", decimal(i.minval())).put("maxval", decimal(i.maxval()));
                yield "RandomUniform";
            }
            case Initializer.VarianceScaling i -> {
                config.putNull("seed");
                yield varianceScaling(i, config);
            }
            case Initializer.Orthogonal i -> {
                config.putNull("seed").put("gain", decimal(i.gain()));
                yield "Orthogonal";
            }
            case Initializer.Identity i -> {
                config.put("gain", decimal(i.gain()));
                yield "Identity";
            }
        };
        return object("keras.initializers", className, config);
    }

    private static String varianceScaling(Initializer.VarianceScaling initializer, ObjectNode config) {
        for (String name : WITHOUT_PARAMETERS) {
            if (KerasNames.initializer(name).filter(initializer::equals).isPresent()) {
                return camelCase(name);
            }
        }
        config.put("scale", decimal(initializer.scale())).put("mode", LayerGrammar.lowerCase(initializer.mode())).put("distribution",
                LayerGrammar.lowerCase(initializer.distribution()));
        return "VarianceScaling";
    }

    private static JsonNode regularizer(Regularizer regularizer) {
        if (regularizer.isNone()) {
            return NODES.nullNode();
        }
        ObjectNode config = NODES.objectNode();
        if (regularizer.l1() != 0) {
            config.put("l1", decimal(regularizer.l1()));
        }
        if (regularizer.l2() != 0) {
            config.put("l2", decimal(regularizer.l2()));
        }
        String className = config.size() == 2 ? "L1L2" : config.has("l1") ? "L1" : "L2";
        return object("keras.regularizers", className, config);
    }

    private static ObjectNode compileConfig(TrainingSpec training) {
        ObjectNode compile = NODES.objectNode();
        compile.set("optimizer", optimizer(training.optimizer()));
        compile.set("loss", loss(training.loss(), training.reduction()));
        compile.putNull("loss_weights").set("metrics", metrics(training.metrics()));
        compile.set("weighted_metrics", training.weightedMetrics().isEmpty() ? NODES.nullNode() : metrics(training.weightedMetrics()));
        return compile.put("run_eagerly", false).put("steps_per_execution", 1).put("jit_compile", false);
    }

    private static ArrayNode metrics(List<Metric> metrics) {
        ArrayNode list = NODES.arrayNode();
        metrics.forEach(metric -> list.add(metric(metric)));
        return list;
    }

    /** The identifier where Keras finds the same metric by it, an object otherwise. */
    private static JsonNode metric(Metric metric) {
        if (metric instanceof Metric.NotComputed other) {
            return JsonMapper.shared().readTree(other.definition());
        }
        if (Metric.of(metric.name()).filter(metric::equals).isPresent() && isMetricIdentifier(metric)) {
            return NODES.stringNode(metric.name());
        }
        ObjectNode config = NODES.objectNode().put("name", metric.name()).put("dtype", "float32");
        switch (metric) {
            case Metric.BinaryAccuracy m -> config.put("threshold", decimal(m.threshold()));
            case Metric.Precision m -> config.put("thresholds", decimal(m.threshold()));
            case Metric.Recall m -> config.put("thresholds", decimal(m.threshold()));
            case Metric.TopKCategoricalAccuracy m -> config.put("k", m.k());
            case Metric.SparseTopKCategoricalAccuracy m -> config.put("k", m.k());
            case Metric.Auc m ->
                config.put("num_thresholds", m.numThresholds()).put("curve", "ROC").put("summation_method", "interpolation");
            case Metric.Mean m -> meanArguments(m.loss(), config);
            case Metric.Accuracy _,Metric.Crossentropy _ -> throw new IllegalStateException(metric.name() + " has no class");
            case Metric.CategoricalAccuracy _,Metric.SparseCategoricalAccuracy _,Metric.CosineSimilarity _ -> {
            }
            case Metric.RootMeanSquaredError _,Metric.R2Score _,Metric.NotComputed _ -> {
            }
        }
        return object("keras.metrics", metric.kerasClass(), config);
    }

    /** The metrics of cross-entropies take fewer arguments than the losses. */
    private static void meanArguments(Loss loss, ObjectNode config) {
        if (loss instanceof Loss.BinaryCrossentropy l) {
            config.put("from_logits", l.fromLogits()).put("label_smoothing", decimal(l.labelSmoothing()));
        } else if (loss instanceof Loss.CategoricalCrossentropy l) {
            config.put("from_logits", l.fromLogits()).put("label_smoothing", decimal(l.labelSmoothing())).put("axis", -1);
        } else if (loss instanceof Loss.SparseCategoricalCrossentropy l) {
            config.put("from_logits", l.fromLogits()).put("axis", -1);
        }
    }

    /** Keras knows its classes in two spellings, and a few by initials. */
    private static boolean isMetricIdentifier(Metric metric) {
        String name = metric.name();
        return METRIC_INITIALS.contains(name.toLowerCase(Locale.ROOT)) || name.equals(metric.kerasClass())
                || LayerGrammar.snakeCase(metric.kerasClass()).equals(name) || name.equals(SNAKE_CASES.get(metric.kerasClass()));
    }

    private static ObjectNode optimizer(Optimizer optimizer) {
        ObjectNode config = NODES.objectNode();
        String className = TrainingGrammar.className(optimizer);
        config.put("name", optimizer instanceof Optimizer.Sgd ? "SGD" : className.toLowerCase(Locale.ROOT));
        if (optimizer.learningRate() instanceof LearningRate.Constant rate) {
            // Keras keeps the rate in a float32 variable and writes all its digits.
            config.put("learning_rate", (double) rate.value());
        } else {
            config.set("learning_rate", schedule(optimizer.learningRate()));
        }
        if (optimizer.weightDecay() == 0 && !(optimizer instanceof Optimizer.AdamW)) {
            config.putNull("weight_decay");
        } else {
            config.put("weight_decay", decimal(optimizer.weightDecay()));
        }
        for (Clipping.Kind kind : List.of(Clipping.Kind.NORM, Clipping.Kind.GLOBAL_NORM, Clipping.Kind.VALUE)) {
            String key = TrainingGrammar.key(kind);
            if (optimizer.clipping().kind() == kind) {
                config.put(key, decimal(optimizer.clipping().limit()));
            } else {
                config.putNull(key);
            }
        }
        config.put("use_ema", false).put("ema_momentum", 0.99).putNull("ema_overwrite_frequency").putNull("loss_scale_factor")
                .putNull("gradient_accumulation_steps");
        switch (optimizer) {
            case Optimizer.Sgd o -> config.put("momentum", decimal(o.momentum())).put("nesterov", o.nesterov());
            case Optimizer.Adagrad o -> config.put("initial_accumulator_value", decimal(o.initialAccumulatorValue())).put("epsilon",
                    decimal(o.epsilon()));
            case Optimizer.RmsProp o -> config.put("rho", decimal(o.rho())).put("momentum", decimal(o.momentum()))
                    .put("epsilon", decimal(o.epsilon())).put("centered", o.centered());
            case Optimizer.Adam o -> betas(config, o.beta1(), o.beta2()).put("epsilon", decimal(o.epsilon())).put("amsgrad", o.amsgrad());
            case Optimizer.AdamW o -> betas(config, o.beta1(), o.beta2()).put("epsilon", decimal(o.epsilon())).put("amsgrad", o.amsgrad());
            case Optimizer.Adadelta o -> config.put("rho", decimal(o.rho())).put("epsilon", decimal(o.epsilon()));
            case Optimizer.Adamax o -> betas(config, o.beta1(), o.beta2()).put("epsilon", decimal(o.epsilon()));
            case Optimizer.Nadam o -> betas(config, o.beta1(), o.beta2()).put("epsilon", decimal(o.epsilon()));
            case Optimizer.Ftrl o -> config.put("learning_rate_power", decimal(o.learningRatePower()))
                    .put("initial_accumulator_value", decimal(o.initialAccumulatorValue()))
                    .put("l1_regularization_strength", decimal(o.l1RegularizationStrength()))
                    .put("l2_regularization_strength", decimal(o.l2RegularizationStrength()))
                    .put("l2_shrinkage_regularization_strength", decimal(o.l2ShrinkageRegularizationStrength()))
                    .put("beta", decimal(o.beta()));
            case Optimizer.Lion o -> betas(config, o.beta1(), o.beta2());
        }
        return object("keras.optimizers", className, config);
    }

    private static ObjectNode betas(ObjectNode config, float beta1, float beta2) {
        return config.put("beta_1", decimal(beta1)).put("beta_2", decimal(beta2));
    }

    private static ObjectNode schedule(LearningRate rate) {
        ObjectNode config = NODES.objectNode();
        RateGrammar.arguments(rate).forEach(config::set);
        boolean restarts = rate instanceof LearningRate.CosineDecayRestarts;
        config.put("name", restarts ? "SGDRDecay" : rate.kerasName());
        return object("keras.optimizers.schedules", rate.kerasName(), config);
    }

    /** The bare name where Keras's defaults hold, an object otherwise. */
    private static JsonNode loss(Loss loss, Loss.Reduction reduction) {
        boolean defaults = KerasNames.loss(loss.kerasName()).filter(loss::equals).isPresent();
        if (defaults && reduction == Loss.Reduction.SUM_OVER_BATCH_SIZE) {
            return NODES.stringNode(loss.kerasName());
        }
        ObjectNode config = NODES.objectNode().put("name", loss.kerasName()).put("reduction", LayerGrammar.lowerCase(reduction));
        lossArguments(loss, config);
        String className = loss instanceof Loss.KlDivergence ? "KLDivergence" : camelCase(loss.kerasName());
        return object("keras.losses", className, config);
    }

    private static void lossArguments(Loss loss, ObjectNode config) {
        switch (loss) {
            case Loss.MeanSquaredError _,Loss.MeanAbsoluteError _,Loss.LogCosh _,Loss.Poisson _,Loss.KlDivergence _ -> {
            }
            case Loss.MeanAbsolutePercentageError _,Loss.MeanSquaredLogarithmicError _ -> {
            }
            case Loss.Hinge _,Loss.SquaredHinge _,Loss.CategoricalHinge _ -> {
            }
            case Loss.CosineSimilarity _ -> config.put("axis", -1);
            case Loss.Huber l -> config.put("delta", decimal(l.delta()));
            case Loss.BinaryCrossentropy l ->
                config.put("from_logits", l.fromLogits()).put("label_smoothing", decimal(l.labelSmoothing())).put("axis", -1);
            case Loss.CategoricalCrossentropy l ->
                config.put("from_logits", l.fromLogits()).put("label_smoothing", decimal(l.labelSmoothing())).put("axis", -1);
            case Loss.SparseCategoricalCrossentropy l -> config.put("from_logits", l.fromLogits()).putNull("ignore_class");
        }
    }

    private static ObjectNode object(String module, String className, ObjectNode config) {
        ObjectNode object = NODES.objectNode().put("module", module).put("class_name", className);
        object.set("config", config);
        return object.putNull("registered_name");
    }

    private static ObjectNode dtype() {
        return object("keras", "DTypePolicy", NODES.objectNode().put("name", "float32"));
    }

    private static JsonNode shape(int width) {
        return NODES.arrayNode().addNull().add(width);
    }

    /** The double that a Python user would have written for this float: 0.1, not 0.10000000149011612. */
    private static double decimal(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    /** {@link #decimal} as a node. */
    static JsonNode decimalNode(float value) {
        return NODES.numberNode(decimal(value));
    }

    static String camelCase(String snakeCase) {
        StringBuilder camelCase = new StringBuilder();
        for (String word : snakeCase.split("_", -1)) {
            camelCase.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return camelCase.toString();
    }
}
