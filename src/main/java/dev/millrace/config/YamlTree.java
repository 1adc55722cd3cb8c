package dev.millrace.config;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads one YAML document into a tree. Unlike Jackson's own reader it resolves aliases (of maps and lists; the parser does
 * not tell the anchors of single values), reports every duplicate key, and keeps
 * the digits of what stands under {@code kafka:}, where {@code 0123} may be a password. Nesting and the size of the tree with
 * all aliases expanded are bounded, so that a small file cannot become a large tree.
 */
final class YamlTree {
    private static final String KAFKA = "kafka";
    private static final int MAX_DEPTH = 50;
    private static final int MAX_NODES = 100_000;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final YAMLFactory FACTORY = YAMLFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build()).build();

    private record Anchored(JsonNode node, int size) {
    }

    private final JsonParser parser;
    private final Problems problems;
    private final Map<String, Anchored> anchors = new HashMap<>();
    private int nodes;

    private YamlTree(JsonParser parser, Problems problems) {
        this.parser = parser;
        this.problems = problems;
    }

    /** The document, or nothing after reporting that it cannot be read; an empty document is null. */
    static Optional<JsonNode> read(String text, Problems problems) {
        return read(text, "", problems);
    }

    /** The same for text that stands at a path of a larger tree. */
    static Optional<JsonNode> read(String text, String path, Problems problems) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            YamlTree tree = new YamlTree(parser, problems);
            if (parser.nextToken() == null) {
                return Optional.of(NODES.nullNode());
            }
            JsonNode root = tree.value(path, path.equals(KAFKA));
            if (parser.nextToken() != null) {
                throw tree.refused("a second document", "one YAML document");
            }
            return Optional.of(root);
        } catch (RefusedException refused) {
            problems.add(refused.place, refused.found, refused.allowed);
        } catch (JacksonException e) {
            problems.add(place(e), describe(e), "YAML that can be read");
        }
        return Optional.empty();
    }

    private JsonNode value(String path, boolean verbatim) {
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            return alias();
        }
        Object anchor = parser.getObjectId();
        int before = nodes;
        count(1);
        JsonNode node = switch (parser.currentToken()) {
            case START_OBJECT -> map(path, verbatim);
            case START_ARRAY -> list(path, verbatim);
            case VALUE_NULL -> NODES.nullNode();
            case VALUE_STRING -> NODES.stringNode(parser.getString());
            case VALUE_TRUE, VALUE_FALSE -> verbatim ? NODES.stringNode(parser.getString()) : NODES.booleanNode(parser.getBooleanValue());
            case VALUE_NUMBER_INT -> verbatim ? NODES.stringNode(parser.getString()) : integer(parser.getBigIntegerValue());
            case VALUE_NUMBER_FLOAT -> verbatim ? NODES.stringNode(parser.getString()) : NODES.numberNode(parser.getDoubleValue());
            default -> throw refused("a value of a type of its own", "text, numbers, true, false, lists and maps");
        };
        if (anchor != null) {
            anchors.put(anchor.toString(), new Anchored(node, nodes - before));
        }
        return node;
    }

    private ObjectNode map(String path, boolean verbatim) {
        ObjectNode map = NODES.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            TokenStreamLocation place = parser.currentTokenLocation();
            String keyPath = path.isEmpty() ? key : path + "." + key;
            parser.nextToken();
            JsonNode value = value(keyPath, verbatim || keyPath.equals(KAFKA));
            if (map.has(key)) {
                problems.add(keyPath, "the key again in " + describe(place.getLineNr(), place.getColumnNr()), "each key once");
            } else {
                map.set(key, value);
            }
        }
        return map;
    }

    private ArrayNode list(String path, boolean verbatim) {
        ArrayNode list = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(path + "[" + list.size() + "]", verbatim));
        }
        return list;
    }

    private JsonNode alias() {
        String name = parser.getString();
        Anchored anchored = anchors.get(name);
        if (anchored == null) {
            throw refused("the alias *" + name, "an alias of a map or list that stands whole before it");
        }
        count(anchored.size());
        return anchored.node().deepCopy();
    }

    private static JsonNode integer(BigInteger value) {
        return value.bitLength() < Long.SIZE ? NODES.numberNode(value.longValue()) : NODES.numberNode(value);
    }

    private void count(int more) {
        nodes += more;
        if (nodes > MAX_NODES) {
            throw refused("more than " + MAX_NODES + " values, aliases expanded", "a smaller configuration");
        }
    }

    private RefusedException refused(String found, String allowed) {
        TokenStreamLocation place = parser.currentTokenLocation();
        return new RefusedException(describe(place.getLineNr(), place.getColumnNr()), found, allowed);
    }

    /** YAML's own words for a syntax error; the rest of the library's message quotes the file, which may hold secrets. */
    private static String describe(JacksonException e) {
        if (e.getCause() instanceof MarkedYamlEngineException marked && marked.getProblem() != null) {
            // SnakeYAML says "found character …" itself.
            return marked.getProblem().replaceFirst("^found ", "");
        }
        return e instanceof tools.jackson.core.exc.StreamConstraintsException
                ? "nesting deeper than " + MAX_DEPTH
                : "a value that is not YAML";
    }

    private static String place(JacksonException e) {
        if (e.getCause() instanceof MarkedYamlEngineException marked) {
            Optional<Mark> mark = marked.getProblemMark();
            if (mark.isPresent()) {
                return describe(mark.get().getLine() + 1, mark.get().getColumn() + 1);
            }
        }
        TokenStreamLocation place = e.getLocation();
        return place == null ? "the text" : describe(place.getLineNr(), place.getColumnNr());
    }

    private static String describe(int line, int column) {
        return "line " + line + ", column " + column;
    }

    /** Ends the reading of a document that is well-formed and still unacceptable. */
    private static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String place;
        private final String found;
        private final String allowed;

        RefusedException(String place, String found, String allowed) {
            super(found, null, false, false);
            this.place = place;
            this.found = found;
            this.allowed = allowed;
        }
    }
}
