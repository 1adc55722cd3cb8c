package dev.millrace.demo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;

/**
 * Turns cells of text into a JSON object. An empty cell leaves its field out. A JSON number keeps its digits as they are
 * ({@code -114.310000}); {@code .5}, {@code 5.} and {@code +5} are completed to one. {@code true} and {@code false} are
 * booleans; anything else, NaN included, is text. For one thread.
 */
final class RowEncoder {
    private final ObjectMapper json = new ObjectMapper();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    private final byte[][] names; // "name": in JSON; empty for a column that is left out
    private final int label;
    private final int key;

    /**
     * For rows with these columns; one with an empty name is left out.
     *
     * @param label name of the label's column, which may be absent
     * @param key name of the column that becomes the record's key, or null
     */
    RowEncoder(List<String> columns, String label, @Nullable String key) {
        this.names = new byte[columns.size()][];
        for (int i = 0; i < names.length; i++) {
            names[i] = columns.get(i).isEmpty()
                    ? new byte[0]
                    : (json.writeValueAsString(columns.get(i)) + ":").getBytes(StandardCharsets.UTF_8);
        }
        this.label = columns.indexOf(label);
        this.key = key == null ? -1 : columns.indexOf(key);
    }

    /** Encodes one row of exactly as many cells as there are columns. */
    Row encode(String[] cells) {
        out.reset();
        out.write('{');
        for (int i = 0; i < names.length; i++) {
            if (i != label) {
                append(i, cells[i].strip());
            }
        }
        int unlabelled = out.size();
        if (label >= 0) {
            append(label, cells[label].strip());
        }
        out.write('}');
        byte[] keyBytes = key < 0 || cells[key].isBlank() ? null : cells[key].strip().getBytes(StandardCharsets.UTF_8);
        return new Row(out.toByteArray(), unlabelled, keyBytes);
    }

    private void append(int column, String cell) {
        if (cell.isEmpty() || names[column].length == 0) {
            return;
        }
        if (out.size() > 1) {
            out.write(',');
        }
        out.writeBytes(names[column]);
        String number = JsonNumber.of(cell);
        if (number != null || cell.equals("true") || cell.equals("false")) {
            out.writeBytes((number != null ? number : cell).getBytes(StandardCharsets.ISO_8859_1));
        } else {
            out.writeBytes(json.writeValueAsBytes(cell));
        }
    }
}
