package dev.millrace.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HousingStreamTest {
    private static final int RECORDS = 20_000;
    private final List<double[]> blocks = blocks(7, RECORDS);

    @Test
    void theSameSeedGivesTheSameStream() {
        assertThat(blocks(7, 100)).usingRecursiveComparison().isEqualTo(blocks(7, 100));
        assertThat(blocks(7, 100).get(0)).isNotEqualTo(blocks(8, 100).get(0));
    }

    @Test
    void valuesArePlausible() {
        for (double[] block : blocks) {
            assertThat(block[0]).as("longitude").isBetween(-126.0, -113.0);
            assertThat(block[1]).as("latitude").isBetween(32.0, 41.5);
            assertThat(block[2]).as("age").isBetween(1.0, 52.0);
            assertThat(block[3]).as("rooms").isGreaterThan(block[4]);
            assertThat(block[5]).as("population").isGreaterThanOrEqualTo(block[6]);
            assertThat(block[7]).as("income").isBetween(0.5, 15.0);
            assertThat(block[8]).as("value").isBetween(15_000.0, 2_500_000.0);
        }
        assertThat(mean(blocks, 8)).isBetween(150_000.0, 450_000.0);
    }

    @Test
    void incomeMatters() {
        assertThat(mean(blocks.stream().filter(block -> block[7] > 5).toList(), 8))
                .isGreaterThan(1.5 * mean(blocks.stream().filter(block -> block[7] < 3).toList(), 8));
    }

    @Test
    void pricesRiseSlowlyAndJumpInTheMiddle() {
        int tenth = RECORDS / 10;
        double start = mean(blocks.subList(0, tenth), 8);
        double before = mean(blocks.subList(4 * tenth, 5 * tenth), 8);
        double after = mean(blocks.subList(5 * tenth, 6 * tenth), 8);
        assertThat(before / start).isBetween(1.03, 1.18);
        assertThat(after / before).isBetween(HousingStream.SHIFT * 0.95, HousingStream.SHIFT * 1.1);
    }

    @Test
    void rowsCarryTheNineColumnsAndTheLabel() {
        try (RowSource.Rows rows = new HousingStream(7, 3).open(0)) {
            Row row = rows.next();
            assertThat(new String(row.json())).startsWith("{\"longitude\":-1").contains(",\"median_house_value\":");
            assertThat(row.hasLabel()).isTrue();
            rows.next();
            rows.next();
            assertThat(rows.hasNext()).isFalse();
        }
    }

    private static List<double[]> blocks(long seed, int records) {
        HousingStream.Blocks blocks = new HousingStream(seed, records).blocks();
        List<double[]> read = new ArrayList<>();
        IntStream.range(0, records).forEach(i -> {
            String[] cells = blocks.next();
            read.add(IntStream.range(0, cells.length).mapToDouble(c -> Double.parseDouble(cells[c])).toArray());
        });
        return read;
    }

    private static double mean(List<double[]> blocks, int column) {
        return blocks.stream().mapToDouble(block -> block[column]).average().orElseThrow();
    }
}
