package dev.millrace.config;

import dev.millrace.nn.Activation;
import dev.millrace.nn.ActivationLayer;
import dev.millrace.nn.BatchNormalization;
import dev.millrace.nn.Constraint;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Dropout;
import dev.millrace.nn.Initializer;
import dev.millrace.nn.KerasNames;
import dev.millrace.nn.Layer;
import dev.millrace.nn.Regularizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Layers with their initializers, regularizers and constraints, in Keras's words and with Keras's defaults. */
final class LayerGrammar {
    static final Range UNITS = Range.between(1, 1_000_000);
    /** Rates of a dropout that leaves something. */
    static final Range DROPPED = Range.FRACTION;
    private static final float KERAS_FACTOR = 0.01f;
    private static final String UNKNOWN_TYPE = "?";
    private static final List<String> TYPES = List.of("dense", "activation", "dropout", "batch_normalization");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private LayerGrammar() {
    }

    /** All activations by their Keras names. */
    static Map<String, Activation> activations() {
        Map<String, Activation> names = new LinkedHashMap<>();
        for (Activation activation : Activation.values()) {
            names.put(activation.kerasName(), activation);
        }
        names.put("swish", Activation.SILU);
        names.put("hard_swish", Activation.HARD_SILU);
        return names;
    }

    static List<Layer> read(Value list) {
        if (list.node().isArray() && list.node().isEmpty()) {
            list.refuse("a list of at least one layer");
        }
        List<Layer> layers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Map<String, Integer> counts = new HashMap<>();
        for (Value element : list.elements("a list of layers")) {
            Layer layer = layer(element, counts);
            layers.add(layer);
            if (!names.add(layer.name())) {
                list.problems().add(element.path(), "a second layer named \"" + layer.name() + "\"", "a name of its own");
            }
        }
        if (!layers.isEmpty() && layers.stream().noneMatch(Dense.class::isInstance)) {
            list.problems().add(list.path(), "no dense layer", "at least one layer of type dense");
            return List.of();
        }
        return layers;
    }

    /** Number of values that layers with at least one dense one answer with. */
    static int units(List<Layer> layers) {
        int units = 0;
        for (Layer layer : layers) {
            units = layer.outputs(units);
        }
        return units;
    }

    static ArrayNode write(List<Layer> layers) {
        ArrayNode list = NODES.arrayNode();
        for (Layer layer : layers) {
            ObjectNode map = list.addObject().put("name", layer.name());
            switch (layer) {
                case Dense dense -> writeDense(dense, map);
                case ActivationLayer own -> map.put("type", "activation").put("activation", own.activation().kerasName());
                case Dropout dropout -> map.put("type", "dropout").put("rate", dropout.rate()).put("seed", dropout.seed());
                case BatchNormalization n -> map.put("type", "batch_normalization").put("momentum", n.momentum())
                        .put("epsilon", n.epsilon()).put("center", n.center()).put("scale", n.scale());
            }
        }
        return list;
    }

    private static void writeDense(Dense dense, ObjectNode map) {
        map.put("units", dense.units()).put("activation", dense.activation().kerasName()).put("use_bias", dense.useBias());
        map.set("kernel_initializer", write(dense.kernelInitializer()));
        map.set("bias_initializer", write(dense.biasInitializer()));
        map.set("kernel_regularizer", write(dense.kernelRegularizer()));
        map.set("bias_regularizer", write(dense.biasRegularizer()));
        if (!(dense.kernelConstraint() instanceof Constraint.None)) {
            map.set("kernel_constraint", write(dense.kernelConstraint()));
        }
        if (!(dense.biasConstraint() instanceof Constraint.None)) {
            map.set("bias_constraint", write(dense.biasConstraint()));
        }
    }

    /** @param counts number of layers of each type so far, by which Keras names them */
    private static Layer layer(Value value, Map<String, Integer> counts) {
        if (!value.isMap()) {
            value.refuse("a map with units, activation, …");
            return new Dense(defaultName("dense", counts), 1, Activation.LINEAR);
        }
        Section map = value.section();
        Map<String, String> types = new LinkedHashMap<>();
        TYPES.forEach(type -> types.put(type, type));
        Value typeValue = map.get("type");
        String type = typeValue.given() ? typeValue.oneOf(types, UNKNOWN_TYPE) : "dense";
        if (type.equals(UNKNOWN_TYPE)) { // which keys it may have is unknown too
            return new Dense(map.get("name").text("a name").orElse(UNKNOWN_TYPE + counts.merge(type, 1, Integer::sum)), 1,
                    Activation.LINEAR);
        }
        String defaultName = defaultName(type, counts);
        String name = map.get("name").text("a name").orElse(defaultName);
        Layer layer = switch (type) {
            case "activation" -> activationLayer(name, map);
            case "dropout" -> dropout(name, map);
            case "batch_normalization" -> new BatchNormalization(name, map.get("momentum").number(Range.between(0, 1), 0.99f),
                    map.get("epsilon").number(Range.NOT_NEGATIVE, 0.001f), map.get("center").truth(true),
                    map.get("scale").truth(true));
            default -> dense(name, map);
        };
        map.refuseUnknownKeys();
        return layer;
    }

