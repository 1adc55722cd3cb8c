package dev.millrace.stream;

import dev.millrace.learn.Rejection;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * A record that became a dead letter, short enough to be shown.
 *
 * @param atMillis when this process refused it
 * @param topic where it was read
 * @param key its beginning, as text, or hexadecimal if it is none; empty for none
 * @param value likewise
 * @param valueBytes length of the whole value
 */
public record RefusedRecord(long atMillis, String topic, int partition, long offset, Rejection rejection, String key, String value,
        int valueBytes) {
    private static final int SHOWN_BYTES = 160;

    static RefusedRecord of(Record<byte[], byte[]> record, DeadLetters.Source source, Rejection rejection, long nowMillis) {
        return new RefusedRecord(nowMillis, source.topic(), source.partition(), source.offset(), rejection, excerpt(record.key()),
                excerpt(record.value()), record.value() == null ? 0 : record.value().length);
    }

    private static String excerpt(byte @Nullable [] bytes) {
        if (bytes == null) {
            return "";
        }
        int length = Math.min(bytes.length, SHOWN_BYTES);
        while (length < bytes.length && length > 0 && (bytes[length] & 0xC0) == 0x80) {
            length--; // not in the middle of a character
        }
        String rest = length < bytes.length ? "…" : "";
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length)).toString();
            if (text.chars().noneMatch(character -> Character.isISOControl(character) && !Character.isWhitespace(character))) {
                return text + rest;
            }
        } catch (CharacterCodingException e) {
            // It is no text: packed numbers, most likely.
        }
        return HexFormat.ofDelimiter(" ").formatHex(bytes, 0, Math.min(length, SHOWN_BYTES / 3)) + rest;
    }
}
