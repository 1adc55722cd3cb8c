package dev.millrace.interop;

import dev.millrace.nn.Activation;
import dev.millrace.nn.ActivationLayer;
import dev.millrace.nn.BatchNormalization;
import dev.millrace.nn.Constraint;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Dropout;
import dev.millrace.nn.Initializer;
import dev.millrace.nn.KerasNames;
import dev.millrace.nn.Layer;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Regularizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.MissingNode;

/**
 * The architecture in the JSON of any Keras from 1 to 3. The differences: Keras 1 and 2 before 2.2.3 give the layers of a
 * {@code Sequential} as a bare list, and Keras 1 has other names for the arguments of a layer; Keras 2 gives the input's shape
 * as {@code batch_input_shape}, Keras 3 as {@code batch_shape}; Keras 3 wraps what it serializes in module and registered name.
 * The JSON itself is written by {@code config.KerasJson}.
 */
final class KerasConfigReader {
    private static final int MAX_UNITS = 1 << 24;
    private static final int MAX_LAYERS = 10_000;
    /** Names of Keras 1. */
    private static final Map<String, String> OLD_INITIALIZERS = Map.of("uniform", "random_uniform", "normal", "random_normal", "zero",
            "zeros", "one", "ones", "gaussian", "random_normal");

    private KerasConfigReader() {
    }

    /** Reads a model's configuration, with {@code compile_config} if it has one. */
    static Architecture read(JsonPlace model) {
        return read(model, model.get("keras_version").optionalText());
    }

    /** @param version of the Keras that wrote it, if the file tells; two activations have changed with version 3 */
    static Architecture read(JsonPlace model, Optional<String> version) {
        boolean keras3 = version.map(text -> !text.matches("[0-2]\\..*")).orElse(model.get("module").given());
        String className = model.object().get("class_name").text();
        JsonPlace config = model.get("config");
        JsonPlace list = config.node().isArray() ? config : config.object().get("layers");
        String name = config.get("name").optionalText().orElse("sequential");
        boolean chain = className.equals("Functional") || className.equals("Model");
        if (!className.equals("Sequential") && !chain) {
            throw new ModelFileException(model.get("class_name").path(),
                    "the model is a " + model.get("class_name").show() + ", allowed: Sequential, or Functional without branches");
        }
        List<JsonPlace> places = list.elements();
        if (places.size() > MAX_LAYERS) {
            throw new ModelFileException(list.path(), places.size() + " layers, at most " + MAX_LAYERS + " are read");
        }
        if (chain) {
            FunctionalChain.require(config, places);
        }
        return architecture(name, places, list, keras3, model).withTraining(CompileConfigReader.training(model.get("compile_config")));
    }

    private static Architecture architecture(String modelName, List<JsonPlace> places, JsonPlace list, boolean keras3,
            JsonPlace model) {
        List<Architecture.FileLayer> fileLayers = new ArrayList<>();
        List<Layer> layers = new ArrayList<>();
        Optional<Normalization> normalization = Optional.empty();
        int inputs = 0;
        for (JsonPlace place : places) {
            String className = place.object().get("class_name").text();
            JsonPlace config = place.get("config").object();
            JsonPlace inputShape = config.any("batch_shape", "batch_input_shape");
            if (inputs == 0) {
                inputs = inputWidth(config, inputShape, place.get("build_config").get("input_shape"));
            }
            if (inputs == 0) { // a model that got its shape from the first data it saw
                JsonPlace whole = model.get("config");
                inputs = inputWidth(whole, whole.get("build_input_shape"), model.get("build_config").get("input_shape"));
            }
            if (className.equals("InputLayer")) {
                continue;
            }
            String layerName = config.get("name").optionalText()
                    .orElseGet(() -> className.toLowerCase(Locale.ROOT) + "_" + (fileLayers.size() + 1));
            fileLayers.add(new Architecture.FileLayer(className, layerName));
            if (className.equals("Normalization")) {
                if (fileLayers.size() > 1) {
                    throw refused(place, className, layerName, "it is only understood before the first layer");
                }
                normalization = normalization(layerName, config, inputs);
            } else if (className.equals("Rescaling") && fileLayers.size() == 1) {
                normalization = Optional.of(rescaling(layerName, config, inputs));
            } else {
                layers.add(layer(place, className, layerName, config, keras3));
            }
        }
        if (inputs == 0) {
            throw new ModelFileException(list.path(),
                    "nowhere is said how many inputs there are (batch_shape, batch_input_shape or input_dim)");
        }
        try {
            return new Architecture(modelName, fileLayers, new NetworkSpec(inputs, layers), Optional.empty(), normalization);
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(list.path(), String.valueOf(e.getMessage()), e);
        }
    }

