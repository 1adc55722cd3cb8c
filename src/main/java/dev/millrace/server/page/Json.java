package dev.millrace.server.page;

import dev.millrace.learn.Histogram;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How the page's documents write numbers: single precision is enough for a screen, and what is not finite is null. */
final class Json {
    static final JsonMapper MAPPER = JsonMapper.shared();

    private Json() {
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static void put(ObjectNode into, String name, double value) {
        if (Float.isFinite((float) value)) {
            into.put(name, (float) value);
        } else {
            into.putNull(name);
        }
    }

    static void add(ArrayNode into, double value) {
        if (Float.isFinite((float) value)) {
            into.add((float) value);
        } else {
            into.addNull();
        }
    }

    static ArrayNode numbers(float[] values) {
        ArrayNode array = MAPPER.createArrayNode();
        for (float value : values) {
            add(array, value);
        }
        return array;
    }

    static ObjectNode histogram(Histogram histogram) {
        ObjectNode json = object().put("count", histogram.count());
        put(json, "least", histogram.least());
        put(json, "greatest", histogram.greatest());
        put(json, "mean", histogram.mean());
        put(json, "deviation", histogram.deviation());
        ArrayNode bins = json.putArray("bins");
        for (int bin : histogram.bins()) {
            bins.add(bin);
        }
        return json;
    }
}
