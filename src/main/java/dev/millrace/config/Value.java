package dev.millrace.config;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A value of a configuration tree, with its path. Each reading method returns the value in the wanted type or, after reporting
 * what is wrong, a fallback that is valid, so that reading goes on and finds the next mistake.
 *
 * @param node a missing node if the key is absent; null counts as absent
 */
record Value(String path, JsonNode node, Problems problems) {
    /** YAML takes {@code 1e-3} for text because it has no point. */
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d{1,300}(\\.\\d{0,300})?|\\.\\d{1,300})([eE][-+]?\\d{1,4})?");

    boolean given() {
        return !node.isMissingNode() && !node.isNull();
    }

    boolean isText() {
        return node.isString();
    }

    boolean isMap() {
        return node.isObject();
    }

    /** Reports that this value should have been something else. */
    void refuse(String allowed) {
        problems.add(path, Problems.show(node), allowed);
    }

    /** A map; an absent one is empty. */
    Section section() {
        if (given() && !isMap()) {
            refuse("a map");
        }
        return new Section(path, isMap() ? (ObjectNode) node : JsonNodeFactory.instance.objectNode(), path + ".name", problems);
    }

    /** A map with a {@code name}, or the name alone, as Keras takes both. */
    Section named() {
        if (isText()) {
            return new Section(path, JsonNodeFactory.instance.objectNode().set("name", node), path, problems);
        }
        if (given() && !isMap()) {
            refuse("a name or a map with a name");
            return new Section(path, JsonNodeFactory.instance.objectNode(), path, problems);
        }
        return section();
    }

    /** The elements of a list; none if it is absent. */
    List<Value> elements(String allowed) {
        List<Value> elements = new ArrayList<>();
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                elements.add(new Value(path + "[" + i + "]", node.get(i), problems));
            }
        } else if (given()) {
            refuse(allowed);
        }
        return elements;
    }

    /** Text that is not empty; empty if absent or wrong. */
    Optional<String> text(String allowed) {
        if (!given()) {
            return Optional.empty();
        }
        if (!isText() || node.stringValue().isBlank()) {
            refuse(allowed);
            return Optional.empty();
        }
        return Optional.of(node.stringValue());
    }

    /** Text that must be there. */
    String required(String allowed) {
        if (!given()) {
            refuse(allowed);
        }
        return text(allowed).orElse("?");
    }

    /** Text, or an integer or truth value as text: what a category or class is called. */
    Optional<String> category() {
        if (node.isIntegralNumber() || node.isBoolean()) {
            return Optional.of(node.asString());
        }
        if (!isText()) {
            refuse("text, an integer, true or false");
            return Optional.empty();
        }
        return Optional.of(node.stringValue());
    }

    /** One of some named things. */
    <T> T oneOf(Map<String, T> choices, T fallback) {
        if (!given()) {
            return fallback;
        }
        T chosen = isText() ? choices.get(node.stringValue()) : null;
        if (chosen == null) {
            refuse(String.join(", ", choices.keySet()));
            return fallback;
        }
        return chosen;
    }

    boolean truth(boolean fallback) {
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (given()) {
            refuse("true or false");
        }
        return fallback;
    }

    int integer(Range range, int fallback) {
        return (int) whole(range, Integer.SIZE, fallback);
    }

    long longInteger(Range range, long fallback) {
        return whole(range, Long.SIZE, fallback);
    }

    private long whole(Range range, int bits, long fallback) {
        if (!given()) {
            return fallback;
        }
        if (node.isIntegralNumber()) {
            BigInteger value = node.bigIntegerValue();
            if (value.bitLength() < bits && range.contains(value.doubleValue())) {
                return value.longValue();
            }
        }
        refuse(range.describe("an integer"));
        return fallback;
    }

    /** A float, rounded once from the decimal digits that were written. */
    float number(Range range, float fallback) {
        return number(range, range.describe("a number"), fallback);
    }

    /** A {@link #number(Range, float)} of which something more is to be said than its range. */
    float number(Range range, String allowed, float fallback) {
        Optional<String> digits = digits();
        if (digits.isPresent()) {
            float value = Float.parseFloat(digits.get());
            if (range.contains(value) && !Float.isInfinite(value)) {
                return value;
            }
        }
        if (given()) {
            refuse(allowed);
        }
        return fallback;
    }

    double doubleNumber(Range range, double fallback) {
        Optional<String> digits = digits();
        if (digits.isPresent()) {
            double value = Double.parseDouble(digits.get());
            if (range.contains(value)) {
                return value;
            }
        }
        if (given()) {
            refuse(range.describe("a number"));
        }
        return fallback;
    }

    /**
     * Decimal digits of a number. The shortest decimal form of a double is the decimal that was written if that had no more than
     * 15 digits, so a float written with its own shortest form comes back bit for bit.
     */
    private Optional<String> digits() {
        if (node.isNumber()) {
            return Optional.of(node.isBigDecimal() ? new BigDecimal(node.asString()).toString() : node.asString());
        }
        return isText() && NUMBER.matcher(node.stringValue()).matches() ? Optional.of(node.stringValue()) : Optional.empty();
    }
}
