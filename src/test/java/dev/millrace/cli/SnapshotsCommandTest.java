package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ConfigurationReader;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.snapshot.Snapshot;
import dev.millrace.stream.SnapshotReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class SnapshotsCommandTest {
    private static final Snapshot SNAPSHOT = snapshot();

    @Test
    void jsonIsOneLineWithAllKeys() {
        ObjectNode json = SnapshotsCommand.json(SNAPSHOT);

        assertThat(json.propertyNames()).containsExactly("name", "version", "weights_sha256", "parameters", "bytes", "source_offsets",
                "evaluation");
        assertThat(json.path("name").stringValue()).isEqualTo("california");
        assertThat(json.path("parameters").intValue()).isEqualTo(211);
        assertThat(json.path("weights_sha256").stringValue()).matches("[0-9a-f]{64}");
        assertThat(json.path("source_offsets")).hasToString("{\"california.features-0\":7,\"california.features-1\":9}");
        assertThat(json.path("evaluation").propertyNames()).containsExactly("examples", "stream", "window");
        assertThat(json.toString()).doesNotContain("\n");
    }

    @Test
    void aFigureThatIsNotDefinedYetIsNull() {
        assertThat(SnapshotsCommand.json(SNAPSHOT).path("evaluation").path("stream").path("mae").isNull()).isTrue();
    }

    @Test
    void textHasALineForEachFigure() {
        assertThat(SnapshotsCommand.text(SNAPSHOT)).contains("parameters      211\n", "next offset     california.features-1 9\n")
                .containsPattern("evaluation +stream +window\n").containsPattern("(?m)^baseline_mean_mae ");
    }

    @Test
    void anOffsetThatIsNotKnownIsADash() {
        Snapshot first = snapshot(Map.of("california.features-1", 3L));
        assertThat(SnapshotDifference.of(first, SNAPSHOT).text()).containsPattern("(?m)^california.features-0 +- +7$")
                .containsPattern("(?m)^california.features-1 +3 +9$");
        assertThat(SnapshotsCommand.table(List.of(new SnapshotReader.Past(0, -1, 10, 0, Map.of(), Map.of(), "")))).endsWith(" 10  -\n");
    }

    private static Snapshot snapshot() {
        return snapshot(Map.of("california.features-1", 9L, "california.features-0", 7L));
    }

    private static Snapshot snapshot(Map<String, Long> offsets) {
        OnlineLearner learner = new OnlineLearner(
                ConfigurationReader.read(Path.of("deploy/examples/california.yaml"), Map.of()).learner());
        return Snapshot.decode(Snapshot.encode("california", learner, offsets));
    }
}
