package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.SnapshotPolicy;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.metrics.LearnerMetrics;
import dev.millrace.snapshot.Snapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a learner does with commands; batches of 4, and no snapshot but those that are asked for. */
class ControlTopicTest {
    @TempDir
    Path directory;

    private final LearnerSpec spec = Specs.REGRESSION;
    private final ApplicationConfig config = Specs.application("m", spec, Map.of(), new SnapshotPolicy(0, 1000, 1));
    private final ModelStores stores = new ModelStores(spec);
    private final Map<Long, Snapshot> committed = new HashMap<>();
    private Driven driven;
    private TestInputTopic<byte[], byte[]> features;
    private TestInputTopic<byte[], byte[]> control;
    private TestOutputTopic<byte[], byte[]> predictions;
    private TestOutputTopic<byte[], byte[]> evaluation;
    private TestOutputTopic<byte[], byte[]> snapshots;
    private TestOutputTopic<byte[], byte[]> deadLetters;
    private TestOutputTopic<byte[], byte[]> changelog;

    @BeforeEach
    void start() {
        driven = new Driven(config, stores, version -> Optional.ofNullable(committed.get(version)),
                new LearnerMetrics(new SimpleMeterRegistry(), "m"), directory);
        features = driven.input("m.features");
        control = driven.input("m.control");
        predictions = driven.output("m.predictions");
        evaluation = driven.output("m.evaluation");
        snapshots = driven.output("m.snapshots");
        deadLetters = driven.output("m.dead-letters");
        changelog = driven.output("m-model-changelog");
    }

    @AfterEach
    void stop() {
        driven.close();
    }

