package dev.millrace.stream;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
 * strings and arrays carry a length, -1 for null. A record of several rows, of which some may be in an earlier batch, ends with
 * {@code int first, int count, int of}. A record is written there when the bytes are asked for, by a commit or a refusal: most
 * batches are full and forgotten before. Appending allocates nothing once there is room, headers aside.
 *
 * <p>
 * A large batch of large records would not fit into memory: of a record with which the sum would exceed {@link #MAX_BYTES} only
 * is kept where it was read and how long its value was. So the learner never depends on the size of its records.
 */
final class PendingOriginals {
    /**
     * Which rows of a record are meant.
     *
     * @param first from 0
     * @param count at least 1
     * @param of all rows of the record
     */
    record Rows(int first, int count, int of) {
        /** A record that is one example. */
        static final Rows ONE = new Rows(0, 1, 1);
    }

    /** Receives the records again, in order. */
    interface Visitor {
        void visit(Record<byte[], byte[]> record, DeadLetters.Source source, Rows rows);
    }

    /** Of all records of a batch that are kept whole. */
    static final int MAX_BYTES = 64 << 20;
    private static final int ROWS_BYTES = 12;
    /** Of a longer batch all are written in time: what waits takes more memory than its bytes. */
    private static final int MOST_WAITING = 4096;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final byte[] NOTHING = new byte[0];
    private static final Header[] NO_HEADERS = {};

    /** A record that is not written yet. Its headers are those of when it was added: the record's own may be changed by others. */
    private static final class Waiting {
        private byte[] topicUtf8 = NOTHING;
        private int partition;
        private long offset;
        private long timestamp;
        private byte @Nullable [] key;
        private byte @Nullable [] value;
        private Header[] headers = NO_HEADERS;
        private Rows rows = Rows.ONE;

        int size() {
            long size = 4L + 4 + 8 + 8 + PendingOriginals.size(topicUtf8) + PendingOriginals.size(key) + PendingOriginals.size(value) + 4
                    + (rows.of() > 1 ? ROWS_BYTES : 0);
            for (Header header : headers) {
                size += PendingOriginals.size(utf8(header.key())) + PendingOriginals.size(header.value());
            }
            return (int) Math.min(size, Integer.MAX_VALUE);
        }

        /** It is written or no longer wanted. */
        void forget() {
            key = null;
            value = null;
            headers = NO_HEADERS;
        }
    }

    private final int maxBytes;
    private byte[] bytes = new byte[1024];
    /** Length of all records, of which these are written and those wait. */
    private int used;
    private int written;
    private final List<Waiting> waiting = new ArrayList<>();
    private int waitingCount;
    private String topic = "";
    private byte[] topicUtf8 = NOTHING;

    PendingOriginals() {
        this(MAX_BYTES);
    }

    /** @param maxBytes of all records that are kept whole */
    PendingOriginals(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    void clear() {
        used = 0;
        written = 0;
        forgetWaiting();
    }

    int used() {
        return used;
    }

    /** Adds a record that was read from there; its arrays must not change any more. */
    void append(Record<byte[], byte[]> record, String sourceTopic, int partition, long offset, Rows rows) {
        if (!topic.equals(sourceTopic)) {
            topic = sourceTopic;
            topicUtf8 = utf8(sourceTopic);
        }
        if (waitingCount == MOST_WAITING) {
            writeWaiting();
        }
        if (waitingCount == waiting.size()) {
            waiting.add(new Waiting());
        }
        Waiting next = waiting.get(waitingCount);
        next.topicUtf8 = topicUtf8;
        next.partition = partition;
        next.offset = offset;
        next.timestamp = record.timestamp();
        next.key = record.key();
        next.value = record.value();
        next.headers = record.headers().toArray();
        next.rows = rows;
        int size = next.size();
        if ((long) used + size > maxBytes && !isPlaceOnly(next)) {
            append(DeadLetters.placeOnly(record), sourceTopic, partition, offset, rows);
            return;
        }
        waitingCount++;
        used += size;
    }

    private void writeWaiting() {
        ensure(used);
        for (int i = 0; i < waitingCount; i++) {
            written = write(waiting.get(i));
        }
        forgetWaiting();
    }

    private void forgetWaiting() {
        for (int i = 0; i < waitingCount; i++) {
            waiting.get(i).forget();
        }
        waitingCount = 0;
    }

    /** Gives the place behind what was written. */
    private int write(Waiting record) {
        INT.set(bytes, written, record.size());
        INT.set(bytes, written + 4, record.partition);
        LONG.set(bytes, written + 8, record.offset);
        LONG.set(bytes, written + 16, record.timestamp);
        int at = put(written + 24, record.topicUtf8);
        at = put(at, record.key);
        at = put(at, record.value);
        INT.set(bytes, at, record.headers.length);
        at += 4;
        for (Header header : record.headers) {
            at = put(at, utf8(header.key()));
            at = put(at, header.value());
        }
        if (record.rows.of() > 1) {
            INT.set(bytes, at, record.rows.first());
            INT.set(bytes, at + 4, record.rows.count());
            INT.set(bytes, at + 8, record.rows.of());
            at += ROWS_BYTES;
        }
        return at;
    }

    private static boolean isPlaceOnly(Waiting record) {
        return record.key == null && record.value != null && record.value.length == 0 && record.headers.length == 1
                && record.headers[0].key().equals(DeadLetters.VALUE_BYTES);
    }

    /** Gives back all records. */
    void forEach(Visitor visitor) {
        writeWaiting();
        for (int at = 0; at < used;) {
            at += read(at, visitor);
        }
    }

    /** Reads the record at that place and returns its length. */
    private int read(int at, Visitor visitor) {
        ByteBuffer from = ByteBuffer.wrap(bytes, at, bytes.length - at);
        int size = from.getInt();
        int partition = from.getInt();
        long offset = from.getLong();
        long timestamp = from.getLong();
        String sourceTopic = text(get(from));
        byte[] key = get(from);
        byte[] value = get(from);
        Headers headers = new RecordHeaders();
        int headerCount = from.getInt();
        for (int h = 0; h < headerCount; h++) {
            headers.add(text(get(from)), get(from));
        }
        Rows rows = from.position() < at + size ? new Rows(from.getInt(), from.getInt(), from.getInt()) : Rows.ONE;
        visitor.visit(new Record<>(key, value, timestamp, headers), new DeadLetters.Source(sourceTopic, partition, offset), rows);
        return size;
    }

    /** Sets the end after a restore: the bytes hold the records of {@code count} examples. */
    void restored(int count) {
        int[] found = new int[1];
        used = 0;
        while (found[0] < count) {
            used += read(used, (_, _, rows) -> found[0] += rows.count());
        }
        written = used;
    }

    void write(int from, byte[] into) {
        writeWaiting();
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

    /** Gives the place behind what was put. */
    private int put(int at, byte @Nullable [] array) {
        if (array == null) {
            INT.set(bytes, at, -1);
            return at + 4;
        }
        INT.set(bytes, at, array.length);
        System.arraycopy(array, 0, bytes, at + 4, array.length);
        return at + 4 + array.length;
    }

    private static byte @Nullable [] get(ByteBuffer from) {
        int length = from.getInt();
        if (length < 0) {
            return null;
        }
        byte[] array = new byte[length];
        from.get(array);
        return array;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte @Nullable [] utf8) {
        return utf8 == null ? "" : new String(utf8, StandardCharsets.UTF_8);
    }
}
