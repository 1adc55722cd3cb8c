package dev.millrace.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;

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
        return new ListedRows(order);
    }

    private static final class ListedRows implements Rows {
        private final List<Row> rows;
        private int next;

        ListedRows(List<Row> rows) {
            this.rows = rows;
        }

        @Override
        public boolean hasNext() {
            return next < rows.size();
        }

        @Override
        public Row next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return rows.get(next++);
        }

        @Override
        public double fraction() {
            return (double) next / rows.size();
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
