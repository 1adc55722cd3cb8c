package dev.millrace.config;

import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A map of a configuration tree. Remembers which keys were asked for; the others are unknown. */
final class Section {
    private final String path;
    private final ObjectNode node;
    private final String namePath;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    /** @param namePath where the key {@code name} stands, which may be the section itself (see {@link Value#named}) */
    Section(String path, ObjectNode node, String namePath, Problems problems) {
        this.path = path;
        this.node = node;
        this.namePath = namePath;
        this.problems = problems;
    }

    /** The value of a key, absent or not. Also makes the key a known one. */
    Value get(String key) {
        known.add(key);
        return new Value(key.equals("name") && !path.isEmpty() ? namePath : pathOf(key), node.path(key), problems);
    }

    Set<String> keys() {
        return new LinkedHashSet<>(node.propertyNames());
    }

    boolean has(String key) {
        JsonNode value = node.path(key);
        return !value.isMissingNode() && !value.isNull();
    }

    /** Reports every key that nobody asked for. */
    void refuseUnknownKeys() {
        for (String key : keys()) {
            if (!known.contains(key)) {
                String hint = Nearest.of(key, known).map(near -> " (did you mean " + near + "?)").orElse("");
                problems.add(pathOf(key), "an unknown key" + hint, String.join(", ", known));
            }
        }
    }

    private String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
