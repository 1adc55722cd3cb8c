package dev.millrace.cli;

import dev.millrace.demo.CsvObjects;
import dev.millrace.demo.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Records in a file: CSV, or JSON as an array or one value per line. A record is an object, or an array of numbers whose fields
 * are then {@code x0}, {@code x1}, ….
 *
 * @param columns fields of the first record, in order
 */
record DataRows(List<String> columns, List<ObjectNode> rows) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** @throws DataException if the file is missing or broken */
    static DataRows read(Path file, String label) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        List<ObjectNode> rows = name.endsWith(".json") || name.endsWith(".jsonl") ? json(file) : csv(file, label);
        if (rows.isEmpty()) {
            throw new DataException(file + " has no records");
        }
        return new DataRows(List.copyOf(rows.getFirst().propertyNames()), rows);
    }

    private static List<ObjectNode> csv(Path file, String label) {
        List<ObjectNode> rows = new ArrayList<>();
        new CsvObjects(file, label).forEach((json, _) -> rows.add((ObjectNode) JSON.readTree(json)));
        return rows;
    }

    private static List<ObjectNode> json(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new DataException(file + " cannot be read: " + e.getMessage(), e);
        }
        List<ObjectNode> rows = new ArrayList<>();
        try {
            JsonNode whole = JSON.readTree(text);
            if (whole.isArray() && !whole.path(0).isNumber()) {
                whole.forEach(element -> rows.add(row(file, rows.size() + 1, element)));
            } else if (!whole.isMissingNode()) {
                rows.add(row(file, 1, whole));
            }
            return rows;
        } catch (JacksonException e) {
            // More than one value: one per line.
        }
        int line = 0;
        for (String json : text.lines().toList()) {
            line++;
            if (!json.isBlank()) {
                try {
                    rows.add(row(file, line, JSON.readTree(json)));
                } catch (JacksonException e) {
                    throw new DataException(file + ", line " + line + ": not JSON: " + e.getOriginalMessage(), e);
                }
            }
        }
        return rows;
    }

    private static ObjectNode row(Path file, int number, JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        if (!node.isArray()) {
            throw new DataException(file + ", record " + number + ": an object or an array of numbers is needed");
        }
        ObjectNode object = JSON.createObjectNode();
        for (int i = 0; i < node.size(); i++) {
            object.set("x" + i, node.get(i));
        }
        return object;
    }

    /** The columns that can be inputs: all but these. */
    List<String> columnsWithout(Set<String> labels) {
        return columns.stream().filter(column -> !labels.contains(column)).toList();
    }

    /** One record as a decoder reads it, without these fields. */
    static byte[] withoutFields(ObjectNode row, Set<String> fields) {
        ObjectNode copy = row.deepCopy();
        fields.forEach(copy::remove);
        return copy.toString().getBytes(StandardCharsets.UTF_8);
    }
}
