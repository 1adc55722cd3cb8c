package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.Guard;
import dev.millrace.config.SnapshotPolicy;
import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Missing;
import dev.millrace.metrics.LearnerMetrics;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Dense;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingSpec;
import dev.millrace.snapshot.Snapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A model that was good, and then has its weights spoiled by a wild learning rate on labels that mean nothing. */
class GuardTest {
    private static final LearnerSpec SPEC = new LearnerSpec(List.of(new Feature.Pick("x", "x")), Missing.REJECT, true,
            new Label.Regression("y", 1, 1), new NetworkSpec(1, List.of(new Dense("dense", 1, Activation.LINEAR))),
            new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE,
                    new Optimizer.Sgd(new LearningRate.Constant(0.1f), 0, false, Clipping.NONE)),
            5, 0, 7, 50);

    @TempDir
    Path directory;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ModelStores stores = new ModelStores(SPEC);
    private final Map<Long, Snapshot> committed = new HashMap<>();
    private final Random random = new Random(1);
    private Driven driven;
    private TestInputTopic<byte[], byte[]> features;
    private TestInputTopic<byte[], byte[]> control;
    private TestOutputTopic<byte[], byte[]> evaluation;
    private TestOutputTopic<byte[], byte[]> snapshots;

    private void start(Guard guard) {
        ApplicationConfig config = Specs.application("m", SPEC, Map.of(), new SnapshotPolicy(10, 0, 5)).withGuard(guard);
        driven = new Driven(config, stores, version -> Optional.ofNullable(committed.get(version)), new LearnerMetrics(registry, "m"),
                directory);
        features = driven.input("m.features");
        control = driven.input("m.control");
        evaluation = driven.output("m.evaluation");
        snapshots = driven.output("m.snapshots");
    }

    @AfterEach
    void stop() {
        driven.close();
    }

    @Test
    void goesBackToTheLastGoodSnapshotAndTellsOfIt() {
        start(Guard.ROLLBACK);
        learn(400, true);
        String good = Snapshot.weightsSha256(committed.get(80L).learner());
        spoil();
        List<JsonNode> told = events();
        JsonNode worse = told.stream().filter(event -> type(event).equals("worse_than_baseline")).findFirst().orElseThrow();
        assertThat(worse.path("action").stringValue()).isEqualTo("rollback");
        assertThat(worse.path("windows").asInt()).isEqualTo(3);
        assertThat(worse.path("version").asLong()).isEqualTo(80);
        assertThat(Snapshot.weightsSha256(committed.get(80L).learner())).isEqualTo(good);
    }

    @Test
    void goesBackFurtherIfTheLastGoodSnapshotIsNotCommittedYet() {
        start(Guard.ROLLBACK);
        learn(400, true);
        committed.remove(80L);
        spoil();
        JsonNode worse = events().stream().filter(event -> type(event).equals("worse_than_baseline")).findFirst().orElseThrow();
        assertThat(worse.path("action").stringValue()).isEqualTo("rollback");
        assertThat(worse.path("version").asLong()).isEqualTo(70);
    }

    @Test
    void withoutTheOrderItOnlyTellsAndTellsWhenItIsOver() {
        start(Guard.ALERT);
        learn(400, true);
        assertThat(gauge()).isZero();
        spoil();
        assertThat(gauge()).isEqualTo(1);
        JsonNode worse = events().stream().filter(event -> type(event).equals("worse_than_baseline")).findFirst().orElseThrow();
        assertThat(worse.path("action").stringValue()).isEqualTo("none");
        assertThat(worse.path("version").asLong()).isGreaterThan(80);

        tell("{\"command\":\"set_learning_rate\",\"learning_rate\":null}");
        learn(1500, true);
        assertThat(gauge()).isZero();
        assertThat(events()).extracting(GuardTest::type).contains("better_than_baseline").doesNotContain("worse_than_baseline");
    }

    @Test
    void aStreamThatHasChangedForGoodIsNotFoughtForEver() {
        start(Guard.ROLLBACK);
        learn(400, true);
        tell("{\"command\":\"freeze\"}");
        for (int i = 0; i < 5000; i++) {
            features.pipeInput(bytes("{\"x\":%s,\"y\":%s}".formatted(random.nextGaussian(), 1000 + random.nextGaussian())));
        }
        List<String> actions = events().stream().filter(event -> type(event).equals("worse_than_baseline"))
                .map(event -> event.path("action").stringValue()).toList();
        assertThat(actions).hasSizeLessThan(7).last().asString().startsWith("none: no kept snapshot");
    }

    /** Random labels at a rate that makes weights of them. */
    private void spoil() {
        tell("{\"command\":\"set_learning_rate\",\"learning_rate\":0.9}");
        for (int i = 0; i < 100 && events(false).stream().noneMatch(event -> type(event).equals("worse_than_baseline")); i++) {
            learn(10, false);
        }
    }

    private void learn(int count, boolean sense) {
        for (int i = 0; i < count; i++) {
            double x = random.nextGaussian();
            double y = sense ? 5 * x + 0.1 * random.nextGaussian() : 5 * random.nextGaussian();
            features.pipeInput(bytes("{\"x\":%s,\"y\":%s}".formatted(x, y)));
            for (TestRecord<byte[], byte[]> record : snapshots.readRecordsToList()) {
                if (record.value() != null) {
                    Snapshot snapshot = Snapshot.decode(record.value());
                    committed.put(snapshot.version(), snapshot);
                }
            }
        }
    }

    private void tell(String command) {
        control.pipeInput(bytes(command));
    }

    private final List<JsonNode> heard = new ArrayList<>();

    /** What was told since the last call. */
    private List<JsonNode> events() {
        List<JsonNode> all = events(true);
        heard.clear();
        return all;
    }

    private List<JsonNode> events(boolean copy) {
        evaluation.readRecordsToList().forEach(record -> heard.add(JsonMapper.shared().readTree(record.value())));
        return copy ? List.copyOf(heard) : heard;
    }

    private static String type(JsonNode event) {
        return event.path("type").stringValue();
    }

    private double gauge() {
        return registry.get("millrace.worse.than.baseline").gauge().value();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
