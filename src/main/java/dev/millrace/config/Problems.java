package dev.millrace.config;

import dev.millrace.config.ConfigurationException.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Collects mistakes while a configuration is read, so that a user sees all of them at once. */
final class Problems {
    private static final int SHOWN_LENGTH = 60;

    private final List<Problem> list = new ArrayList<>();
    private final Map<String, String> variables = new LinkedHashMap<>();

    void add(String path, String found, String allowed) {
        list.add(new Problem(oneLine(path) + origin(path), oneLine(found), allowed));
    }

    /** Remembers that the value at {@code path} came from an environment variable; its problems then say so. */
    void cameFrom(String path, String variable) {
        variables.put(path, variable);
    }

    boolean isEmpty() {
        return list.isEmpty();
    }

    void throwIfAny(String source) {
        if (!list.isEmpty()) {
            throw new ConfigurationException(source, list);
        }
    }

    /** A value as it is shown to a user: text in quotes, shortened; never what is inside a map or a list. */
    static String show(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return "nothing";
        }
        if (node.isObject()) {
            return "a map";
        }
        if (node.isArray()) {
            return "a list of " + node.size();
        }
        return node.isString() ? "\"" + shorten(node.stringValue()) + "\"" : shorten(node.asString());
    }

    private String origin(String path) {
        for (Map.Entry<String, String> entry : variables.entrySet()) {
            String given = entry.getKey();
            if (path.equals(given) || path.startsWith(given + ".") || path.startsWith(given + "[")) {
                return " (from " + entry.getValue() + ")";
            }
        }
        return "";
    }

    private static String shorten(String text) {
        return text.length() <= SHOWN_LENGTH ? text : text.substring(0, SHOWN_LENGTH) + "…";
    }

    /** Keys and values are the user's; a control character in one must not break up the list. */
    private static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c)) {
                line.append(String.format("\\u%04x", c));
            } else {
                line.appendCodePoint(c);
            }
        });
        return line.toString();
    }
}
