package dev.millrace.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * Another source in random order, a different one in each epoch (Fisher and Yates). Holds all rows in memory, as bytes, from
 * the first pass on.
 */
final class ShuffledRows implements RowSource {
    private final RowSource source;
    private final long seed;
    private List<Row> rows = List.of();

    ShuffledRows(RowSource source, long seed) {
        this.source = source;
        this.seed = seed;
    }

    @Override
    public Rows open(int epoch) {
        if (rows.isEmpty()) {
            List<Row> read = new ArrayList<>();
            try (Rows pass = source.open(0)) {
                pass.forEachRemaining(read::add);
            }
            rows = read;
        }
        List<Row> order = new ArrayList<>(rows);
        SplitMix random = new SplitMix(seed + epoch);
        for (int i = order.size() - 1; i > 0; i--) {
            Collections.swap(order, i, random.nextInt(i + 1));
        }
        return new ListedRows(order.iterator());
    }

    private record ListedRows(Iterator<Row> rows) implements Rows {
        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public Row next() {
            return rows.next();
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
