package dev.millrace.demo;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One feature record, ready to be sent. The label is its last field, so that the record without it is a prefix.
 *
 * @param json a flat object, UTF-8; borrowed
 * @param unlabelledLength bytes of {@code json} before the label; all but the closing brace if there is none
 * @param key of the record in Kafka, UTF-8; borrowed
 */
// Rows are never compared, and their bytes go to the producer as they are.
@SuppressWarnings("ArrayRecordComponent")
record Row(byte[] json, int unlabelledLength, byte @Nullable [] key) {
    /** Whether there is a label to send. */
    boolean hasLabel() {
        return unlabelledLength < json.length - 1;
    }

    /** The same object without its label. */
    byte[] withoutLabel() {
        byte[] bytes = Arrays.copyOf(json, unlabelledLength + 1);
        bytes[unlabelledLength] = '}';
        return bytes;
    }
}
