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
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * How snapshots lie in their topic. The newest is one record under the model's name, up to {@link #CHUNK_BYTES}; a larger one is cut
 * into chunks, followed by a manifest under the model's name, all in one transaction. Versions that are kept lie under
 * {@code name@version} in the same way; their chunks, {@code name@version/0} and so on, serve the newest too. Where none is kept
 * the chunks are {@code name/0}, {@code name/1}, …. A reader believes a manifest only when it holds all chunks of the manifest's version,
 * because compaction may leave a mixture.
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

    /** The key of a version that is kept. */
    static String keptKey(String name, long version) {
        return name + "@" + version;
    }

    /** How many chunks a snapshot of this length is cut into; 0: it is one record. */
    static int chunks(int length) {
        return length <= CHUNK_BYTES ? 0 : (int) (((long) length + CHUNK_BYTES - 1) / CHUNK_BYTES);
    }

    /** The records that put a snapshot into the topic, in the order they must be written. */
    static List<Record<byte[], byte[]>> records(String name, long version, byte[] snapshot, long timestamp, boolean kept) {
        List<Record<byte[], byte[]>> records = new ArrayList<>();
        String own = kept ? keptKey(name, version) : name;
        int chunks = chunks(snapshot.length);
        byte[] value = snapshot;
        for (int i = 0; i < chunks; i++) {
            byte[] chunk = Arrays.copyOfRange(snapshot, i * CHUNK_BYTES, (int) Math.min(snapshot.length, (i + 1L) * CHUNK_BYTES));
            records.add(record(own + "/" + i, chunk, CHUNK, version, timestamp));
        }
        if (chunks > 0) {
            value = ByteBuffer.allocate(8).putInt(chunks).putInt(snapshot.length).array();
        }
        String kind = chunks > 0 ? MANIFEST : WHOLE;
        if (kept) {
            records.add(record(own, value, kind, version, timestamp));
        }
        records.add(record(name, value, kind, version, timestamp));
        return records;
    }

    /** The records that take a kept version out of the topic. */
    static List<Record<byte[], byte[]>> tombstones(String name, long version, int chunks, long timestamp) {
        List<Record<byte[], byte[]>> records = new ArrayList<>();
        String own = keptKey(name, version);
        records.add(new Record<>(own.getBytes(StandardCharsets.UTF_8), null, timestamp));
        for (int i = 0; i < chunks; i++) {
            records.add(new Record<>((own + "/" + i).getBytes(StandardCharsets.UTF_8), null, timestamp));
        }
        return records;
    }

    private static Record<byte[], byte[]> record(String key, byte[] value, String kind, long version, long timestamp) {
        Headers headers = new RecordHeaders();
        headers.add(KIND, kind.getBytes(StandardCharsets.UTF_8));
        headers.add(VERSION, Long.toString(version).getBytes(StandardCharsets.UTF_8));
        return new Record<>(key.getBytes(StandardCharsets.UTF_8), value, timestamp, headers);
    }

    /** Puts snapshots together from the records of the topic, in topic order: those that lie under one key, one after the other. */
    static final class Assembler {
        private final String name;
        private final String wanted;
        private final Map<Integer, byte[]> parts = new HashMap<>();
        private String partsVersion = "";

        /** Of the newest snapshots of a model. */
        Assembler(String name) {
            this(name, name);
        }

        /**
         * Of the records under one key of a model.
         *
         * @param wanted the model's name, or {@link #keptKey}
         */
        Assembler(String name, String wanted) {
            this.name = name;
            this.wanted = wanted;
        }

        /** Takes one record; gives a snapshot's bytes when this record makes one whole. */
        Optional<byte[]> add(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
            if (key == null || value == null) {
                return Optional.empty();
            }
            String keyText = new String(key, StandardCharsets.UTF_8);
            String version = header(headers, VERSION);
            return switch (header(headers, KIND)) {
                case CHUNK -> {
                    String kept = name + "@" + version + "/";
                    String prefix = keyText.startsWith(kept) ? kept : name + "/";
                    if (keyText.startsWith(prefix)) {
                        part(version, keyText.substring(prefix.length()), value);
                    }
                    yield Optional.empty();
                }
                case MANIFEST -> keyText.equals(wanted) && version.equals(partsVersion) ? assemble(value) : Optional.empty();
                default -> keyText.equals(wanted) ? Optional.of(value) : Optional.empty();
            };
        }

        /** Chunks of one version at a time: those of another one that came before can no longer become whole. */
        private void part(String version, String index, byte[] bytes) {
            if (!version.equals(partsVersion)) {
                parts.clear();
                partsVersion = version;
            }
            if (index.length() < 8 && index.chars().allMatch(digit -> digit >= '0' && digit <= '9') && !index.isEmpty()) {
                parts.put(Integer.parseInt(index), bytes);
            }
        }

        private Optional<byte[]> assemble(byte[] manifest) {
            if (manifest.length != 8) {
                return Optional.empty();
            }
            int chunks = ByteBuffer.wrap(manifest).getInt(0);
            int length = ByteBuffer.wrap(manifest).getInt(4);
            long held = 0;
            for (int i = 0; i < chunks && held >= 0; i++) {
                byte[] part = parts.get(i);
                held = part == null ? -1 : held + part.length;
            }
            if (chunks < 1 || held != length) {
                return Optional.empty();
            }
            byte[] whole = new byte[length];
            int at = 0;
            for (int i = 0; i < chunks; i++) {
                byte[] part = Objects.requireNonNull(parts.remove(i));
                System.arraycopy(part, 0, whole, at, part.length);
                at += part.length;
            }
            return Optional.of(whole);
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
