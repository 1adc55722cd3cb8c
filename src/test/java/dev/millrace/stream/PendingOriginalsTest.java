package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

class PendingOriginalsTest {
    /** A record that was given back. */
    private record Kept(Record<byte[], byte[]> record, DeadLetters.Source source) {
    }

    private final PendingOriginals originals = new PendingOriginals(1000);

    @Test
    void recordsAreGivenBackAsTheyWere() {
        Headers headers = new RecordHeaders().add("trace", bytes("t1")).add("none", null);
        originals.append(new Record<>(null, bytes("a"), 1, headers), "topic", 2, 3, PendingOriginals.Rows.ONE);
        originals.append(new Record<>(bytes("key"), bytes("b"), 4), "topic", 5, 6, PendingOriginals.Rows.ONE);
        List<Kept> kept = kept();
        assertThat(kept).extracting(Kept::source).containsExactly(new DeadLetters.Source("topic", 2, 3),
                new DeadLetters.Source("topic", 5, 6));
        assertThat(kept.getFirst().record().key()).isNull();
        assertThat(kept.getFirst().record().headers()).isEqualTo(headers);
        assertThat(kept.getLast().record().value()).isEqualTo(bytes("b"));
    }

    @Test
    void beyondTheBoundOnlyTheirPlaceIsKept() {
        for (int i = 0; i < 5; i++) {
            originals.append(new Record<>(bytes("key"), new byte[300], i, new RecordHeaders().add("trace", bytes("t1"))), "topic", 0, i,
                    PendingOriginals.Rows.ONE);
        }
        originals.append(new Record<>(bytes("key"), null, 5), "topic", 0, 5, PendingOriginals.Rows.ONE);
        List<Kept> kept = kept();
        assertThat(kept).extracting(each -> each.source().offset()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        assertThat(kept).extracting(each -> each.record().timestamp()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        assertThat(kept.get(1).record().value()).hasSize(300);
        Record<byte[], byte[]> cut = kept.get(4).record();
        assertThat(cut.value()).isEmpty();
        assertThat(cut.key()).isNull();
        assertThat(new String(cut.headers().lastHeader(DeadLetters.VALUE_BYTES).value(), StandardCharsets.UTF_8)).isEqualTo("300");
        assertThat(originals.used()).isLessThan(1500);
    }

    @Test
    void bytesInTheMiddleAndAtTheEndGoOnWhereTheyWere() {
        Headers headers = new RecordHeaders().add("trace", bytes("t1"));
        originals.append(new Record<>(null, bytes("a"), 1, headers), "topic", 2, 3, PendingOriginals.Rows.ONE);
        headers.add("later", bytes("not ours"));
        int first = originals.used();
        byte[] stored = new byte[1000];
        originals.write(0, stored);
        originals.append(new Record<>(bytes("key"), null, 4), "other", 5, 6, new PendingOriginals.Rows(1, 2, 4));
        assertThat(originals.used()).isGreaterThan(first);
        originals.write(0, stored);

        PendingOriginals again = new PendingOriginals(1000);
        again.read(0, stored);
        again.restored(3); // one example of the first record, two rows of the second
        assertThat(again.used()).isEqualTo(originals.used());
        again.append(new Record<>(null, bytes("c"), 7), "topic", 8, 9, PendingOriginals.Rows.ONE);
        List<String> seen = new ArrayList<>();
        again.forEach((record, source, rows) -> seen.add(source + " " + record.timestamp() + " " + rows.first() + " " + rows.of() + " "
                + record.headers().toArray().length));
        assertThat(seen).containsExactly("topic/2/3 1 0 1 1", "other/5/6 4 1 4 0", "topic/8/9 7 0 1 0");
        again.clear();
        assertThat(again.used()).isZero();
        again.append(new Record<>(null, bytes("d"), 10), "topic", 8, 10, PendingOriginals.Rows.ONE);
        seen.clear();
        again.forEach((record, source, _) -> seen.add(source + " " + new String(record.value(), StandardCharsets.UTF_8)));
        assertThat(seen).containsExactly("topic/8/10 d");
    }

    @Test
    void longBatchesAreGivenBackWhole() {
        PendingOriginals many = new PendingOriginals(1 << 20);
        for (int i = 0; i < 10_000; i++) {
            many.append(new Record<>(null, bytes("v" + i), i), "t", 0, i, PendingOriginals.Rows.ONE);
        }
        List<String> values = new ArrayList<>();
        many.forEach((record, source, _) -> values.add(source.offset() + new String(record.value(), StandardCharsets.UTF_8)));
        assertThat(values).hasSize(10_000).startsWith("0v0").endsWith("9999v9999");
    }

    private List<Kept> kept() {
        List<Kept> kept = new ArrayList<>();
        originals.forEach((record, source, _) -> kept.add(new Kept(record, source)));
        return kept;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