    private static String defaultName(String type, Map<String, Integer> counts) {
        int before = counts.merge(type, 1, Integer::sum) - 1;
        return before == 0 ? type : type + "_" + before;
    }

    private static Layer activationLayer(String name, Section map) {
        Value activation = map.get("activation");
        if (!activation.given()) {
            activation.refuse(String.join(", ", activations().keySet()));
        }
        return new ActivationLayer(name, activation.oneOf(activations(), Activation.LINEAR));
    }

    private static Layer dropout(String name, Section map) {
        Value rate = map.get("rate");
        if (!rate.given()) {
            rate.refuse(DROPPED.describe("a number"));
        }
        return new Dropout(name, rate.number(DROPPED, 0), map.get("seed").longInteger(Range.ANY, 0));
    }

    private static Dense dense(String name, Section map) {
        Value units = map.get("units");
        if (!units.given()) {
            units.refuse(UNITS.describe("an integer"));
        }
        return new Dense(name, units.integer(UNITS, 1), map.get("activation").oneOf(activations(), Activation.LINEAR),
                map.get("use_bias").truth(true), initializer(map.get("kernel_initializer"), Initializer.GLOROT_UNIFORM),
                biasInitializer(map.get("bias_initializer")), regularizer(map.get("kernel_regularizer")),
                regularizer(map.get("bias_regularizer")), constraint(map.get("kernel_constraint")),
                constraint(map.get("bias_constraint")));
    }

    private static Constraint constraint(Value value) {
        if (!value.given()) {
            return Constraint.NONE;
        }
        Section map = value.named();
        Value nameValue = map.get("name");
        String names = String.join(", ", KerasNames.constraintNames());
        Optional<Constraint> keras = nameValue.text(names).map(LayerGrammar::snakeCase).flatMap(KerasNames::constraint);
        if (keras.isEmpty()) {
            if (nameValue.isText() || (!nameValue.given() && value.isMap())) {
                nameValue.refuse(names);
            }
            return Constraint.NONE;
        }
        Constraint constraint = switch (keras.get()) {
            case Constraint.None c -> c;
            case Constraint.NonNegative c -> c;
            case Constraint.UnitNorm c -> c;
            case Constraint.MaxNorm c -> new Constraint.MaxNorm(map.get("max_value").number(Range.NOT_NEGATIVE, c.maxValue()));
            case Constraint.MinMaxNorm c -> minMaxNorm(map, c);
        };
        map.refuseUnknownKeys();
        return constraint;
    }

    private static Constraint minMaxNorm(Section map, Constraint.MinMaxNorm keras) {
        Value max = map.get("max_value");
        float minValue = map.get("min_value").number(Range.NOT_NEGATIVE, keras.minValue());
        float maxValue = max.number(Range.NOT_NEGATIVE, keras.maxValue());
        float rate = map.get("rate").number(Range.between(0, 1), keras.rate());
        if (minValue > maxValue) {
            max.problems().add(max.path(), Float.toString(maxValue), "at least min_value, which is " + minValue);
            return keras;
        }
        return new Constraint.MinMaxNorm(minValue, maxValue, rate);
    }

    private static JsonNode write(Constraint constraint) {
        return switch (constraint) {
            case Constraint.None _ -> NODES.nullNode();
            case Constraint.NonNegative _ -> NODES.stringNode("non_neg");
            case Constraint.UnitNorm _ -> NODES.stringNode("unit_norm");
            case Constraint.MaxNorm c -> NODES.objectNode().put("name", "max_norm").put("max_value", c.maxValue());
            case Constraint.MinMaxNorm c -> NODES.objectNode().put("name", "min_max_norm").put("min_value", c.minValue())
                    .put("max_value", c.maxValue()).put("rate", c.rate());
        };
    }

    private static Initializer biasInitializer(Value value) {
        Initializer initializer = initializer(value, Initializer.ZEROS);
        if (initializer instanceof Initializer.Orthogonal || initializer instanceof Initializer.Identity) {
            value.problems().add(value.path(), initializer instanceof Initializer.Orthogonal ? "orthogonal" : "identity",
                    "any initializer but orthogonal and identity, which need a matrix, and a bias is a vector");
            return Initializer.ZEROS;
        }
        return initializer;
    }

    static Initializer initializer(Value value, Initializer fallback) {
        if (!value.given()) {
            return fallback;
        }
        Section map = value.named();
        Value nameValue = map.get("name");
        List<String> names = KerasNames.initializerNames();
        Optional<String> name = nameValue.text(String.join(", ", names)).map(LayerGrammar::snakeCase).filter(names::contains);
        if (name.isEmpty()) {
            if (nameValue.isText() || (!nameValue.given() && value.isMap())) {
                nameValue.refuse(String.join(", ", names));
            }
            return fallback;
        }
        Initializer initializer = initializer(map, name.get(), KerasNames.initializer(name.get()).orElse(fallback));
        map.refuseUnknownKeys();
        return initializer;
    }

