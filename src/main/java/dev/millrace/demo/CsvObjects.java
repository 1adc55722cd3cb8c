package dev.millrace.demo;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

/** The rows of a CSV file as JSON objects, for whoever wants them without Kafka. See {@link CsvRecords} for the format. */
public final class CsvObjects {
    private final CsvRecords records;

    /**
     * Reads the first line.
     *
     * @param label name of the label's column, which may be absent
     * @throws DataException if the file is missing, empty or not CSV, or names a column twice
     */
    public CsvObjects(Path file, String label) {
        records = new CsvRecords(file, label, null);
    }

    /** Names of the columns, in the order of the file. */
    public List<String> columns() {
        return records.columns();
    }

    /**
     * Reads all rows.
     *
     * @param row takes each row with its label, and without
     * @throws DataException if a row is broken
     */
    public void forEach(BiConsumer<byte[], byte[]> row) {
        try (RowSource.Rows rows = records.open(0)) {
            while (rows.hasNext()) {
                Row next = rows.next();
                row.accept(next.json(), next.withoutLabel());
            }
        }
    }
}
