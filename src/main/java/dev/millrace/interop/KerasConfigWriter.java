package dev.millrace.interop;

import dev.millrace.config.KerasJson;
import dev.millrace.nn.Activation;
import dev.millrace.nn.ActivationLayer;
import dev.millrace.nn.BatchNormalization;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Dropout;
import dev.millrace.nn.Layer;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingSpec;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A model's configuration as Keras 3 writes it, and the same in the words of Keras 2. */
final class KerasConfigWriter {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    /** For models that were not compiled; taken out again. */
    private static final TrainingSpec ANY = new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE,
            new Optimizer.Sgd(new LearningRate.Constant(0.01f), 0, false, Clipping.NONE));

    private KerasConfigWriter() {
    }

    /** Keras 3's {@code config.json}: {@code config.KerasJson} with the normalization. */
    static ObjectNode keras3(KerasModel model) {
        ObjectNode json = KerasJson.write(model.name(), model.network(), model.training().orElse(ANY));
        if (model.training().isEmpty()) {
            json.remove("compile_config");
        }
        model.normalization().ifPresent(normalization -> {
            requireFreeName(model, normalization.name());
            ArrayNode layers = (ArrayNode) json.path("config").path("layers");
            layers.insert(1, normalization(normalization, layers.path(1).path("config").path("dtype")));
        });
        return json;
    }

    private static void requireInKeras2(Layer layer) {
        Activation activation = switch (layer) {
            case Dense dense -> dense.activation();
            case ActivationLayer own -> own.activation();
            case BatchNormalization _,Dropout _ -> Activation.LINEAR;
        };
        if (activation == Activation.HARD_SIGMOID || activation == Activation.HARD_SILU) {
            throw new ModelFileException("config", "layer " + layer.name() + " has the activation " + activation.kerasName()
                    + ", which is another function in Keras 2, whose layout .h5 is written in; write .keras");
        }
    }

    private static void requireFreeName(KerasModel model, String name) {
        if (model.network().layers().stream().anyMatch(layer -> layer.name().equals(name))) {
            throw new ModelFileException("config", "a layer is named " + name + ", which the layer before the first is to be");
        }
    }

    /** With the statistics in the configuration the layer has no weights, so that no format has to number them. */
    private static ObjectNode normalization(Normalization normalization, JsonNode dtype) {
        ObjectNode layer = NODES.objectNode().put("module", "keras.layers").put("class_name", "Normalization");
        ObjectNode config = layer.putObject("config").put("name", normalization.name()).put("trainable", true);
        config.set("dtype", dtype.deepCopy());
        config.putArray("axis").add(-1);
        config.put("invert", false);
        ArrayNode mean = config.putArray("mean");
        ArrayNode variance = config.putArray("variance");
        for (int i = 0; i < normalization.mean().length; i++) {
            mean.add(normalization.mean()[i]);
            variance.add(normalization.variance()[i]);
        }
        layer.putNull("registered_name");
        ArrayNode shape = layer.putObject("build_config").putArray("input_shape");
        shape.addNull().add(normalization.mean().length);
        return layer;
    }

    /** Keras 2's {@code model_config}. */
    static ObjectNode keras2(KerasModel model) {
        model.network().layers().forEach(KerasConfigWriter::requireInKeras2);
        ObjectNode json = keras3(model);
        ObjectNode config = NODES.objectNode().put("name", model.name());
        ArrayNode layers = config.putArray("layers");
        json.path("config").path("layers").forEach(layer -> layers.add(object2(layer)));
        ObjectNode model2 = NODES.objectNode().put("class_name", "Sequential");
        model2.set("config", config);
        return model2;
    }

    /** Keras 2's {@code training_config}; call for compiled models only. */
    static ObjectNode training2(KerasModel model) {
        JsonNode compile = keras3(model).path("compile_config");
        ObjectNode training = NODES.objectNode();
        training.set("loss", value2(compile.path("loss")));
        // Those of Keras 3, word for word: what is kept for others must come back as it was.
        training.set("metrics", compile.path("metrics"));
        training.set("weighted_metrics", compile.path("weighted_metrics"));
        training.putNull("loss_weights");
        ObjectNode optimizer = object2(compile.path("optimizer"));
        ObjectNode config = (ObjectNode) optimizer.path("config");
        // Keras 3 looks a schedule up by its module, also in this format; Keras 2 does not mind.
        config.set("learning_rate", compile.path("optimizer").path("config").path("learning_rate"));
        // Keras 2 refuses arguments that came later, where they say nothing too, and DL4J needs the decay.
        config.remove(List.of("use_ema", "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps"));
        config.properties().removeIf(entry -> entry.getValue().isNull());
        if (OptimizerVariables.isOfKeras210(model.training().orElseThrow().optimizer())) {
            config.put("decay", 0.0);
        }
        training.set("optimizer_config", optimizer);
        return training;
    }

    private static ObjectNode object2(JsonNode object3) {
        ObjectNode object = NODES.objectNode().put("class_name", object3.path("class_name").asString(""));
        ObjectNode config = object.putObject("config");
        object3.path("config").properties().forEach(entry -> {
            boolean shape = entry.getKey().equals("batch_shape");
            JsonNode value = value2(entry.getValue());
            if (entry.getKey().equals("activation") && value.asString("").equals(Activation.SILU.kerasName())) {
                value = NODES.stringNode("swish"); // its only name before Keras 2.9, and in DL4J
            }
            config.set(shape ? "batch_input_shape" : entry.getKey(), value);
        });
        return object;
    }

    private static JsonNode value2(JsonNode value) {
        if (value.path("class_name").asString("").equals("DTypePolicy")) {
            return NODES.stringNode(value.path("config").path("name").asString("float32"));
        }
        if (value.isArray()) {
            ArrayNode list = NODES.arrayNode();
            value.forEach(element -> list.add(value2(element)));
            return list;
        }
        if (value.path("class_name").asString("").matches("L1|L2|L1L2")) {
            return regularizer2(value.path("config"));
        }
        return value.has("class_name") ? object2(value) : value.deepCopy();
    }

    /** Early versions of Keras 2, and DL4J, know this class only. */
    private static ObjectNode regularizer2(JsonNode config) {
        ObjectNode regularizer = NODES.objectNode().put("class_name", "L1L2");
        regularizer.putObject("config").put("l1", config.path("l1").asDouble(0)).put("l2", config.path("l2").asDouble(0));
        return regularizer;
    }
}
