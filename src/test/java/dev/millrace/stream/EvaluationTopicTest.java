package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.SnapshotPolicy;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.snapshot.Snapshot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is told in the evaluation topic, with a batch of 4, a window of 100 and a snapshot at every step. */
class EvaluationTopicTest {
    private static final int WINDOW = 100;

    @TempDir
    Path directory;

    private final LearnerSpec spec = Specs.REGRESSION;
    private final ApplicationConfig config = Specs.application("m", spec, Map.of(), new SnapshotPolicy(1, 0));
    private Driven driven;
    private TestInputTopic<byte[], byte[]> features;
    private TestOutputTopic<byte[], byte[]> evaluation;
    private TestOutputTopic<byte[], byte[]> snapshots;

    @BeforeEach
    void start() {
        driven = new Driven(config, new ModelStores(spec), directory);
        features = driven.input("m.features");
        evaluation = driven.output("m.evaluation");
        snapshots = driven.output("m.snapshots");
    }

    @AfterEach
    void stop() {
        driven.close();
    }

    @Test
    void aQuietTaskTellsItsStartOnce() {
        driven.driver.advanceWallClockTime(Duration.ofSeconds(3));
        assertThat(text(evaluation.readValue())).isEqualTo(
                "{\"model\":\"m\",\"type\":\"started\",\"version\":0,\"labelled\":0,\"refused_steps\":0,\"source_offsets\":{},\"pending\":0,\"frozen\":false}");
        driven.driver.advanceWallClockTime(Duration.ofSeconds(3));
        assertThat(evaluation.isEmpty()).isTrue();
    }

    @Test
    void aStartIsToldBeforeTheFirstRecord() {
        learn(0, WINDOW);
        assertThat(types(told())).containsExactly("started", "window");
    }

    @Test
    void aFinishedWindowIsToldWithTheFiguresOfItsLastStep() {
        learn(0, WINDOW - 1);
        assertThat(types(told())).containsExactly("started");
        features.pipeInput(new TestRecord<>(null, labelled(WINDOW - 1), new RecordHeaders(), 1234L));
        TestRecord<byte[], byte[]> record = evaluation.readRecord();
        assertThat(record.key()).isEqualTo("m".getBytes(StandardCharsets.UTF_8));
        assertThat(record.timestamp()).isEqualTo(1234);
        JsonNode window = json(record.value());
        assertThat(window.path("type").stringValue()).isEqualTo("window");
        assertThat(window.path("version").asLong()).isEqualTo(WINDOW / 4);
        assertThat(window.path("labelled").asLong()).isEqualTo(WINDOW);
        assertThat(window.path("source_offsets").path("m.features-0").asLong()).isEqualTo(WINDOW);
        Snapshot snapshot = Snapshot.decode(snapshots.readValuesToList().getLast());
        assertThat(snapshot.version()).isEqualTo(WINDOW / 4);
        assertThat(window.path("evaluation").toString()).isEqualTo(Snapshot.evaluation(snapshot.learner().evaluation()).toString());
        assertThat(window.path("evaluation").path("window").propertyNames()).contains("rmse", "baseline_mean_rmse", "baseline_last_rmse");
    }

    @Test
    void everyWindowIsToldOnce() {
        learn(0, 7 * WINDOW / 2);
        List<JsonNode> told = told();
        // Labels of these records follow no rule, which is told as well.
        assertThat(types(told)).containsExactly("started", "window", "window", "window", "worse_than_baseline");
        assertThat(told.subList(1, 4)).extracting(window -> window.path("evaluation").path("examples").asInt()).containsExactly(WINDOW,
                2 * WINDOW, 3 * WINDOW);
    }

    @Test
    void aRecordOfManyWindowsTellsEach() {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 2 * WINDOW; i++) {
            rows.add(text(labelled(i)));
        }
        features.pipeInput(("[" + String.join(",", rows) + "]").getBytes(StandardCharsets.UTF_8));
        assertThat(types(told())).containsExactly("started", "window", "window");
    }

    @Test
    void aRefusedStepIsAnEvent() {
        learn(0, 7);
        features.pipeInput("{\"x\":1,\"z\":1,\"v\":[1,2,3],\"y\":3e38}".getBytes(StandardCharsets.UTF_8));
        List<JsonNode> told = told();
        assertThat(types(told)).containsExactly("started", "step_refused");
        assertThat(told.getLast().path("version").asLong()).isEqualTo(1);
        assertThat(told.getLast().path("labelled").asLong()).isEqualTo(8);
        assertThat(told.getLast().path("refused_steps").asLong()).isEqualTo(1);
        assertThat(told.getLast().path("source_offsets").path("m.features-0").asLong()).isEqualTo(8);
    }

    @Test
    void whatWasToldBeforeARestartIsNotToldAgain() {
        learn(0, WINDOW);
        OnlineLearner restored = Snapshot.decode(snapshots.readValuesToList().getLast()).learner();
        EvaluationRecords records = new EvaluationRecords("m", "m.features-0", restored);
        assertThat(records.windowFinished(restored)).isFalse();
        learn(WINDOW, WINDOW);
        OnlineLearner later = Snapshot.decode(snapshots.readValuesToList().getLast()).learner();
        assertThat(records.windowFinished(later)).isTrue();
        assertThat(records.windowFinished(later)).isFalse();
    }

    private void learn(int first, int count) {
        for (int i = first; i < first + count; i++) {
            features.pipeInput(labelled(i));
        }
    }

    private List<JsonNode> told() {
        return evaluation.readValuesToList().stream().map(EvaluationTopicTest::json).toList();
    }

    private static List<String> types(List<JsonNode> told) {
        return told.stream().map(node -> node.path("type").stringValue()).toList();
    }

    private static JsonNode json(byte[] value) {
        return JsonMapper.shared().readTree(value);
    }

    private static byte[] labelled(int i) {
        return "{\"x\":%d,\"z\":%d,\"v\":[1,%d,3],\"y\":%d.5}".formatted(i, i % 5 + 1, i % 3, 2 * i).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
