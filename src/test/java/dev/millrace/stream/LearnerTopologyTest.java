package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.SnapshotPolicy;
import dev.millrace.learn.Evaluation;
import dev.millrace.learn.Example;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.metrics.LearnerMetrics;
import dev.millrace.snapshot.Snapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.test.TestRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a record, with one input partition; crashes and rebalances are tested against real brokers. */
class LearnerTopologyTest {
    @TempDir
    Path directory;

    private final LearnerSpec spec = Specs.REGRESSION;
    private final ApplicationConfig config = Specs.application("m", spec, Map.of(), new SnapshotPolicy(2, 10, 1));
    private final ModelStores stores = new ModelStores(spec);
    private final LearnerMetrics metrics = new LearnerMetrics(new SimpleMeterRegistry(), "m");
    private Driven driven;
    private TestInputTopic<byte[], byte[]> features;
    private TestOutputTopic<byte[], byte[]> predictions;
    private TestOutputTopic<byte[], byte[]> snapshots;
    private TestOutputTopic<byte[], byte[]> deadLetters;
    private TestOutputTopic<byte[], byte[]> changelog;

    @BeforeEach
    void start() {
        driven = new Driven(config, stores, SnapshotHistory.NONE, metrics, directory);
        features = driven.input("m.features");
        predictions = driven.output("m.predictions");
        snapshots = driven.output("m.snapshots");
        deadLetters = driven.output("m.dead-letters");
        changelog = driven.output("m-model-changelog");
    }

    @AfterEach
    void stop() {
        driven.close();
    }

    @Test
    void theTopologyIsTheOneWeKnow() {
        assertThat(LearnerTopology.single(config, stores, SnapshotHistory.NONE, metrics, new LearnerWatch(), 1 << 20).describe().toString())
                .isEqualTo("""
                        Topologies:
                           Sub-topology: 0
                            Source: features (topics: [m.features])
                              --> learner
                            Source: learner-control (topics: [m.control])
                              --> learner
                            Processor: learner (stores: [model])
                              --> dead-letters, evaluation, predictions, snapshots
                              <-- features, learner-control
                            Sink: dead-letters (topic: m.dead-letters)
                              <-- learner
                            Sink: evaluation (topic: m.evaluation)
                              <-- learner
                            Sink: predictions (topic: m.predictions)
                              <-- learner
                            Sink: snapshots (topic: m.snapshots)
                              <-- learner

                        """);
    }

    @Test
    void theTopologyForSeveralPartitionsHasOneLearner() {
        ModelView view = new ModelView("m", "m.snapshots", spec, ClientSettings.consumer(config), metrics);
        Topology routed = LearnerTopology.routed(config, stores, view, SnapshotHistory.NONE, metrics, new LearnerWatch(), 1 << 20);
        view.close();
        assertThat(routed.describe().toString()).contains("Source: features (topics: [m.features])", "--> router",
                "Sink: labelled (topic: m.labelled)", "Sub-topology: 1\n    Source: labelled-source (topics: [m.labelled])",
                "Source: learner-control (topics: [m.control])",
                "Processor: learner (stores: [model])");
    }

