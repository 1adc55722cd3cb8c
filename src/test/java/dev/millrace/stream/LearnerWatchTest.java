package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

class LearnerWatchTest {
    private static final Rejection REJECTION = new Rejection(Reason.MALFORMED, "not JSON");

    private final LearnerWatch watch = new LearnerWatch();

    private void refuse(long offset, byte[] key, byte[] value) {
        watch.refused(new Record<>(key, value, 5), new DeadLetters.Source("in", 2, offset), REJECTION, 1000 + offset);
    }

    @Test
    void remembersTheLatestDeadLettersNewestFirst() {
        for (int offset = 0; offset < 60; offset++) {
            refuse(offset, null, new byte[0]);
        }
        assertThat(watch.deadLetters()).hasSize(50).first()
                .isEqualTo(new RefusedRecord(1059, "in", 2, 59, REJECTION, "", "", 0));
    }

    @Test
    void aRecordThatIsRefusedAgainAfterAnAbortedTransactionIsThereOnce() {
        refuse(1, null, null);
        refuse(2, null, null);
        refuse(1, null, null);
        assertThat(watch.deadLetters()).extracting(RefusedRecord::offset).containsExactly(1L, 2L);
    }

    @Test
    void quotesTheBeginningOfATextInWholeCharacters() {
        refuse(1, "schlüssel".getBytes(StandardCharsets.UTF_8), "ä".repeat(200).getBytes(StandardCharsets.UTF_8));
        refuse(2, null, ("a" + "ä".repeat(200)).getBytes(StandardCharsets.UTF_8));
        assertThat(watch.deadLetters().get(1).key()).isEqualTo("schlüssel");
        assertThat(watch.deadLetters().get(1).value()).isEqualTo("ä".repeat(80) + "…");
        assertThat(watch.deadLetters().get(0).value()).isEqualTo("a" + "ä".repeat(79) + "…");
        assertThat(watch.deadLetters().get(0).valueBytes()).isEqualTo(401);
    }

    @Test
    void quotesBytesThatAreNoTextAsHexadecimal() {
        refuse(1, new byte[]{ 0, 1}, new byte[]{ (byte) 0xC0, (byte) 0x80, 'a'});
        refuse(2, null, new byte[500]);
        assertThat(watch.deadLetters().get(1).key()).isEqualTo("00 01");
        assertThat(watch.deadLetters().get(1).value()).isEqualTo("c0 80 61");
        assertThat(watch.deadLetters().get(0).value()).startsWith("00 00").endsWith("…").hasSizeLessThan(170);
    }
}
