package dev.millrace.interop;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import io.jhdf.api.WritableNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects the groups of an HDF5 file and writes them through jhdf, within its limits: an attribute above about 58 KB silently
 * damages the file, so text attributes are bounded and lists split as Keras splits them; empty lists and groups cannot be
 * written, so they are left out, which Keras takes for empty.
 */
final class HdfWriter {
    /** Bytes of one attribute; 58,000 works and 60,000 does not. */
    static final int MAX_ATTRIBUTE = 50_000;

    private final Map<String, Object> content = new TreeMap<>(); // HdfWriter or array or number
    private final Map<String, Object> attributes = new TreeMap<>(); // String or String[]

    /** The group with that path below this one, made if it is not there. */
    HdfWriter group(String path) {
        HdfWriter group = this;
        for (String name : path.split("/", -1)) {
            group = (HdfWriter) group.content.computeIfAbsent(name, _ -> new HdfWriter());
        }
        return group;
    }

    /** A dataset: {@code float[]}, {@code float[][]}, a Long or a Float; groups on the way are made. */
    void put(String path, Object data) {
        int slash = path.lastIndexOf('/');
        HdfWriter parent = slash < 0 ? this : group(path.substring(0, slash));
        parent.content.put(path.substring(slash + 1), data);
    }

    void text(String name, String text) {
        if (utf8(text) > MAX_ATTRIBUTE) {
            throw new ModelFileException("h5/@" + name, "the network has too many layers for this format: " + utf8(text)
                    + " bytes of configuration, at most " + MAX_ATTRIBUTE + " can be written; use .keras");
        }
        attributes.put(name, text);
    }

    /** A list of texts, in numbered pieces if it is too long. */
    void texts(String name, List<String> texts) {
        if (texts.isEmpty()) {
            return;
        }
        int width = texts.stream().mapToInt(HdfWriter::utf8).max().orElse(0) + 1; // all as long as the longest
        int perPiece = MAX_ATTRIBUTE / width;
        if (texts.size() <= perPiece) {
            attributes.put(name, texts.toArray(new String[0]));
            return;
        }
        for (int i = 0; i * perPiece < texts.size(); i++) {
            List<String> piece = texts.subList(i * perPiece, Math.min(texts.size(), (i + 1) * perPiece));
            attributes.put(name + i, piece.toArray(new String[0]));
        }
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** The file's bytes. */
    byte[] bytes() {
        Path file = null;
        try {
            file = Files.createTempFile("millrace", ".h5"); // jhdf writes to files only
            try (WritableHdfFile hdf = HdfFile.write(file)) {
                writeTo(hdf);
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(file);
        }
    }

    private static void delete(@org.jspecify.annotations.Nullable Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                file.toFile().deleteOnExit();
            }
        }
    }

    private boolean isEmpty() {
        return content.values().stream().allMatch(value -> value instanceof HdfWriter group && group.isEmpty());
    }

    private void writeTo(WritableGroup target) {
        attributes.forEach(((WritableNode) target)::putAttribute);
        // Groups before datasets: a group behind the last dataset would be overwritten.
        List<Map.Entry<String, Object>> datasets = new ArrayList<>();
        for (Map.Entry<String, Object> entry : content.entrySet()) {
            if (entry.getValue() instanceof HdfWriter group) {
                if (!group.isEmpty()) {
                    group.writeTo(target.putGroup(entry.getKey()));
                }
            } else {
                datasets.add(entry);
            }
        }
        datasets.forEach(entry -> target.putDataset(entry.getKey(), entry.getValue()));
    }
}