    @Test
    void anUnlabelledRecordIsAnsweredWithItsKeyHeadersAndTimestamp() {
        features.pipeInput(new TestRecord<>(bytes("key-1"), bytes("{\"x\":1,\"z\":2,\"v\":[1,2,3]}"),
                new RecordHeaders().add("trace", bytes("t1")), 1234L));
        TestRecord<byte[], byte[]> answer = predictions.readRecord();
        assertThat(answer.key()).isEqualTo(bytes("key-1"));
        assertThat(answer.timestamp()).isEqualTo(1234);
        assertThat(answer.headers().lastHeader("trace").value()).isEqualTo(bytes("t1"));
        assertThat(text(answer.value())).startsWith("{\"model\":\"m\",\"version\":0,\"prediction\":");
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    @Test
    void anAnswerThatIsTooLargeBecomesADeadLetter() {
        ApplicationConfig classes = Specs.application("c", Specs.CLASSIFICATION, Map.of(), SnapshotPolicy.DEFAULT);
        try (Driven driver = new Driven(classes, new ModelStores(Specs.CLASSIFICATION), directory.resolve("classes"))) {
            TestInputTopic<byte[], byte[]> records = driver.input("c.features");
            String rows = "[" + "[0,0],".repeat(20_000) + "[1,1]]";
            records.pipeInput(bytes("large"), bytes(rows));
            records.pipeInput(bytes("small"), bytes("[[0,0]]"));
            TestRecord<byte[], byte[]> letter = driver.output("c.dead-letters").readRecord();
            assertThat(text(letter.key())).isEqualTo("large");
            assertThat(text(letter.value())).isEqualTo(rows);
            assertThat(text(letter.headers().lastHeader(DeadLetters.REASON).value())).isEqualTo("too_large");
            assertThat(driver.output("c.predictions").readKeyValuesToList()).extracting(answer -> text(answer.key))
                    .containsExactly("small");
        }
    }

    @Test
    void labelledRecordsTrainOncePerBatchAndAreSnapshotted() {
        for (int i = 0; i < 16; i++) {
            features.pipeInput(labelled(i));
        }
        assertThat(predictions.isEmpty()).isTrue();
        List<byte[]> written = snapshots.readValuesToList();
        assertThat(written).hasSize(2);
        Snapshot last = Snapshot.decode(written.getLast());
        assertThat(last.version()).isEqualTo(4);
        assertThat(last.sourceOffsets()).containsEntry("m.features-0", 16L);
        OnlineLearner expected = offline(16);
        assertThat(last.weightsSha256()).isEqualTo(Snapshot.weightsSha256(expected));
        assertThat(last.learner().evaluation().figures(Evaluation.Span.STREAM))
                .isEqualTo(expected.evaluation().figures(Evaluation.Span.STREAM));
        assertThat(metrics.examples()).isEqualTo(16);
    }

    /** With a network that no other test here has, since what is compiled stays compiled. */
    @Test
    void vectorLoopsAreUsedAsSoonAsTheyAreCompiled() {
        LearnerSpec other = Specs.regression(4, 13);
        ModelStores others = new ModelStores(other);
        ApplicationConfig changed = Specs.application("m", other, Map.of(), SnapshotPolicy.DEFAULT);
        try (Driven driver = new Driven(changed, others, SnapshotHistory.NONE, metrics, directory.resolve("other"))) {
            OnlineLearner learner = others.of(new TaskId(0, 0)).learner();
            assertThat(learner.usesPlainLoops()).isTrue();
            driver.driver.advanceWallClockTime(Duration.ofSeconds(1));
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> others.warmUp().done());
            driver.input("m.features").pipeInput(labelled(0));
            assertThat(learner.usesPlainLoops()).isFalse();
        }
        assertThat(new ModelStores(other).warmUp().done()).as("for the next learner too").isTrue();
    }

    @Test
    void aQuietStreamStillSnapshotsItsLastStepOnce() {
        for (int i = 0; i < 5; i++) {
            features.pipeInput(labelled(i));
        }
        driven.driver.advanceWallClockTime(Duration.ofSeconds(5));
        assertThat(snapshots.isEmpty()).isTrue();
        driven.driver.advanceWallClockTime(Duration.ofSeconds(6));
        Snapshot snapshot = Snapshot.decode(snapshots.readValue());
        assertThat(snapshot.version()).isEqualTo(1);
        assertThat(snapshot.learner().pending()).isEqualTo(1);
        driven.driver.advanceWallClockTime(Duration.ofSeconds(20));
        assertThat(snapshots.isEmpty()).isTrue();
    }

    @Test
    void badRecordsGoToTheDeadLettersWithEverythingTheyCameWith() {
        features.pipeInput(new TestRecord<>(bytes("k"), bytes("{\"x\":\"one\"}"), new RecordHeaders().add("trace", bytes("t1")), 99L));
        features.pipeInput(new TestRecord<>(bytes("k"), null, new RecordHeaders(), 100L));
        TestRecord<byte[], byte[]> first = deadLetters.readRecord();
        assertThat(first.key()).isEqualTo(bytes("k"));
        assertThat(first.value()).isEqualTo(bytes("{\"x\":\"one\"}"));
        assertThat(first.timestamp()).isEqualTo(99);
        assertThat(header(first, "trace")).isEqualTo("t1");
        assertThat(header(first, "millrace.reason")).isEqualTo("wrong_type");
        assertThat(header(first, "__streams.errors.message")).isEqualTo("field x: found the text \"one\", a number is needed");
        assertThat(header(first, "__streams.errors.topic")).isEqualTo("m.features");
        assertThat(header(first, "__streams.errors.partition")).isEqualTo("0");
        assertThat(header(first, "__streams.errors.offset")).isEqualTo("0");
        assertThat(header(deadLetters.readRecord(), "millrace.reason")).isEqualTo("null_value");
        assertThat(predictions.isEmpty()).isTrue();
    }

