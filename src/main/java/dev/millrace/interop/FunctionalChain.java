package dev.millrace.interop;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A functional model is a chain, and so a {@code Sequential}, if each layer reads the one before it and the last one answers. */
final class FunctionalChain {
    private FunctionalChain() {
    }

    /** @throws ModelFileException if the layers are anything but a chain */
    static void require(JsonPlace config, List<JsonPlace> layers) {
        for (int i = 0; i < layers.size(); i++) {
            JsonPlace inbound = layers.get(i).get("inbound_nodes");
            List<String> sources = sources(inbound);
            boolean first = i == 0 && sources.isEmpty();
            String before = i == 0 ? "" : name(layers.get(i - 1));
            if (!first && !sources.equals(List.of(before))) {
                throw new ModelFileException(inbound.path(), "the layer reads " + sources + ", allowed: the layer before it, "
                        + (before.isEmpty() ? "or nothing" : before) + "; models with branches are not supported");
            }
        }
        if (!layers.isEmpty()) {
            requireOnly(config.get("input_layers"), name(layers.getFirst()), "first");
            requireOnly(config.get("output_layers"), name(layers.getLast()), "last");
        }
    }

    private static void requireOnly(JsonPlace ends, String layer, String which) {
        List<String> names = sources(ends);
        if (ends.given() && !names.equals(List.of(layer))) {
            throw new ModelFileException(ends.path(), "found " + names + ", allowed: the " + which + " layer, " + layer);
        }
    }

    private static String name(JsonPlace layer) {
        return layer.get("config").get("name").optionalText().orElse("");
    }

    private static List<String> sources(JsonPlace place) {
        List<String> sources = new ArrayList<>();
        collect(place.node(), sources);
        return sources;
    }

    /** Keras 3 names a source in {@code keras_history}, Keras 2 as a list of name, node, tensor and arguments. */
    private static void collect(JsonNode node, List<String> sources) {
        if (node.isArray() && node.size() >= 3 && node.path(0).isString() && node.path(1).isInt()) {
            sources.add(node.path(0).stringValue());
        } else {
            node.forEach(child -> collect(child, sources));
        }
    }
}