    /** The last dimension of the input's shape, 0 if it is not told here. */
    private static int inputWidth(JsonPlace config, JsonPlace shape, JsonPlace buildShape) {
        JsonPlace told = shape.given() ? shape : buildShape;
        if (told.given()) {
            List<JsonPlace> dimensions = (told.get("items").given() ? told.get("items") : told).elements(); // a TensorShape has items
            if (dimensions.size() != 2) {
                throw told.refuse("the shape of a batch of rows, [null, inputs]");
            }
            return dimensions.get(1).integer(1, MAX_UNITS);
        }
        JsonPlace old = config.any("input_dim", "input_length");
        return old.given() ? old.integer(1, MAX_UNITS) : 0;
    }

    private static Layer layer(JsonPlace place, String className, String name, JsonPlace config, boolean keras3) {
        requireFloat32(place, className, name, config.get("dtype"));
        if (!config.get("trainable").truth(true)) {
            throw refused(place, className, name, "it is frozen (trainable is false), and this program would train it");
        }
        try {
            return switch (className) {
                case "Dense" -> dense(place, name, config, keras3);
                case "Activation" -> new ActivationLayer(name, activation(place, className, name, config, keras3));
                case "ReLU", "LeakyReLU", "ELU", "Softmax" -> new ActivationLayer(name, function(place, className, name, config));
                case "Dropout" -> dropout(place, name, config);
                case "BatchNormalization" -> batchNormalization(place, name, config);
                default -> throw refused(place, className, name,
                        "this program knows Dense, Activation, ReLU, LeakyReLU, ELU, Softmax, Dropout, BatchNormalization, and a Normalization or "
                                + "Rescaling before the first layer");
            };
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(place.path(), "layer " + name + ": " + e.getMessage(), e);
        }
    }

    private static ModelFileException refused(JsonPlace place, String className, String name, String why) {
        return new ModelFileException(place.path(), "layer " + name + " (" + className + ") is not supported: " + why);
    }

    private static void requireFloat32(JsonPlace place, String className, String name, JsonPlace dtype) {
        String policy = dtype.node().isObject() ? dtype.get("config").get("name").text() : dtype.optionalText().orElse("float32");
        if (!policy.equals("float32")) {
            throw refused(place, className, name, "its dtype is " + policy + ", this program computes in float32");
        }
    }

    private static Dense dense(JsonPlace place, String name, JsonPlace config, boolean keras3) {
        for (String key : List.of("activity_regularizer", "lora_rank", "quantization_config")) {
            if (config.get(key).given()) {
                throw refused(place, "Dense", name, key + " is " + config.get(key).show());
            }
        }
        return new Dense(name, config.any("units", "output_dim").integer(1, MAX_UNITS), activation(place, "Dense", name, config, keras3),
                config.any("use_bias", "bias").truth(true),
                initializer(config.any("kernel_initializer", "init"), Initializer.GLOROT_UNIFORM),
                initializer(config.get("bias_initializer"), Initializer.ZEROS),
                regularizer(config.any("kernel_regularizer", "W_regularizer")),
                regularizer(config.any("bias_regularizer", "b_regularizer")),
                constraint(config.any("kernel_constraint", "W_constraint")), constraint(config.any("bias_constraint", "b_constraint")));
    }