    @Test
    void anObeyedCommandIsAcknowledgedWithWhereTheLearnerWas() {
        learn(0, 6);
        tell("{\"command\":\"set_learning_rate\",\"learning_rate\":0.5}");
        TestRecord<byte[], byte[]> record = evaluation.readRecordsToList().getLast();
        assertThat(record.key()).isEqualTo(bytes("m"));
        assertThat(record.timestamp()).as("not the extracted one, which would be too old to be kept").isPositive();
        assertThat(new String(record.value(), StandardCharsets.UTF_8)).isEqualTo("""
                {"model":"m","type":"command","version":1,"labelled":6,"refused_steps":0,"source_offsets":{"m.features-0":6},\
                "pending":2,"frozen":false,"command":{"command":"set_learning_rate","learning_rate":0.5},"control_offset":0,\
                "result":"done"}""");
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    @Test
    void aFrozenLearnerAnswersTheSameUntilItIsThawed() {
        learn(0, 8);
        String before = ask();
        tell("{\"command\":\"freeze\"}");
        learn(8, 16);
        assertThat(ask()).isEqualTo(before);
        tell("{\"command\":\"unfreeze\"}");
        learn(16, 20);
        assertThat(ask()).isNotEqualTo(before).contains("\"version\":3,");
    }

    @Test
    void whatWasSetSurvivesARestart() {
        learn(0, 5);
        tell("{\"command\":\"freeze\"}");
        tell("{\"command\":\"set_learning_rate\",\"learning_rate\":0.5}");
        List<TestRecord<byte[], byte[]>> written = changelog.readRecordsToList();
        ModelStore restored = new ModelStore("model", spec, new ModelStores(spec));
        ModelStoreTest.restore(restored, written);
        assertThat(restored.learner().frozen()).isTrue();
        assertThat(restored.learner().learningRate()).hasValue(0.5);
        assertThat(restored.learner().pending()).isEqualTo(1);

        List<TestRecord<byte[], byte[]>> older = written.stream().filter(record -> !text(record.key()).startsWith("steering")).toList();
        assertThat(older).hasSizeLessThan(written.size());
        ModelStore fromOlder = new ModelStore("model", spec, new ModelStores(spec));
        ModelStoreTest.restore(fromOlder, older);
        assertThat(fromOlder.learner().frozen()).isFalse();
        assertThat(fromOlder.learner().version()).isEqualTo(1);
        assertThat(fromOlder.learner().pending()).isEqualTo(1);
    }

    @Test
    void aSnapshotIsWrittenWhenAskedFor() {
        learn(0, 9);
        assertThat(snapshots.isEmpty()).isTrue();
        tell("{\"command\":\"snapshot\"}");
        Snapshot snapshot = Snapshot.decode(snapshots.readValue());
        assertThat(snapshot.version()).isEqualTo(2);
        assertThat(snapshot.learner().pending()).isEqualTo(1);
        assertThat(snapshot.sourceOffsets()).containsEntry("m.features-0", 9L);
    }

    @Test
    void aSnapshotFromBeforeTheFirstLabelledRecordNamesNoOffset() {
        tell("{\"command\":\"snapshot\"}");
        assertThat(Snapshot.decode(snapshots.readValue()).sourceOffsets()).isEmpty();
    }

    @Test
    void rollsBackToACommittedSnapshotAndWritesIt() {
        learn(0, 8);
        String then = ask();
        tell("{\"command\":\"snapshot\"}");
        Snapshot past = Snapshot.decode(snapshots.readValue());
        committed.put(past.version(), past);
        learn(8, 21);
        tell("{\"command\":\"rollback\",\"version\":2}");
        JsonNode told = told().getLast();
        assertThat(told.path("result").stringValue()).isEqualTo("done");
        assertThat(told.path("version").asLong()).isEqualTo(2);
        assertThat(told.path("labelled").asLong()).isEqualTo(21);
        assertThat(told.path("pending").asLong()).isEqualTo(1);
        assertThat(ask()).isEqualTo(then);
        Snapshot written = Snapshot.decode(snapshots.readValue());
        assertThat(written.weightsSha256()).isEqualTo(past.weightsSha256());
        assertThat(written.sourceOffsets()).containsEntry("m.features-0", 22L);
        ModelStore restored = new ModelStore("model", spec, new ModelStores(spec));
        ModelStoreTest.restore(restored, changelog.readRecordsToList());
        assertThat(Snapshot.weightsSha256(restored.learner())).isEqualTo(past.weightsSha256());
    }

    @Test
    void aRollbackToNowhereChangesNothingAndSaysSo() {
        learn(0, 8);
        String before = ask();
        tell("{\"command\":\"rollback\",\"version\":77}");
        JsonNode told = told().getLast();
        assertThat(told.path("result").stringValue()).isEqualTo("failed");
        assertThat(told.path("reason").stringValue()).isEqualTo("there is no committed snapshot of version 77");
        assertThat(ask()).isEqualTo(before);
        assertThat(snapshots.isEmpty()).isTrue();
    }

    @Test
    void aResetForgetsThePendingBatchTooAndIsSnapshotted() {
        String before = ask();
        learn(0, 7);
        tell("{\"command\":\"reset\"}");
        assertThat(Snapshot.decode(snapshots.readValue()).version()).isZero();
        assertThat(ask()).isEqualTo(before);
        features.pipeInput(bytes("{\"x\":1,\"z\":1,\"v\":[1,2,3],\"y\":3e38}"));
        learn(0, 3);
        assertThat(deadLetters.readRecordsToList()).as("only those of the new batch").hasSize(4);
    }

    @Test
    void windowsAreCountedAnewAfterAReset() {
        learn(0, 150);
        tell("{\"command\":\"reset\"}");
        learn(0, 100);
        assertThat(told()).extracting(node -> node.path("type").stringValue()).containsExactly("started", "window", "command", "window");
    }

    @Test
    void whatIsNoCommandIsADeadLetter() {
        control.pipeInput(bytes("by hand"), bytes("{\"command\":\"explode\"}"));
        control.pipeInput(bytes("by hand"), (byte[]) null);
        List<TestRecord<byte[], byte[]>> letters = deadLetters.readRecordsToList();
        assertThat(letters).extracting(letter -> text(letter.headers().lastHeader("millrace.reason").value()))
                .containsExactly("invalid_command", "null_value");
        TestRecord<byte[], byte[]> letter = letters.getFirst();
        assertThat(letter.key()).isEqualTo(bytes("by hand"));
        assertThat(letter.timestamp()).isPositive();
        assertThat(text(letter.headers().lastHeader("__streams.errors.topic").value())).isEqualTo("m.control");
        assertThat(text(letter.headers().lastHeader("__streams.errors.message").value())).contains("explode", "freeze");
        assertThat(told()).extracting(node -> node.path("type").stringValue()).containsExactly("started");
    }

    private void learn(int from, int to) {
        for (int i = from; i < to; i++) {
            features.pipeInput(
                    bytes("{\"x\":%d,\"z\":%d,\"v\":[1,%d,3],\"y\":%d.5}".formatted(i % 20, i % 5 + 1, i % 3, 2 * (i % 20))));
        }
    }

    private void tell(String command) {
        control.pipeInput(null, bytes(command));
    }

    private String ask() {
        features.pipeInput(bytes("{\"x\":3,\"z\":2,\"v\":[1,2,3]}"));
        return text(predictions.readValuesToList().getLast());
    }

    private List<JsonNode> told() {
        return evaluation.readValuesToList().stream().map(value -> JsonMapper.shared().readTree(value)).toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
