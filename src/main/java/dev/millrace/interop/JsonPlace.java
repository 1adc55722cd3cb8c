package dev.millrace.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A value in a JSON document, with its path. What is asked for and not there is refused with that path; what nobody asks for is
 * ignored, because every version of Keras adds keys.
 */
record JsonPlace(String path, JsonNode node) {
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(100).build()).build()).build();
    private static final int SHOWN = 60;

    static JsonPlace parse(String path, String text) {
        try {
            // Python writes Infinity and NaN where JSON has no word; no model needs them.
            return new JsonPlace(path, JSON.readTree(text));
        } catch (JacksonException e) {
            throw new ModelFileException(path, "not JSON: " + e.getOriginalMessage(), e);
        }
    }

    JsonPlace get(String key) {
        return new JsonPlace(path + "." + key, node.path(key));
    }

    JsonPlace get(int index) {
        return new JsonPlace(path + "[" + index + "]", node.path(index));
    }

    /** The value of the first key that is there; old versions of Keras had other names. */
    JsonPlace any(String... keys) {
        for (String key : keys) {
            if (get(key).given()) {
                return get(key);
            }
        }
        return get(keys[0]);
    }

    /** Whether it is there and not null. */
    boolean given() {
        return !node.isMissingNode() && !node.isNull();
    }

    boolean isText() {
        return node.isString();
    }

    List<JsonPlace> elements() {
        if (!node.isArray()) {
            throw refuse("a list");
        }
        List<JsonPlace> elements = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            elements.add(get(i));
        }
        return elements;
    }

    JsonPlace object() {
        if (!node.isObject()) {
            throw refuse("an object");
        }
        return this;
    }

    String text() {
        if (!node.isString()) {
            throw refuse("a text");
        }
        return node.stringValue();
    }

    Optional<String> optionalText() {
        return given() ? Optional.of(text()) : Optional.empty();
    }

    int integer(int min, int max) {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < min || node.intValue() > max) {
            throw refuse("an integer from " + min + " to " + max);
        }
        return node.intValue();
    }

    boolean truth(boolean fallback) {
        if (!given()) {
            return fallback;
        }
        if (!node.isBoolean()) {
            throw refuse("true or false");
        }
        return node.booleanValue();
    }

    float number(float fallback) {
        return (float) number((double) fallback);
    }

    double number(double fallback) {
        if (!given()) {
            return fallback;
        }
        double value = node.isNumber() ? node.doubleValue() : Double.NaN;
        if (!Double.isFinite(value)) {
            throw refuse("a number");
        }
        return value;
    }

    ModelFileException refuse(String allowed) {
        return new ModelFileException(path, "found " + show() + ", allowed: " + allowed);
    }

    String show() {
        if (!given()) {
            return "nothing";
        }
        if (node.isContainer()) {
            return node.isObject() ? "an object" : "a list";
        }
        String text = node.isString() ? node.stringValue() : node.asString();
        return "\"" + (text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text).replaceAll("\\p{Cntrl}", "?") + "\"";
    }
}