    /** A layer that does nothing but apply a function; its arguments have to be those the function has here. */
    private static Activation function(JsonPlace place, String className, String name, JsonPlace config) {
        return switch (className) {
            case "ReLU" -> relu(place, name, config);
            case "LeakyReLU" -> {
                requireArgument(place, className, name, config.any("negative_slope", "alpha"), 0.3, 0.2);
                yield Activation.LEAKY_RELU;
            }
            case "ELU" -> {
                requireArgument(place, className, name, config.get("alpha"), 1, 1);
                yield Activation.ELU;
            }
            case "Softmax" -> {
                if (!isLastAxis(config.get("axis"))) {
                    throw refused(place, className, name, "its axis is " + config.get("axis").show());
                }
                yield Activation.SOFTMAX;
            }
            default -> throw refused(place, className, name, "this program has no such function");
        };
    }

    /** A plain one, one that ends at 6, or one with the slope of {@code leaky_relu}. */
    private static Activation relu(JsonPlace place, String name, JsonPlace config) {
        double slope = config.get("negative_slope").number(0.0);
        double max = config.get("max_value").number(Double.MAX_VALUE);
        requireArgument(place, "ReLU", name, config.get("threshold"), 0, 0);
        if (slope == 0 && max == Double.MAX_VALUE) {
            return Activation.RELU;
        }
        if (slope == 0 && max == 6) {
            return Activation.RELU6;
        }
        if ((float) slope == 0.2f && max == Double.MAX_VALUE) {
            return Activation.LEAKY_RELU;
        }
        throw refused(place, "ReLU", name, "its negative_slope is " + slope + " and its max_value " + config.get("max_value").show()
                + ", this program has a slope of 0 with max_value 6 or none, and a slope of 0.2 without max_value");
    }

    private static void requireArgument(JsonPlace place, String className, String name, JsonPlace value, double keras, double known) {
        double found = value.number(keras);
        if ((float) found != (float) known) {
            String argument = value.path().substring(value.path().lastIndexOf('.') + 1);
            throw refused(place, className, name, "its " + argument + " is " + found + ", this program has " + known);
        }
    }

    /** Rows have one axis beside that of the batch. */
    private static boolean isLastAxis(JsonPlace axis) {
        JsonPlace only = axis.node().isArray() && axis.node().size() == 1 ? axis.get(0) : axis;
        return !only.given() || (only.node().isInt() && List.of(-1, 1).contains(only.node().intValue()));
    }

    private static Layer dropout(JsonPlace place, String name, JsonPlace config) {
        if (config.get("noise_shape").given()) {
            throw refused(place, "Dropout", name, "it has a noise_shape");
        }
        return new Dropout(name, config.any("rate", "p").number(0f), (long) config.get("seed").number(0.0));
    }

    private static Layer batchNormalization(JsonPlace place, String name, JsonPlace config) {
        for (String key : List.of("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint")) {
            if (config.get(key).given()) {
                throw refused(place, "BatchNormalization", name, key + " is set");
            }
        }
        if (!isLastAxis(config.get("axis"))) {
            throw refused(place, "BatchNormalization", name, "its axis is " + config.get("axis").show());
        }
        if (config.get("renorm").truth(false) || config.get("synchronized").truth(false) || config.get("mode").number(0f) != 0) {
            throw refused(place, "BatchNormalization", name, "renorm, synchronized and mode are not supported");
        }
        return new BatchNormalization(name, config.get("momentum").number(0.99f), config.get("epsilon").number(0.001f),
                config.get("center").truth(true), config.get("scale").truth(true));
    }