    @Test
    void badRecordsBetweenGoodOnesChangeNothing() {
        for (int i = 0; i < 16; i++) {
            features.pipeInput(labelled(i));
            features.pipeInput(bytes("{\"x\":1e308,\"z\":1,\"v\":[1,2,3],\"y\":1}"));
            features.pipeInput(bytes("{\"x\":1,\"z\":0,\"v\":[1,2,3],\"y\":1}"));
        }
        assertThat(Snapshot.decode(snapshots.readValuesToList().getLast()).weightsSha256()).isEqualTo(Snapshot.weightsSha256(offline(16)));
        assertThat(deadLetters.readRecordsToList()).hasSize(32)
                .allSatisfy(record -> assertThat(header(record, "millrace.reason")).isEqualTo("non_finite"));
    }

    @Test
    void theBatchOfARefusedStepGoesToTheDeadLettersAsItCame() {
        for (int i = 0; i < 3; i++) {
            features.pipeInput(labelled(i));
        }
        features.pipeInput(bytes("poison"), bytes("{\"x\":1,\"z\":1,\"v\":[1,2,3],\"y\":3e38}"));
        List<TestRecord<byte[], byte[]>> refused = deadLetters.readRecordsToList();
        assertThat(refused).hasSize(4).allSatisfy(record -> assertThat(header(record, "millrace.reason")).isEqualTo("step_refused"));
        assertThat(refused.get(1).value()).isEqualTo(labelled(1));
        assertThat(header(refused.get(1), "__streams.errors.offset")).isEqualTo("1");
        assertThat(refused.get(3).key()).isEqualTo(bytes("poison"));
        for (int i = 0; i < 8; i++) {
            features.pipeInput(labelled(i));
        }
        assertThat(Snapshot.decode(snapshots.readValuesToList().getLast()).version()).isEqualTo(2);
    }

    @Test
    void theChangelogRestoresTheModelInTheMiddleOfABatch() {
        for (int i = 0; i < 14; i++) {
            features.pipeInput(new TestRecord<>(null, labelled(i), new RecordHeaders(), (long) i));
        }
        ModelStore restored = new ModelStore("model", spec, stores);
        ModelStoreTest.restore(restored, changelog.readRecordsToList());
        assertThat(restored.learner().version()).isEqualTo(3);
        assertThat(restored.learner().pending()).isEqualTo(2);
        assertThat(Snapshot.encode("m", restored.learner(), Map.of())).isEqualTo(Snapshot.encode("m", offline(14), Map.of()));
        assertThat(restored.snapshotVersion).isEqualTo(2);
        assertThat(restored.sourceOffset).isEqualTo(14);
        List<byte[]> originals = new java.util.ArrayList<>();
        restored.originals().forEach((record, source, rows) -> originals.add(record.value()));
        assertThat(originals).containsExactly(labelled(12), labelled(13));
    }

    @Test
    void rowsOfARecordTrainLikeRecordsOfTheirOwn() {
        features.pipeInput(rows(0, 3));
        features.pipeInput(rows(3, 10));
        features.pipeInput(labelled(13));
        features.pipeInput(rows(14, 2));
        Snapshot last = Snapshot.decode(snapshots.readValuesToList().getLast());
        assertThat(last.weightsSha256()).isEqualTo(Snapshot.weightsSha256(offline(16)));
        assertThat(last.sourceOffsets()).containsEntry("m.features-0", 4L);
        assertThat(metrics.examples()).isEqualTo(16);
    }

    @Test
    void rowsAreAnsweredWithOneRecord() {
        features.pipeInput(new TestRecord<>(bytes("key"), bytes("[[1,2,[1,2,3]],[2,2,[1,2,3]],[3,2,[1,2,3]]]"), new RecordHeaders(), 7L));
        TestRecord<byte[], byte[]> answer = predictions.readRecord();
        assertThat(answer.key()).isEqualTo(bytes("key"));
        assertThat(text(answer.value())).startsWith("{\"model\":\"m\",\"version\":0,\"predictions\":[");
        assertThat(predictions.isEmpty()).isTrue();
        assertThat(metrics.predictions()).isEqualTo(3);
    }

    @Test
    void aBadRowChangesNothing() {
        features.pipeInput(bytes("[[1,2,[1,2,3],4],[1,0,[1,2,3],4]]"));
        TestRecord<byte[], byte[]> letter = deadLetters.readRecord();
        assertThat(header(letter, "millrace.reason")).isEqualTo("non_finite");
        assertThat(header(letter, "__streams.errors.message")).startsWith("row 1: ");
        assertThat(metrics.examples()).isZero();
        features.pipeInput(bytes("[[1,2,[1,2,3]],[3e38,2,[1,2,3]],[3e38,1e-38,[1,2,3]]]"));
        assertThat(header(deadLetters.readRecord(), "__streams.errors.message")).startsWith("row 2: ");
        assertThat(predictions.isEmpty()).isTrue();
    }

