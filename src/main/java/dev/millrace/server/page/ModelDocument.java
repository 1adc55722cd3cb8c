package dev.millrace.server.page;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.LearnerJson;
import dev.millrace.config.TopicNames;
import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.RecordSchema;
import dev.millrace.nn.ActivationLayer;
import dev.millrace.nn.BatchNormalization;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Dropout;
import dev.millrace.nn.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The event {@code model}: what a learner is, which does not change while it runs. */
final class ModelDocument {
    private ModelDocument() {
    }

    static ObjectNode of(ApplicationConfig config) {
        LearnerSpec spec = config.learner();
        ObjectNode json = Json.object().put("name", config.name());
        label(json.putObject("label"), spec.label());
        ArrayNode inputs = json.putArray("inputs");
        columns(spec).forEach(inputs::add);
        ArrayNode features = json.putArray("features");
        spec.features().forEach(feature -> features.add(feature.name()));
        layers(json.putArray("layers"), spec);
        fields(json.putArray("fields"), spec);
        ObjectNode training = json.putObject("training").put("batch_size", spec.batchSize()).put("window", spec.window())
                .put("loss", spec.training().loss().kerasName());
        JsonNode written = LearnerJson.write(spec).path("training").path("optimizer");
        training.set("optimizer", written);
        topics(json.putObject("topics"), config.topics());
        return json;
    }

    /** A name for each input of the network. */
    static List<String> columns(LearnerSpec spec) {
        List<String> columns = new ArrayList<>();
        for (Feature feature : spec.features()) {
            switch (feature) {
                case Feature.OneHot oneHot -> oneHot.vocabulary().forEach(word -> columns.add(oneHot.name() + " = " + word));
                case Feature.Cyclical cyclical -> {
                    columns.add(cyclical.name() + " (sine)");
                    columns.add(cyclical.name() + " (cosine)");
                }
                case Feature.Vector vector -> {
                    for (int i = 0; i < vector.width(); i++) {
                        columns.add(vector.name() + "[" + i + "]");
                    }
                }
                case Feature.Pick _,Feature.Ratio _,Feature.Product _,Feature.Difference _,Feature.Log1p _ -> columns.add(feature.name());
            }
        }
        return columns;
    }

    private static void label(ObjectNode json, Label label) {
        json.put("field", label.field());
        switch (label) {
            case Label.Regression regression ->
                json.put("kind", "regression").put("scale", regression.scale()).put("width", regression.width());
            case Label.Classification classification -> {
                json.put("kind", "classification");
                ArrayNode classes = json.putArray("classes");
                classification.classes().forEach(classes::add);
            }
        }
    }

    private static void layers(ArrayNode json, LearnerSpec spec) {
        int width = spec.network().inputs();
        for (Layer layer : spec.network().layers()) {
            String detail = switch (layer) {
                case Dense dense -> dense.activation().kerasName();
                case ActivationLayer own -> own.activation().kerasName();
                case Dropout dropout -> "rate " + dropout.rate();
                case BatchNormalization _ -> "";
            };
            int outputs = layer.outputs(width);
            json.addObject().put("name", layer.name()).put("class", layer.kerasClass()).put("inputs", width).put("units", outputs)
                    .put("detail", detail).put("parameters", layer.parameterCount(width)).put("trainable", layer.trainableCount(width));
            width = outputs;
        }
    }

    /** What a record asks with, for the form. */
    private static void fields(ArrayNode json, LearnerSpec spec) {
        for (RecordSchema.Field field : new RecordSchema(spec).fields()) {
            if (!field.label() && !spec.weight().equals(Optional.of(field.name()))) {
                ObjectNode one = json.addObject().put("name", field.name()).put("number", field.number() || field.array())
                        .put("width", field.array() ? field.width() : 1);
                ArrayNode words = one.putArray("words");
                spec.features().stream().filter(feature -> feature instanceof Feature.OneHot oneHot && oneHot.field().equals(field.name()))
                        .flatMap(feature -> ((Feature.OneHot) feature).vocabulary().stream()).distinct().forEach(words::add);
            }
        }
    }

    private static void topics(ObjectNode json, TopicNames topics) {
        json.put("features", topics.features()).put("predictions", topics.predictions()).put("snapshots", topics.snapshots())
                .put("dead_letters", topics.deadLetters());
    }
}
