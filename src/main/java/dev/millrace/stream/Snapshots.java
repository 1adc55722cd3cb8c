package dev.millrace.stream;

import dev.millrace.snapshot.Snapshot;
import dev.millrace.snapshot.SnapshotException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * How a snapshot lies in its topic. Up to {@link #CHUNK_BYTES} it is one record under the model's name. A larger one is cut into
 * chunks under {@code name/0}, {@code name/1}, …, followed by a manifest under the model's name, all in one transaction. A reader
 * believes a manifest only when it holds all chunks of the manifest's version, because compaction may leave a mixture.
 */
final class Snapshots {
    /** With headers below a broker's default limit of 1 MiB. */
    static final int CHUNK_BYTES = 768 * 1024;

    private static final String KIND = "millrace.kind";
    private static final String VERSION = "millrace.version";
    private static final String WHOLE = "snapshot";
    private static final String CHUNK = "chunk";
    private static final String MANIFEST = "manifest";

    private Snapshots() {
    }

    /** The records that put a snapshot into the topic, in the order they must be written. */
    static List<Record<byte[], byte[]>> records(String name, long version, byte[] snapshot, long timestamp) {
        List<Record<byte[], byte[]>> records = new ArrayList<>();
        if (snapshot.length <= CHUNK_BYTES) {
            records.add(record(name, snapshot, WHOLE, version, timestamp));
            return records;
        }
        int chunks = (snapshot.length + CHUNK_BYTES - 1) / CHUNK_BYTES;
        for (int i = 0; i < chunks; i++) {
            byte[] chunk = Arrays.copyOfRange(snapshot, i * CHUNK_BYTES, Math.min(snapshot.length, (i + 1) * CHUNK_BYTES));
            records.add(record(name + "/" + i, chunk, CHUNK, version, timestamp));
        }
        byte[] manifest = ByteBuffer.allocate(8).putInt(chunks).putInt(snapshot.length).array();
        records.add(record(name, manifest, MANIFEST, version, timestamp));
        return records;
    }

    private static Record<byte[], byte[]> record(String key, byte[] value, String kind, long version, long timestamp) {
        Headers headers = new RecordHeaders();
        headers.add(KIND, kind.getBytes(StandardCharsets.UTF_8));
        headers.add(VERSION, Long.toString(version).getBytes(StandardCharsets.UTF_8));
        return new Record<>(key.getBytes(StandardCharsets.UTF_8), value, timestamp, headers);
    }

    /** Puts the snapshots of one model together from the records of the topic, in topic order. */
    static final class Assembler {
        /** A chunk as it was read. */
        private record Part(String version, byte[] bytes) {
        }

        private final String name;
        private final Map<String, Part> parts = new HashMap<>();
        private byte @Nullable [] manifest;
        private String manifestVersion = "";

        Assembler(String name) {
            this.name = name;
        }

        /** Takes one record; gives a snapshot's bytes when this record makes one whole. */
        Optional<byte[]> add(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
            if (key == null || value == null) {
                return Optional.empty();
            }
            String keyText = new String(key, StandardCharsets.UTF_8);
            String kind = header(headers, KIND);
            String version = header(headers, VERSION);
            if (keyText.equals(name) && kind.equals(MANIFEST)) {
                manifest = value;
                manifestVersion = version;
                return assemble();
            }
            if (keyText.equals(name)) {
                manifest = null;
                parts.clear();
                return Optional.of(value);
            }
            if (keyText.startsWith(name + "/") && kind.equals(CHUNK)) {
                parts.put(keyText, new Part(version, value));
                return assemble();
            }
            return Optional.empty();
        }

        private Optional<byte[]> assemble() {
            byte[] current = manifest;
            if (current == null || current.length != 8) {
                return Optional.empty();
            }
            int chunks = ByteBuffer.wrap(current).getInt(0);
            int length = ByteBuffer.wrap(current).getInt(4);
            if (chunks < 1 || chunks > parts.size() || length > (long) chunks * CHUNK_BYTES || length < 0) {
                return Optional.empty();
            }
            byte[] whole = new byte[length];
            int at = 0;
            for (int i = 0; i < chunks; i++) {
                Part part = parts.get(name + "/" + i);
                if (part == null || !part.version().equals(manifestVersion) || part.bytes().length > length - at) {
                    return Optional.empty();
                }
                System.arraycopy(part.bytes(), 0, whole, at, part.bytes().length);
                at += part.bytes().length;
            }
            manifest = null;
            parts.clear();
            return at == length ? Optional.of(whole) : Optional.empty();
        }

        private static String header(Headers headers, String key) {
            Header header = headers.lastHeader(key);
            return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
        }
    }

    /** Decodes, with the topic named in the error. */
    static Snapshot decode(String topic, byte[] bytes) {
        try {
            return Snapshot.decode(bytes);
        } catch (SnapshotException e) {
            throw new SnapshotException("topic " + topic + ": " + e.getMessage(), e);
        }
    }
}