    private static Constraint constraint(JsonPlace value) {
        if (!value.given()) {
            return Constraint.NONE;
        }
        String name = value.isText() ? value.text() : value.object().any("class_name", "name").text();
        JsonPlace config = value.isText()
                ? new JsonPlace(value.path(), MissingNode.getInstance())
                : value.get("config").given() ? value.get("config") : value;
        Map<String, String> classes = Map.of("MaxNorm", "max_norm", "NonNeg", "non_neg", "UnitNorm", "unit_norm", "MinMaxNorm",
                "min_max_norm");
        Constraint keras = KerasNames.constraint(classes.getOrDefault(name, name))
                .orElseThrow(() -> new ModelFileException(value.path(), "the constraint " + name + " is not supported"));
        if (config.get("axis").number(0f) != 0) {
            throw config.get("axis").refuse("0");
        }
        return switch (keras) {
            case Constraint.None c -> c;
            case Constraint.NonNegative c -> c;
            case Constraint.UnitNorm c -> c;
            case Constraint.MaxNorm c -> new Constraint.MaxNorm(config.any("max_value", "m").number(c.maxValue()));
            case Constraint.MinMaxNorm c -> new Constraint.MinMaxNorm(config.get("min_value").number(c.minValue()),
                    config.get("max_value").number(c.maxValue()), config.get("rate").number(c.rate()));
        };
    }

    private static Activation activation(JsonPlace place, String className, String name, JsonPlace config, boolean keras3) {
        JsonPlace value = config.get("activation");
        if (!value.given()) {
            return Activation.LINEAR;
        }
        // Keras 3 writes an activation it serialized as an object by its function's name; a layer can be an activation too.
        if (value.node().isObject() && value.get("config").node().isObject()) {
            return function(place, value.get("class_name").text(), name, value.get("config"));
        }
        String identifier = value.isText() ? value.text() : value.object().any("config", "class_name").optionalText().orElse("?");
        Activation activation = Activation.of(identifier.toLowerCase(Locale.ROOT))
                .orElseThrow(() -> refused(place, className, name, "its activation is " + identifier));
        if (!keras3 && (activation == Activation.HARD_SIGMOID || activation == Activation.HARD_SILU)) {
            throw refused(place, className, name, "its activation " + identifier + " is another function in Keras 1 and 2 (0.2 x + 0.5)");
        }
        return activation;
    }

    static Initializer initializer(JsonPlace value, Initializer fallback) {
        if (!value.given()) {
            return fallback;
        }
        String identifier = value.isText() ? value.text() : value.object().get("class_name").text();
        JsonPlace config = value.isText()
                ? new JsonPlace(value.path(), MissingNode.getInstance())
                : value.get("config");
        String known = OLD_INITIALIZERS.getOrDefault(identifier, identifier.replaceFirst("(?<=.)Initializer$", "")); // of Keras 3.0
        Initializer keras = KerasNames.initializer(known.endsWith("V2") ? known.substring(0, known.length() - 2) : known)
                .orElseThrow(() -> new ModelFileException(value.path(), "the initializer " + identifier + " is not known"));
        try {
            return switch (keras) {
                case Initializer.Constant d -> new Initializer.Constant(config.get("value").number(d.value()));
                case Initializer.RandomNormal d ->
                    new Initializer.RandomNormal(config.get("mean").number(d.mean()), config.get("stddev").number(d.stddev()));
                case Initializer.TruncatedNormal d ->
                    new Initializer.TruncatedNormal(config.get("mean").number(d.mean()), config.get("stddev").number(d.stddev()));
                case Initializer.RandomUniform d ->
                    new Initializer.RandomUniform(config.get("minval").number(d.minval()), config.get("maxval").number(d.maxval()));
                case Initializer.VarianceScaling d -> varianceScaling(config, d);
                case Initializer.Orthogonal d -> new Initializer.Orthogonal(config.get("gain").number(d.gain()));
                case Initializer.Identity d -> new Initializer.Identity(config.get("gain").number(d.gain()));
            };
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(value.path(), String.valueOf(e.getMessage()), e);
        }
    }

