package dev.millrace.stream;

import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Makes dead letters: the original key, value, headers and timestamp, the headers Kafka Streams itself gives a dead letter
 * (<a href="https://cwiki.apache.org/confluence/x/MYTKEg">KIP-1034</a>), and {@code millrace.reason}, one of
 * {@link dev.millrace.learn.Reason#id()}.
 */
final class DeadLetters {
    static final String REASON = "millrace.reason";
    /** On a dead letter that holds only the beginning of the value: how long the value was. */
    static final String VALUE_BYTES = "millrace.value.bytes";
    private static final String MESSAGE = "__streams.errors.message";
    private static final String EXCEPTION = "__streams.errors.exception";
    private static final String TOPIC = "__streams.errors.topic";
    private static final String PARTITION = "__streams.errors.partition";
    private static final String OFFSET = "__streams.errors.offset";
    /** On a dead letter of which only some rows are meant, the others having been learned from: {@code first-last}, from 0. */
    static final String ROWS = "millrace.rows";
    /** On the internal topic of labelled records: where a record first came from. */
    private static final String SOURCE = "millrace.source";

    private DeadLetters() {
    }

    /** Where a record was read: {@code topic/partition/offset}. */
    record Source(String topic, int partition, long offset) {
        @Override
        public String toString() {
            return topic + "/" + partition + "/" + offset;
        }

        private static Source parse(String text) {
            int last = text.lastIndexOf('/');
            int middle = text.lastIndexOf('/', last - 1);
            return new Source(text.substring(0, middle), Integer.parseInt(text.substring(middle + 1, last)),
                    Long.parseLong(text.substring(last + 1)));
        }
    }

    /** The record with a note of where it came from, for the internal topic. */
    static Record<byte[], byte[]> withSource(Record<byte[], byte[]> record, Source source) {
        Headers headers = new RecordHeaders(record.headers());
        headers.add(SOURCE, utf8(source.toString()));
        return record.withHeaders(headers);
    }

    /** Where a record of the internal topic first came from. */
    static Source sourceOf(Record<byte[], byte[]> record) {
        Header noted = record.headers().lastHeader(SOURCE);
        if (noted == null || noted.value() == null) {
            throw new IllegalStateException("a record of the internal topic has no header " + SOURCE + ": only Millrace may write to it");
        }
        return Source.parse(new String(noted.value(), StandardCharsets.UTF_8));
    }

    /** The record as it was before {@link #withSource}. */
    static Record<byte[], byte[]> withoutSource(Record<byte[], byte[]> record) {
        Headers headers = new RecordHeaders(record.headers());
        headers.remove(SOURCE);
        return record.withHeaders(headers);
    }

    /**
     * Why a record is too large to be quoted, or null. A topic's limit is for compressed batches, so a record in one may be far
     * larger than the limit; the producer that quotes it cannot count on the same compression.
     */
    static @Nullable Rejection tooLarge(Record<byte[], byte[]> record, int maxBytes) {
        long bytes = bytes(record);
        return bytes <= maxBytes
                ? null
                : new Rejection(Reason.TOO_LARGE,
                        "the record has " + bytes + " bytes with its key and headers; allowed are " + maxBytes
                                + ", the topic's max.message.bytes");
    }

    /**
     * The dead letter for a record. Of one that is {@linkplain #tooLarge too large} it holds the beginning of the value, and key
     * and headers only if they fit.
     */
    static Record<byte[], byte[]> of(Record<byte[], byte[]> record, Source source, Rejection rejection, int maxBytes) {
        if (bytes(record) <= maxBytes) {
            return of(record, source, rejection);
        }
        byte[] value = record.value() == null ? new byte[0] : record.value();
        Record<byte[], byte[]> frame = record.withValue(new byte[0]);
        if (bytes(frame) > maxBytes) {
            frame = new Record<>(new byte[0], new byte[0], record.timestamp());
        }
        int kept = (int) Math.min(value.length, maxBytes - bytes(frame));
        Record<byte[], byte[]> letter = of(frame.withValue(Arrays.copyOf(value, kept)), source, rejection);
        letter.headers().add(VALUE_BYTES, utf8(Integer.toString(value.length)));
        return letter;
    }

    /** Nothing of the record but its timestamp and how long its value was. */
    static Record<byte[], byte[]> placeOnly(Record<byte[], byte[]> record) {
        Headers headers = new RecordHeaders();
        headers.add(VALUE_BYTES, utf8(Long.toString(length(record.value()))));
        return new Record<>(null, new byte[0], record.timestamp(), headers);
    }

    /** The record with a note of which of its rows are meant; as it is if all are. */
    static Record<byte[], byte[]> withRows(Record<byte[], byte[]> record, PendingOriginals.Rows rows) {
        if (rows.count() == rows.of()) {
            return record;
        }
        Headers headers = new RecordHeaders(record.headers());
        headers.add(ROWS, utf8(rows.first() + "-" + (rows.first() + rows.count() - 1)));
        return record.withHeaders(headers);
    }

    private static long bytes(Record<byte[], byte[]> record) {
        long bytes = length(record.key()) + length(record.value());
        // Not an iterator: of no headers this array is a constant.
        for (Header header : record.headers().toArray()) {
            bytes += utf8(header.key()).length + length(header.value());
        }
        return bytes;
    }

    private static long length(byte @Nullable [] array) {
        return array == null ? 0 : array.length;
    }

    private static Record<byte[], byte[]> of(Record<byte[], byte[]> record, Source source, Rejection rejection) {
        Headers headers = new RecordHeaders(record.headers());
        headers.add(REASON, utf8(rejection.reason().id()));
        headers.add(MESSAGE, utf8(rejection.detail()));
        headers.add(EXCEPTION, utf8(Rejection.class.getName()));
        headers.add(TOPIC, utf8(source.topic()));
        headers.add(PARTITION, utf8(Integer.toString(source.partition())));
        headers.add(OFFSET, utf8(Long.toString(source.offset())));
        return record.withHeaders(headers);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
