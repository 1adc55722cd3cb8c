package dev.millrace.demo;

import java.util.Iterator;

/** A finite stream of rows that can be read more than once. */
interface RowSource {
    /**
     * Starts a pass. Iteration throws {@link DataException} if the data turns out to be broken.
     *
     * @param epoch 0 for the first pass; may change the order of the rows
     */
    Rows open(int epoch);

    /** One pass over a source. */
    interface Rows extends Iterator<Row>, AutoCloseable {
        /** How much of the pass has been read, 0 to 1; an estimate. */
        double fraction();

        @Override
        void close();
    }
}
