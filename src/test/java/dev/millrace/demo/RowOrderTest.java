package dev.millrace.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Which record comes when, and which lose their label. */
class RowOrderTest {
    @Test
    void everyTenthRecordIsChosenForATenth() {
        assertThat(chosen(0.1, 1000)).containsExactlyElementsOf(LongStream.rangeClosed(1, 100).map(i -> i * 10).boxed().toList());
    }

    @Test
    void anyFractionIsMetExactlyAndEvenly() {
        assertThat(chosen(0, 100)).isEmpty();
        assertThat(chosen(1, 100)).hasSize(100);
        assertThat(chosen(0.3, 20)).containsExactly(4L, 7L, 10L, 14L, 17L, 20L);
        for (int every = 1; every <= 200; every++) {
            int n = every;
            assertThat(chosen(1.0 / n, 10 * n)).as("1/%d", n)
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, 10).map(i -> i * n).boxed().toList());
        }
        assertThat(chosen(0.01, 1_000_000)).hasSize(10_000);
    }

    @Test
    void aFractionOutsideZeroToOneIsRefused() {
        assertThatThrownBy(() -> new Spacing(1.1)).hasMessageContaining("1.1");
        assertThatThrownBy(() -> new Spacing(Double.NaN)).hasMessageContaining("NaN");
    }

    @Test
    void shufflingKeepsAllRowsAndRepeatsWithTheSeed() {
        RowSource source = new HousingStream(1, 500);
        List<String> order = texts(new ShuffledRows(source, 42), 0);
        assertThat(order).isEqualTo(texts(new ShuffledRows(source, 42), 0)).containsExactlyInAnyOrderElementsOf(texts(source, 0));
        assertThat(order).isNotEqualTo(texts(source, 0)).isNotEqualTo(texts(new ShuffledRows(source, 43), 0));
    }

    @Test
    void everyEpochHasItsOwnOrderWhicheverEpochsCameBefore() {
        ShuffledRows shuffled = new ShuffledRows(new HousingStream(1, 500), 42);
        List<String> second = texts(shuffled, 1);
        assertThat(second).isNotEqualTo(texts(shuffled, 0)).isEqualTo(texts(shuffled, 1));
    }

    @Test
    void theOrderOfASeedIsTheSameInEveryVersion() {
        SplitMix random = new SplitMix(42);
        assertThat(IntStream.range(0, 8).map(i -> random.nextInt(100)).toArray()).containsExactly(6, 45, 29, 82, 25, 31, 62, 54);
    }

    private static List<Long> chosen(double fraction, long records) {
        Spacing spacing = new Spacing(fraction);
        return LongStream.rangeClosed(1, records).filter(i -> spacing.next()).boxed().toList();
    }

    private static List<String> texts(RowSource source, int epoch) {
        List<String> texts = new ArrayList<>();
        try (RowSource.Rows rows = source.open(epoch)) {
            rows.forEachRemaining(row -> texts.add(new String(row.json(), StandardCharsets.UTF_8)));
        }
        return texts;
    }
}
