package dev.millrace.demo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;

/**
 * The rows of a CSV file (RFC 4180, UTF-8, comma), also gzipped, read as a stream. See {@link RowEncoder} for how a cell
 * becomes a JSON value.
 *
 * <p>
 * The first line names the columns; spaces around a name are dropped, and so is a column without a name (the index some tools
 * write). If every cell of the first line is a number, the file has no header: its columns are then {@code c0}, {@code c1} …
 * and the last one carries the label's name.
 */
final class CsvRecords implements RowSource {
    private final Path file;
    private final String label;
    private final @Nullable String key;
    private final boolean header;
    private final List<String> columns;

    /**
     * Reads the first line.
     *
     * @param label name of the label's field
     * @param key name of the column that becomes the record's key, or null
     * @throws DataException if the file is missing, empty or not CSV, or names a column twice
     */
    CsvRecords(Path file, String label, @Nullable String key) {
        this.file = file;
        this.label = label;
        this.key = key;
        String[] first;
        try (Cells cells = new Cells(file)) {
            if (!cells.hasNext()) {
                throw new DataException(file + " is empty");
            }
            first = cells.next();
        }
        this.header = !Arrays.stream(first).allMatch(cell -> JsonNumber.of(cell.strip()) != null);
        this.columns = header ? Arrays.stream(first).map(String::strip).toList() : positions(first.length, label);
        Set<String> seen = new HashSet<>();
        for (String column : columns) {
            if (!column.isEmpty() && !seen.add(column)) {
                throw new DataException(file + " has two columns named " + column);
            }
        }
    }

    private static List<String> positions(int count, String label) {
        List<String> names = new ArrayList<>(IntStream.range(0, count - 1).mapToObj(i -> "c" + i).toList());
        names.add(label);
        return names;
    }

    /** In the order of the file. */
    List<String> columns() {
        return columns;
    }

    /**
     * Checks that there is what will be asked for.
     *
     * @throws DataException naming the columns that are missing and those that were found
     */
    void require(Collection<String> needed) {
        List<String> missing = needed.stream().filter(name -> !columns.contains(name)).distinct().toList();
        if (!missing.isEmpty()) {
            throw new DataException(file + " has no column " + String.join(", ", missing) + "; found: " + String.join(", ", columns)
                    + (header ? "" : " (the file has no header, so its columns are named by position)"));
        }
    }

    /** File order in every epoch. */
    @Override
    public Rows open(int epoch) {
        Cells cells = new Cells(file);
        if (header) {
            cells.next();
        }
        return new CsvRows(cells);
    }

    private final class CsvRows implements Rows {
        private final Cells cells;
        private final RowEncoder encoder = new RowEncoder(columns, label, key);

        CsvRows(Cells cells) {
            this.cells = cells;
        }

        @Override
        public boolean hasNext() {
            return cells.hasNext();
        }

        @Override
        public Row next() {
            String[] row = cells.next();
            if (row.length != columns.size()) {
                throw new DataException(cells.place() + ": " + row.length + " cells, expected " + columns.size());
            }
            return encoder.encode(row);
        }

        @Override
        public double fraction() {
            return cells.fraction();
        }

        @Override
        public void close() {
            cells.close();
        }
    }

    /** The lines of a file as arrays of text, with every failure turned into a {@link DataException}. */
    private static final class Cells implements AutoCloseable {
        private static final CsvMapper CSV = CsvMapper.builder()
                .enable(CsvReadFeature.WRAP_AS_ARRAY, CsvReadFeature.SKIP_EMPTY_LINES)
                // "1,2," is three cells, the last one empty.
                .disable(CsvReadFeature.ALLOW_TRAILING_COMMA)
                .build();

        private final Path file;
        private final MappingIterator<String[]> lines;
        private final FileChannel channel;
        private final long bytes;
        private int line = 1;

        Cells(Path file) {
            this.file = file;
            if (!Files.isRegularFile(file)) {
                throw new DataException(file + (Files.exists(file) ? " is not a file" : " does not exist"));
            }
            try {
                bytes = Math.max(1, Files.size(file));
                channel = FileChannel.open(file);
            } catch (IOException e) {
                throw new DataException(file + " cannot be read: " + e.getMessage(), e);
            }
            try {
                lines = CSV.readerFor(String[].class).readValues(decompressed(Channels.newInputStream(channel)));
            } catch (IOException | JacksonException e) {
                closeFile();
                throw new DataException(file + " cannot be read: " + e.getMessage(), e);
            }
        }

        private static InputStream decompressed(InputStream file) throws IOException {
            InputStream in = new BufferedInputStream(file, 1 << 16);
            in.mark(2);
            boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
            in.reset();
            return gzip ? new GZIPInputStream(in, 1 << 16) : in;
        }

        double fraction() {
            try {
                return channel.isOpen() ? (double) channel.position() / bytes : 1;
            } catch (IOException e) {
                return 1;
            }
        }

        boolean hasNext() {
            try {
                return lines.hasNextValue();
            } catch (JacksonException e) {
                throw broken(e);
            }
        }

        String[] next() {
            try {
                if (!lines.hasNextValue()) {
                    throw new NoSuchElementException();
                }
                line = lines.currentLocation().getLineNr();
                return lines.nextValue();
            } catch (JacksonException e) {
                throw broken(e);
            }
        }

        /** The file and the line where the row that was read last begins. */
        String place() {
            return file + ", line " + line;
        }

        private DataException broken(JacksonException e) {
            return new DataException(place() + ": " + e.getOriginalMessage(), e);
        }

        @Override
        public void close() {
            lines.close();
            closeFile();
        }

        private void closeFile() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new DataException(file + " cannot be closed: " + e.getMessage(), e);
            }
        }
    }
}
