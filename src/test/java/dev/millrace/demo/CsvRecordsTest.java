package dev.millrace.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.HttpAddress;
import dev.millrace.config.SnapshotPolicy;
import dev.millrace.config.TopicNames;
import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Missing;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Dense;
import dev.millrace.nn.KerasNames;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.TrainingSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvRecordsTest {
    @TempDir
    Path directory;

    @Test
    void keepsTheDigitsOfNumbersAndPutsTheLabelLast() throws IOException {
        assertThat(json("a,y,b\n-114.310000,66900.000000,1e-3\n", "y"))
                .containsExactly("{\"a\":-114.310000,\"b\":1e-3,\"y\":66900.000000}");
    }

    @Test
    void theWeightIsNeededBesideALabelOnly() throws IOException {
        LearnerSpec spec = new LearnerSpec(List.of(new Feature.Pick("a", "a")), Missing.REJECT, true, new Label.Regression("y", 1, 1),
                new NetworkSpec(1, List.of(new Dense("dense", 1, Activation.LINEAR))),
                new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE,
                        KerasNames.optimizer("sgd").orElseThrow()),
                1, 0, 1, 1, Optional.of("w"));
        ApplicationConfig config = new ApplicationConfig("m", Map.of(), TopicNames.of("m"), spec, new SnapshotPolicy(1, 0),
                new HttpAddress("127.0.0.1", 0));
        assertThat(Replay.csv(file("a,w,y\n1,2,3\n"), config, Optional.empty(), false).columns()).containsExactly("a", "w", "y");
        assertThat(Replay.csv(file("a\n1\n"), config, Optional.empty(), false).columns()).containsExactly("a");
        Path unweighted = file("a,y\n1,2\n");
        assertThatThrownBy(() -> Replay.csv(unweighted, config, Optional.empty(), false)).isInstanceOf(DataException.class)
                .hasMessageContaining("has no column w; found: a, y");
    }

    @Test
    void leavesOutEmptyCells() throws IOException {
        assertThat(json("a,b,y\n,2,3\n1,,3\n1,2,\n,,\n", "y")).containsExactly("{\"b\":2,\"y\":3}", "{\"a\":1,\"y\":3}",
                "{\"a\":1,\"b\":2}", "{}");
    }

    @Test
    void knowsWhichRowsHaveALabelAndCanTakeItAway() throws IOException {
        List<Row> rows = rows(new CsvRecords(file("a,y\n1,2\n3,\n,4\n"), "y", null));
        assertThat(rows).extracting(Row::hasLabel).containsExactly(true, false, true);
        assertThat(rows).extracting(row -> text(row.withoutLabel())).containsExactly("{\"a\":1}", "{\"a\":3}", "{}");
    }

    @Test
    void readsQuotesBooleansTextAndAlmostNumbers() throws IOException {
        assertThat(json("a,\"b,c\",d\n\"x \"\"y\"\"\nz\",true,007\r\nNaN,\"1.5\",.5\n-.5,+7,5.\n1-2,--1,1e\n", "none")).containsExactly(
                "{\"a\":\"x \\\"y\\\"\\nz\",\"b,c\":true,\"d\":\"007\"}",
                "{\"a\":\"NaN\",\"b,c\":1.5,\"d\":0.5}",
                "{\"a\":-0.5,\"b,c\":7,\"d\":5}",
                "{\"a\":\"1-2\",\"b,c\":\"--1\",\"d\":\"1e\"}");
    }

    @Test
    void trimsNamesAndCellsAndSkipsBlankLinesAndTheColumnWithoutAName() throws IOException {
        CsvRecords csv = new CsvRecords(file("\uFEFF, a ,\"b\"\n\n0, 1 ,red \n\n"), "b", null);
        assertThat(csv.columns()).containsExactly("", "a", "b");
        assertThat(rows(csv)).extracting(row -> text(row.json())).containsExactly("{\"a\":1,\"b\":\"red\"}");
    }

    @Test
    void readsGzip() throws IOException {
        Path file = directory.resolve("rows.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("a,b\n1,2\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(rows(new CsvRecords(file, "b", null))).extracting(row -> text(row.json())).containsExactly("{\"a\":1,\"b\":2}");
    }

    @Test
    void namesTheColumnsOfANumericFileByPositionAndTheLastOneAsTheLabel() throws IOException {
        assertThat(json("0,16,3\n1,5,7\n", "digit")).containsExactly("{\"c0\":0,\"c1\":16,\"digit\":3}", "{\"c0\":1,\"c1\":5,\"digit\":7}");
    }

    @Test
    void takesTheKeyFromAColumn() throws IOException {
        assertThat(rows(new CsvRecords(file("id,y\nblock 7,1\n,2\n"), "y", "id")))
                .extracting(row -> row.key() == null ? null : text(row.key()))
                .containsExactly("block 7", null);
    }

    @Test
    void saysWhichLineHasAnotherNumberOfCells() throws IOException {
        assertThatThrownBy(() -> json("a,b\n1,2\n1,2,3\n", "b")).isInstanceOf(DataException.class)
                .hasMessageContaining("line 3: 3 cells, expected 2");
        assertThatThrownBy(() -> json("a,b\n1\n", "b")).isInstanceOf(DataException.class).hasMessageContaining("1 cells, expected 2");
        assertThatThrownBy(() -> json("a,b\n1,2,\n", "b")).isInstanceOf(DataException.class).hasMessageContaining("3 cells, expected 2");
    }

    @Test
    void namesMissingColumnsAndThoseThatAreThere() throws IOException {
        CsvRecords csv = new CsvRecords(file("a,b\n1,2\n"), "b", null);
        csv.require(List.of("b"));
        assertThatThrownBy(() -> csv.require(List.of("a", "rooms", "age"))).isInstanceOf(DataException.class)
                .hasMessageContaining("has no column rooms, age; found: a, b");
    }

    @Test
    void refusesFilesThatAreMissingEmptyOrAmbiguous() throws IOException {
        assertThatThrownBy(() -> new CsvRecords(directory.resolve("none.csv"), "y", null)).isInstanceOf(DataException.class)
                .hasMessageContaining("none.csv does not exist");
        assertThatThrownBy(() -> new CsvRecords(directory, "y", null)).isInstanceOf(DataException.class)
                .hasMessageContaining("is not a file");
        assertThatThrownBy(() -> new CsvRecords(file(""), "y", null)).isInstanceOf(DataException.class).hasMessageContaining("is empty");
        assertThatThrownBy(() -> new CsvRecords(file("a,a\n1,2\n"), "y", null)).isInstanceOf(DataException.class)
                .hasMessageContaining("two columns named a");
    }

    private Path file(String content) throws IOException {
        return Files.writeString(directory.resolve("rows.csv"), content);
    }

    private List<String> json(String content, String label) throws IOException {
        return rows(new CsvRecords(file(content), label, null)).stream().map(row -> text(row.json())).toList();
    }

    private static List<Row> rows(RowSource source) {
        List<Row> rows = new ArrayList<>();
        try (RowSource.Rows pass = source.open(0)) {
            pass.forEachRemaining(rows::add);
        }
        return rows;
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
