package dev.millrace.config;

import dev.millrace.learn.Feature;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The section {@code features}: a list of field names and of maps with one transform each. */
final class FeatureGrammar {
    private static final int MAX_WIDTH = 1_000_000;
    private static final String FIELD = "the name of a field";
    private static final String ALLOWED = "a field name, or a map with one of field, ratio, product, difference, log1p, one_hot, "
            + "cyclical, vector";
    private static final List<String> TRANSFORMS = List.of("field", "ratio", "product", "difference", "log1p", "one_hot", "cyclical",
            "vector");

    /** Two fields of a record. */
    private record Pair(String left, String right) {
    }

    private FeatureGrammar() {
    }

    /** Reads the list; at least one feature if nothing was reported. */
    static List<Feature> read(Value list) {
        List<Feature> features = new ArrayList<>();
        if (!list.given() || (list.node().isArray() && list.node().isEmpty())) {
            list.refuse("a list of at least one feature: " + ALLOWED);
        }
        Set<String> names = new HashSet<>();
        for (Value element : list.elements("a list of features: " + ALLOWED)) {
            feature(element).ifPresent(feature -> {
                features.add(feature);
                if (!names.add(feature.name())) {
                    list.problems().add(element.path(), "a second feature named \"" + feature.name() + "\"", "a name of its own");
                }
            });
        }
        return features;
    }

    /** Number of network inputs of all features, which may be more than a network can have. */
    static long width(List<Feature> features) {
        return features.stream().mapToLong(Feature::width).sum();
    }

    /** The fields a feature reads. */
    static Set<String> fields(Feature feature) {
        return switch (feature) {
            case Feature.Pick f -> Set.of(f.field());
            case Feature.Log1p f -> Set.of(f.field());
            case Feature.OneHot f -> Set.of(f.field());
            case Feature.Cyclical f -> Set.of(f.field());
            case Feature.Vector f -> Set.of(f.field());
            case Feature.Ratio f -> new LinkedHashSet<>(List.of(f.numerator(), f.denominator()));
            case Feature.Product f -> new LinkedHashSet<>(List.of(f.left(), f.right()));
            case Feature.Difference f -> new LinkedHashSet<>(List.of(f.left(), f.right()));
        };
    }

    static ArrayNode write(List<Feature> features) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (Feature feature : features) {
            ObjectNode map = list.addObject().put("name", feature.name());
            switch (feature) {
                case Feature.Pick f -> map.put("field", f.field());
                case Feature.Ratio f -> map.putArray("ratio").add(f.numerator()).add(f.denominator());
                case Feature.Product f -> map.putArray("product").add(f.left()).add(f.right());
                case Feature.Difference f -> map.putArray("difference").add(f.left()).add(f.right());
                case Feature.Log1p f -> map.put("log1p", f.field());
                case Feature.OneHot f -> {
                    ArrayNode vocabulary = map.put("one_hot", f.field()).putArray("vocabulary");
                    f.vocabulary().forEach(vocabulary::add);
                }
                case Feature.Cyclical f -> map.put("cyclical", f.field()).put("period", f.period());
                case Feature.Vector f -> map.put("vector", f.field()).put("width", f.width());
            }
        }
        return list;
    }

    private static Optional<Feature> feature(Value value) {
        if (value.isText()) {
            String field = value.required(FIELD);
            return Optional.of(new Feature.Pick(field, field));
        }
        if (!value.isMap()) {
            value.refuse(ALLOWED);
            return Optional.empty();
        }
        Section map = value.section();
        List<String> transforms = TRANSFORMS.stream().filter(map::has).toList();
        if (transforms.size() != 1) {
            value.problems().add(value.path(), transforms.isEmpty() ? noTransform(map) : String.join(" and ", transforms), ALLOWED);
            return Optional.empty();
        }
        Feature feature = feature(map, transforms.getFirst());
        map.refuseUnknownKeys();
        return Optional.of(feature);
    }

    private static String noTransform(Section map) {
        for (String key : map.keys()) {
            Optional<String> near = Nearest.of(key, TRANSFORMS);
            if (near.isPresent() && !key.equals("name")) {
                return "a map with " + key + " (did you mean " + near.get() + "?)";
            }
        }
        return "a map without a transform";
    }

    private static Feature feature(Section map, String transform) {
        Optional<String> given = map.get("name").text("a name");
        Value operand = map.get(transform);
        switch (transform) {
            case "ratio" -> {
                Pair fields = pair(operand);
                return new Feature.Ratio(given.orElse(fields.left() + "_per_" + fields.right()), fields.left(), fields.right());
            }
            case "product" -> {
                Pair fields = pair(operand);
                return new Feature.Product(given.orElse(fields.left() + "_times_" + fields.right()), fields.left(), fields.right());
            }
            case "difference" -> {
                Pair fields = pair(operand);
                return new Feature.Difference(given.orElse(fields.left() + "_minus_" + fields.right()), fields.left(), fields.right());
            }
            default -> {
            }
        }
        String field = operand.required(FIELD);
        return switch (transform) {
            case "log1p" -> new Feature.Log1p(given.orElse("log1p_" + field), field);
            case "one_hot" -> new Feature.OneHot(given.orElse("one_hot_" + field), field,
                    categories(map.get("vocabulary"), 1, List.of("?")));
            case "cyclical" -> new Feature.Cyclical(given.orElse("cyclical_" + field), field, period(map.get("period")));
            case "vector" -> new Feature.Vector(given.orElse(field), field, width(map.get("width")));
            default -> new Feature.Pick(given.orElse(field), field);
        };
    }

    private static Pair pair(Value value) {
        List<Value> fields = value.elements("two fields: [a, b]");
        if (fields.size() != 2) {
            if (!value.given() || value.node().isArray()) {
                value.refuse("two fields: [a, b]");
            }
            return new Pair("?", "?");
        }
        return new Pair(fields.getFirst().required(FIELD), fields.getLast().required(FIELD));
    }

    private static double period(Value value) {
        if (!value.given()) {
            value.refuse("a number > 0, such as 24 for hours or 7 for weekdays");
        }
        return value.doubleNumber(Range.POSITIVE, 1);
    }

    private static int width(Value value) {
        if (!value.given()) {
            value.refuse("the length of the array");
        }
        return value.integer(Range.between(1, MAX_WIDTH), 1);
    }

    /** A list of different categories, at least {@code min}; the fallback if it is not one. */
    static List<String> categories(Value list, int min, List<String> fallback) {
        String allowed = "a list of at least " + min + " different value" + (min == 1 ? "" : "s");
        Set<String> categories = new LinkedHashSet<>();
        for (Value element : list.elements(allowed)) {
            element.category().ifPresent(category -> {
                if (!categories.add(category)) {
                    element.problems().add(element.path(), "\"" + category + "\" again", "each value once");
                }
            });
        }
        if (!list.given() || (list.node().isArray() && list.node().size() < min)) {
            list.refuse(allowed);
        }
        return categories.size() < min ? fallback : List.copyOf(categories);
    }
}
