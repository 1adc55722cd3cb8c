package dev.millrace.stream;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * The records of the pending batch as they were read. A batch whose step is refused goes to the dead-letter topic, with the
 * original bytes, even if the process was restarted in the middle of the batch: so these bytes are part of the stored state.
 *
 * <p>
 * One growing array: {@code int length, int partition, long offset, long timestamp, topic, key, value, headers} per record;
 * strings and arrays carry a length, -1 for null.
 */
final class PendingOriginals {
    /** Receives the records again, in order. */
    interface Visitor {
        void visit(Record<byte[], byte[]> record, DeadLetters.Source source);
    }

    private byte[] bytes = new byte[1024];
    private int used;

    void clear() {
        used = 0;
    }

    int used() {
        return used;
    }

    void append(Record<byte[], byte[]> record, DeadLetters.Source source) {
        byte[] topic = utf8(source.topic());
        int size = 4 + 4 + 8 + 8 + size(topic) + size(record.key()) + size(record.value()) + 4;
        for (Header header : record.headers()) {
            size += size(utf8(header.key())) + size(header.value());
        }
        ensure(used + size);
        ByteBuffer to = ByteBuffer.wrap(bytes, used, size);
        to.putInt(size).putInt(source.partition()).putLong(source.offset()).putLong(record.timestamp());
        put(to, topic);
        put(to, record.key());
        put(to, record.value());
        to.putInt(record.headers().toArray().length);
        for (Header header : record.headers()) {
            put(to, utf8(header.key()));
            put(to, header.value());
        }
        used += size;
    }

    /** Gives back all records. */
    void forEach(Visitor visitor) {
        try (DataInputStream from = new DataInputStream(new ByteArrayInputStream(bytes, 0, used))) {
            while (from.available() > 0) {
                from.readInt();
                int partition = from.readInt();
                long offset = from.readLong();
                long timestamp = from.readLong();
                String topic = text(get(from));
                byte[] key = get(from);
                byte[] value = get(from);
                Headers headers = new RecordHeaders();
                int headerCount = from.readInt();
                for (int h = 0; h < headerCount; h++) {
                    headers.add(text(get(from)), get(from));
                }
                visitor.visit(new Record<>(key, value, timestamp, headers), new DeadLetters.Source(topic, partition, offset));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the stored pending batch is damaged", e);
        }
    }

    /** Sets the end after a restore: the bytes hold {@code count} records. */
    void restored(int count) {
        int at = 0;
        for (int i = 0; i < count; i++) {
            at += ByteBuffer.wrap(bytes, at, 4).getInt();
        }
        used = at;
    }

    void write(int from, byte[] into) {
        ensure(from + into.length);
        System.arraycopy(bytes, from, into, 0, into.length);
    }

    void read(int from, byte[] stored) {
        ensure(from + stored.length);
        System.arraycopy(stored, 0, bytes, from, stored.length);
    }

    private void ensure(int capacity) {
        if (capacity > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(capacity, bytes.length * 2));
        }
    }

    private static int size(byte @Nullable [] array) {
        return 4 + (array == null ? 0 : array.length);
    }

    private static void put(ByteBuffer to, byte @Nullable [] array) {
        if (array == null) {
            to.putInt(-1);
        } else {
            to.putInt(array.length).put(array);
        }
    }

    private static byte @Nullable [] get(DataInputStream from) throws IOException {
        int length = from.readInt();
        return length < 0 ? null : from.readNBytes(length);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte @Nullable [] utf8) {
        return utf8 == null ? "" : new String(utf8, StandardCharsets.UTF_8);
    }
}