    private static Initializer initializer(Section map, String name, Initializer keras) {
        return switch (keras) {
            case Initializer.Constant d ->
                name.equals("constant") ? new Initializer.Constant(map.get("value").number(Range.ANY, d.value())) : d;
            case Initializer.RandomNormal d -> new Initializer.RandomNormal(map.get("mean").number(Range.ANY, d.mean()),
                    map.get("stddev").number(Range.NOT_NEGATIVE, d.stddev()));
            case Initializer.TruncatedNormal d -> new Initializer.TruncatedNormal(map.get("mean").number(Range.ANY, d.mean()),
                    map.get("stddev").number(Range.NOT_NEGATIVE, d.stddev()));
            case Initializer.RandomUniform d -> uniform(map, d);
            case Initializer.VarianceScaling d -> name.equals("variance_scaling")
                    ? new Initializer.VarianceScaling(map.get("scale").number(Range.POSITIVE, d.scale()),
                            map.get("mode").oneOf(lowerCase(Initializer.Mode.values()), d.mode()),
                            map.get("distribution").oneOf(lowerCase(Initializer.Distribution.values()), d.distribution()))
                    : d;
            case Initializer.Orthogonal d -> new Initializer.Orthogonal(map.get("gain").number(Range.ANY, d.gain()));
            case Initializer.Identity d -> new Initializer.Identity(map.get("gain").number(Range.ANY, d.gain()));
        };
    }

    private static Initializer uniform(Section map, Initializer.RandomUniform keras) {
        Value max = map.get("maxval");
        float minval = map.get("minval").number(Range.ANY, keras.minval());
        float maxval = max.number(Range.ANY, keras.maxval());
        if (minval > maxval) {
            max.problems().add(max.path(), Float.toString(maxval), "at least minval, which is " + minval);
            return keras;
        }
        return new Initializer.RandomUniform(minval, maxval);
    }

    static JsonNode write(Initializer initializer) {
        for (String name : KerasNames.initializerNames()) {
            // A default of Keras may change; a name stands for its value only where it has no parameters.
            boolean fixed = name.equals("zeros") || name.equals("ones") || name.matches("(glorot|he|lecun)_.*");
            if (fixed && KerasNames.initializer(name).filter(initializer::equals).isPresent()) {
                return NODES.stringNode(name);
            }
        }
        ObjectNode map = NODES.objectNode();
        switch (initializer) {
            case Initializer.Constant i -> map.put("name", "constant").put("value", i.value());
            case Initializer.RandomNormal i -> map.put("name", "random_normal").put("mean", i.mean()).put("stddev", i.stddev());
            case Initializer.RandomUniform i -> map.put("name", "random_uniform").put("minval", i.minval()).put("maxval", i.maxval());
            case Initializer.TruncatedNormal i -> map.put("name", "truncated_normal").put("mean", i.mean()).put("stddev", i.stddev());
            case Initializer.VarianceScaling i -> map.put("name", "variance_scaling").put("scale", i.scale())
                    .put("mode", lowerCase(i.mode())).put("distribution", lowerCase(i.distribution()));
            case Initializer.Orthogonal i -> map.put("name", "orthogonal").put("gain", i.gain());
            case Initializer.Identity i -> map.put("name", "identity").put("gain", i.gain());
        }
        return map;
    }

    static Regularizer regularizer(Value value) {
        if (!value.given()) {
            return Regularizer.NONE;
        }
        if (value.isText()) {
            Map<String, Regularizer> names = new LinkedHashMap<>();
            names.put("l1", new Regularizer(KERAS_FACTOR, 0));
            names.put("l2", new Regularizer(0, KERAS_FACTOR));
            names.put("l1_l2", Regularizer.NONE);
            return value.oneOf(names, Regularizer.NONE);
        }
        if (!value.isMap()) {
            value.refuse("l1, l2, l1_l2, or a map with l1 and l2");
            return Regularizer.NONE;
        }
        Section map = value.section();
        Regularizer regularizer = new Regularizer(map.get("l1").number(Range.NOT_NEGATIVE, 0),
                map.get("l2").number(Range.NOT_NEGATIVE, 0));
        map.refuseUnknownKeys();
        return regularizer;
    }

    private static JsonNode write(Regularizer regularizer) {
        return NODES.objectNode().put("l1", regularizer.l1()).put("l2", regularizer.l2());
    }

    /** Keras also knows each thing by its class name: {@code GlorotUniform} is {@code glorot_uniform}. */
    static String snakeCase(String name) {
        return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static <E extends Enum<E>> Map<String, E> lowerCase(E[] constants) {
        Map<String, E> names = new LinkedHashMap<>();
        for (E constant : constants) {
            names.put(lowerCase(constant), constant);
        }
        return names;
    }
}