    private static Initializer varianceScaling(JsonPlace config, Initializer.VarianceScaling keras) {
        Initializer.Mode mode = config.get("mode").optionalText().map(text -> constant(config.get("mode"), Initializer.Mode.values(), text))
                .orElse(keras.mode());
        Initializer.Distribution distribution = config.get("distribution").optionalText()
                // Before Keras 2.2.3 the truncated one was called normal.
                .map(text -> text.equals("normal")
                        ? Initializer.Distribution.TRUNCATED_NORMAL
                        : constant(config.get("distribution"), Initializer.Distribution.values(), text))
                .orElse(keras.distribution());
        return new Initializer.VarianceScaling(config.get("scale").number(keras.scale()), mode, distribution);
    }

    static <E extends Enum<E>> E constant(JsonPlace place, E[] constants, String name) {
        for (E constant : constants) {
            if (constant.name().equalsIgnoreCase(name)) {
                return constant;
            }
        }
        throw place.refuse(List.of(constants).toString().toLowerCase(Locale.ROOT));
    }

    private static Regularizer regularizer(JsonPlace value) {
        if (!value.given()) {
            return Regularizer.NONE;
        }
        String name = value.isText() ? value.text() : value.object().any("class_name", "name").text();
        JsonPlace config = value.isText()
                ? new JsonPlace(value.path(), MissingNode.getInstance())
                : value.get("config").given() ? value.get("config") : value;
        try {
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "l1" -> new Regularizer(config.get("l1").number(0.01f), 0);
                case "l2" -> new Regularizer(0, config.get("l2").number(0.01f));
                case "l1l2", "l1_l2", "weightregularizer", "l1l2regularizer" ->
                    new Regularizer(config.get("l1").number(0f), config.get("l2").number(0f));
                default -> throw new ModelFileException(value.path(), "the regularizer " + name + " is not supported");
            };
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(value.path(), String.valueOf(e.getMessage()), e);
        }
    }

    private static Optional<Normalization> normalization(String name, JsonPlace config, int inputs) {
        JsonPlace axis = config.get("axis");
        if (!isLastAxis(axis)) {
            throw axis.refuse("-1: every input on its own");
        }
        if (config.get("invert").truth(false)) {
            throw config.get("invert").refuse("false");
        }
        JsonPlace mean = config.get("mean");
        if (!mean.given()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Normalization(name, false, 0, numbers(mean, inputs), numbers(config.get("variance"), inputs)));
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(config.path(), String.valueOf(e.getMessage()), e);
        }
    }

    /** {@code x · scale + offset} with one number for all inputs, as a normalization. */
    private static Normalization rescaling(String name, JsonPlace config, int inputs) {
        double scale = config.get("scale").number(0.0);
        if (!(scale > 0 && scale < 1e7)) { // the deviation is at least 1e-7
            throw config.get("scale").refuse("a number above 0 and below 1e7");
        }
        double[] mean = new double[inputs];
        double[] variance = new double[inputs];
        Arrays.fill(mean, -config.get("offset").number(0.0) / scale);
        Arrays.fill(variance, 1 / (scale * scale));
        return new Normalization(name, false, 0, mean, variance);
    }

    /** A number for all inputs, a list, or a list in a list. */
    private static double[] numbers(JsonPlace value, int inputs) {
        JsonPlace row = value;
        while (row.node().isArray() && row.node().size() == 1 && row.node().path(0).isArray()) {
            row = row.get(0);
        }
        boolean one = !row.node().isArray() || row.node().size() == 1;
        if (!one && row.node().size() != inputs) {
            throw row.refuse("one number, or one for each of the " + inputs + " inputs");
        }
        double[] numbers = new double[inputs];
        for (int i = 0; i < inputs; i++) {
            JsonPlace element = !row.node().isArray() ? row : row.get(one ? 0 : i);
            if (!element.given()) {
                throw element.refuse("a number");
            }
            numbers[i] = element.number(0.0);
        }
        return numbers;
    }
}
