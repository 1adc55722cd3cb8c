package dev.millrace.config;

import dev.millrace.nn.Activation;
import dev.millrace.nn.Layer;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Presets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.databind.node.MissingNode;

/**
 * The section {@code model} as it is written.
 *
 * @param value the whole section
 * @param kind how the network is given
 * @param given the layers, or none of a preset
 * @param vocabulary another way to say {@code label.classes}, of a preset
 * @param weightColumn another way to say {@code weight}, of a preset
 */
record ModelSection(Value value, Kind kind, List<Layer> given, List<Integer> hiddenUnits, Activation activation, Value classesValue,
        OptionalInt classes, int labelDimension, float dropout, boolean batchNorm, Value vocabulary, Value weightColumn) {
    /** Ways to give a network. */
    enum Kind {
        LAYERS, DNN_REGRESSOR, DNN_CLASSIFIER,
        /** Not or wrongly given, and reported. */
        UNKNOWN
    }

    private static final String ALLOWED = "preset (dnn_regressor or dnn_classifier) with hidden_units, or layers";
    private static final Range CLASSES = Range.between(2, 1_000_000);

    static ModelSection read(Value value) {
        Section map = value.section();
        boolean preset = map.has("preset");
        boolean layers = map.has("layers");
        if (!value.given() || (value.isMap() && preset == layers)) {
            value.problems().add(value.path(), preset ? "both preset and layers" : found(map, value), ALLOWED);
        }
        if (preset == layers) {
            return new ModelSection(value, Kind.UNKNOWN, List.of(), List.of(), Activation.RELU, value, OptionalInt.empty(), 1, 0, false,
                    absent(value), absent(value));
        }
        return layers ? readLayers(value, map) : readPreset(value, map);
    }

    /** A section that names a file whose layers have been read; none if it could not be read, which has been reported. */
    static ModelSection ofFile(Value value, List<Layer> layers) {
        Section map = value.section();
        map.get("keras");
        map.refuseUnknownKeys();
        return new ModelSection(value, layers.isEmpty() ? Kind.UNKNOWN : Kind.LAYERS, layers, List.of(), Activation.RELU, value,
                OptionalInt.empty(), 1, 0, false, absent(value), absent(value));
    }

    private static String found(Section map, Value value) {
        return map.keys().isEmpty() ? Problems.show(value.node()) : "only " + String.join(", ", map.keys());
    }

    private static ModelSection readLayers(Value value, Section map) {
        List<Layer> layers = LayerGrammar.read(map.get("layers"));
        map.refuseUnknownKeys();
        return new ModelSection(value, layers.isEmpty() ? Kind.UNKNOWN : Kind.LAYERS, layers, List.of(), Activation.RELU, value,
                OptionalInt.empty(), 1, 0, false, absent(value), absent(value));
    }

    private static ModelSection readPreset(Value value, Section map) {
        Map<String, Kind> presets = new LinkedHashMap<>();
        presets.put("dnn_regressor", Kind.DNN_REGRESSOR);
        presets.put("dnn_classifier", Kind.DNN_CLASSIFIER);
        Kind kind = map.get("preset").oneOf(presets, Kind.UNKNOWN);
        Value unitsValue = map.get("hidden_units");
        String unitsAllowed = "the units of each hidden layer, such as [64, 32]; [] for a linear model";
        if (!unitsValue.given()) {
            unitsValue.refuse(unitsAllowed);
        }
        List<Integer> units = new ArrayList<>();
        for (Value element : unitsValue.elements(unitsAllowed)) {
            if (!element.given()) {
                element.refuse(LayerGrammar.UNITS.describe("an integer"));
            }
            units.add(element.integer(LayerGrammar.UNITS, 1));
        }
        Activation activation = map.get("activation_fn").oneOf(LayerGrammar.activations(), Activation.RELU);
        Value classes = kind == Kind.DNN_REGRESSOR ? absent(value) : map.get("n_classes");
        Value dimension = kind == Kind.DNN_CLASSIFIER ? absent(value) : map.get("label_dimension");
        OptionalInt nClasses = classes.given() ? OptionalInt.of(classes.integer(CLASSES, 2)) : OptionalInt.empty();
        int labelDimension = dimension.integer(LayerGrammar.UNITS, 1);
        float dropout = map.get("dropout").number(LayerGrammar.DROPPED, 0);
        boolean batchNorm = map.get("batch_norm").truth(false);
        Value vocabulary = kind == Kind.DNN_REGRESSOR ? absent(value) : map.get("label_vocabulary");
        Value weightColumn = map.get("weight_column");
        map.refuseUnknownKeys();
        return new ModelSection(value, kind, List.of(), units, activation, classes, nClasses, labelDimension, dropout, batchNorm,
                vocabulary, weightColumn);
    }

    /** The value of a key that the chosen preset does not have. */
    private static Value absent(Value section) {
        return new Value(section.path(), MissingNode.getInstance(), section.problems());
    }

    boolean isPreset() {
        return kind == Kind.DNN_REGRESSOR || kind == Kind.DNN_CLASSIFIER;
    }

    /** Presets end in a linear layer, so their cross-entropies start from logits. */
    boolean logitsByDefault() {
        return kind == Kind.DNN_CLASSIFIER;
    }

    /** The layers, of a preset with that many outputs; none if the section is wrong. */
    List<Layer> layers(int outputs) {
        if (!isPreset()) {
            return given;
        }
        NetworkSpec network = Presets.dnnRegressor(1, hiddenUnits, activation, outputs, dropout, batchNorm);
        return network.layers();
    }
}
