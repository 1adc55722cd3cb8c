package dev.millrace.config;

import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The section {@code label} as it is written; whether it is a regression or a classification also depends on model and loss.
 *
 * @param classes if they are written
 */
record LabelSection(Value value, Value scaleValue, String field, double scale, Optional<List<String>> classes) {
    private static final List<String> TWO_CLASSES = List.of("0", "1");

    static LabelSection read(Value value) {
        if (!value.given()) {
            value.refuse("a map with field, and scale or classes");
        }
        Section map = value.section();
        Value fieldValue = map.get("field");
        Value scaleValue = map.get("scale");
        Value classesValue = map.get("classes");
        String field = value.isMap() ? fieldValue.required("the name of a field") : "";
        double scale = scaleValue.doubleNumber(Range.ANY, 1);
        if (scale == 0) {
            scaleValue.refuse("a number that is not 0");
            scale = 1;
        }
        Optional<List<String>> classes = classesValue.given()
                ? Optional.of(FeatureGrammar.categories(classesValue, 2, TWO_CLASSES))
                : Optional.empty();
        map.refuseUnknownKeys();
        return new LabelSection(value, scaleValue, field, scale, classes);
    }

    /** With the classes that a preset calls {@code label_vocabulary}, if it does. */
    LabelSection withVocabulary(Value vocabulary) {
        if (!vocabulary.given()) {
            return this;
        }
        List<String> words = FeatureGrammar.categories(vocabulary, 2, TWO_CLASSES);
        if (classes.isPresent() && !classes.get().equals(words)) {
            vocabulary.refuse("the values of label.classes in their order, or nothing");
        }
        return new LabelSection(value, scaleValue, field, scale, classes.or(() -> Optional.of(words)));
    }

    static JsonNode write(Label label) {
        ObjectNode map = JsonNodeFactory.instance.objectNode().put("field", label.field());
        switch (label) {
            case Label.Regression regression -> map.put("scale", regression.scale());
            case Label.Classification classification -> {
                ArrayNode classes = map.putArray("classes");
                classification.classes().forEach(classes::add);
            }
        }
        return map;
    }

    /** Reports features that would tell the network what it has to predict. */
    void refuseLabelAmong(List<Feature> features, Value section) {
        for (Feature feature : features) {
            if (FeatureGrammar.fields(feature).contains(field) && !field.equals("?")) {
                value.problems().add(section.path(), "the label's field \"" + field + "\" in feature \"" + feature.name() + "\"",
                        "fields other than label.field");
            }
        }
    }
}