    @Test
    void aRecordInTwoRefusedBatchesSaysEachTimeWhichRowsAreMeant() {
        String fine = "[1,1,[1,2,3],1]";
        String poison = "[1,1,[1,2,3],3e38]";
        features.pipeInput(bytes("[" + fine + "," + poison + "]"));
        features.pipeInput(bytes("[" + String.join(",", fine, fine, poison, fine, fine) + "]"));
        features.pipeInput(bytes("{\"x\":1,\"z\":1,\"v\":[1,2,3],\"y\":2}"));
        List<TestRecord<byte[], byte[]>> refused = deadLetters.readRecordsToList();
        assertThat(refused).allSatisfy(record -> assertThat(header(record, "millrace.reason")).isEqualTo("step_refused"));
        // The first batch is rows 0-1 of record 0 and rows 0-1 of record 1; the second is rows 2-4 of record 1 and record 2.
        assertThat(refused).extracting(record -> header(record, "__streams.errors.offset")).containsExactly("0", "1", "1", "2");
        assertThat(refused.get(0).headers().lastHeader("millrace.rows")).isNull();
        assertThat(header(refused.get(1), "millrace.rows")).isEqualTo("0-1");
        assertThat(header(refused.get(2), "millrace.rows")).isEqualTo("2-4");
        assertThat(refused.get(3).headers().lastHeader("millrace.rows")).isNull();
        assertThat(refused.get(2).value()).isEqualTo(refused.get(1).value());
    }

    @Test
    void theChangelogRestoresTheModelInTheMiddleOfARecord() {
        features.pipeInput(new TestRecord<>(null, rows(0, 6), new RecordHeaders(), 0L));
        features.pipeInput(new TestRecord<>(null, labelled(6), new RecordHeaders(), 1L));
        ModelStore restored = new ModelStore("model", spec, stores);
        ModelStoreTest.restore(restored, changelog.readRecordsToList());
        assertThat(restored.learner().version()).isEqualTo(1);
        assertThat(restored.learner().pending()).isEqualTo(3);
        List<PendingOriginals.Rows> pending = new java.util.ArrayList<>();
        restored.originals().forEach((record, source, rows) -> pending.add(rows));
        assertThat(pending).containsExactly(new PendingOriginals.Rows(4, 2, 6), PendingOriginals.Rows.ONE);
    }

    @Test
    void anUnchangedModelWritesNothingAndAChangedOneEachChunkOnce() {
        features.pipeInput(bytes("{\"x\":1,\"z\":2,\"v\":[1,2,3]}"));
        assertThat(changelog.isEmpty()).isTrue();
        features.pipeInput(rows(0, 40));
        List<TestRecord<byte[], byte[]>> written = changelog.readRecordsToList();
        assertThat(written).extracting(record -> text(record.key())).doesNotHaveDuplicates()
                .contains("spec", "counters/0", "scaler/0", "evaluation/0", "parameters/0", "slot/momentum/0", "slot/velocity/0");
        features.pipeInput(bytes("{\"x\":1,\"z\":2,\"v\":[1,2,3]}"));
        assertThat(changelog.isEmpty()).isTrue();
        features.pipeInput(labelled(1));
        assertThat(changelog.readRecordsToList()).extracting(record -> text(record.key())).doesNotHaveDuplicates()
                .contains("counters/0", "pending/features/0", "originals/0").doesNotContain("spec", "parameters/0");
    }

    /** So many of the labelled records from {@code first} on, as rows of one. */
    private static byte[] rows(int first, int count) {
        List<String> rows = new java.util.ArrayList<>();
        for (int i = first; i < first + count; i++) {
            rows.add(text(labelled(i)));
        }
        return bytes("[" + String.join(",", rows) + "]");
    }

    private OnlineLearner offline(int records) {
        OnlineLearner learner = new OnlineLearner(spec);
        JsonRecordDecoder decoder = new JsonRecordDecoder(learner.schema());
        RawRecord raw = learner.schema().newRecord();
        Example example = learner.newExample();
        for (int i = 0; i < records; i++) {
            assertThat(decoder.decode(labelled(i), raw)).isNull();
            assertThat(learner.encode(raw, example)).isNull();
            learner.learn(example, i);
        }
        return learner;
    }

    private static byte[] labelled(int i) {
        return bytes("{\"x\":%d,\"z\":%d,\"v\":[1,%d,3],\"y\":%d.5}".formatted(i, i % 5 + 1, i % 3, 2 * i));
    }

    private static String header(TestRecord<byte[], byte[]> record, String name) {
        return text(record.headers().lastHeader(name).value());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
