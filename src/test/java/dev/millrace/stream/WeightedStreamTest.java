package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.SnapshotPolicy;
import dev.millrace.learn.Example;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.snapshot.Snapshot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream whose records carry their weight, from the topic to the snapshot. */
class WeightedStreamTest {
    private static final LearnerSpec PLAIN = Specs.regression(4, 8);
    private static final LearnerSpec SPEC = new LearnerSpec(PLAIN.features(), PLAIN.missing(), PLAIN.standardize(), PLAIN.label(),
            PLAIN.network(), PLAIN.training(), PLAIN.batchSize(), PLAIN.maxWaitMillis(), PLAIN.seed(), PLAIN.window(),
            Optional.of("importance"));

    @TempDir
    Path directory;

    private static byte[] record(int i, String weight) {
        return ("{\"x\":" + i + ",\"z\":2,\"v\":[1,2," + i + "],\"y\":" + 3 * i + weight + "}").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void weightsReachTheStepAndBadOnesTheDeadLetters() {
        ApplicationConfig config = Specs.application("m", SPEC, Map.of(), new SnapshotPolicy(1, 0));
        List<String> bad = List.of("", ",\"importance\":null", ",\"importance\":-1", ",\"importance\":\"2\"", ",\"importance\":1e999");
        OnlineLearner expected = new OnlineLearner(SPEC);
        OnlineLearner unweighted = new OnlineLearner(PLAIN);
        try (Driven driven = new Driven(config, new ModelStores(SPEC), directory)) {
            TestInputTopic<byte[], byte[]> features = driven.input("m.features");
            TestOutputTopic<byte[], byte[]> deadLetters = driven.output("m.dead-letters");
            for (int i = 0; i < 8; i++) {
                byte[] good = record(i, ",\"importance\":" + i % 3 / 2.0);
                features.pipeInput(new byte[0], good);
                learn(expected, good);
                learn(unweighted, good);
                if (i < bad.size()) {
                    features.pipeInput(new byte[0], record(i, bad.get(i)));
                }
            }
            assertThat(deadLetters.readRecordsToList()).extracting(WeightedStreamTest::reason).containsExactly("invalid_weight",
                    "invalid_weight", "invalid_weight", "wrong_type", "invalid_weight");
            features.pipeInput(new byte[0], "{\"x\":1,\"z\":2,\"v\":[1,2,3]}".getBytes(StandardCharsets.UTF_8));
            assertThat(driven.output("m.predictions").readValuesToList()).as("an answer needs no weight").hasSize(1);
            Snapshot last = Snapshot.decode(driven.output("m.snapshots").readValuesToList().getLast());
            assertThat(last.version()).isEqualTo(2);
            assertThat(last.learner().spec()).isEqualTo(SPEC);
            assertThat(last.weightsSha256()).isEqualTo(Snapshot.weightsSha256(expected)).isNotEqualTo(Snapshot.weightsSha256(unweighted));
        }
    }

    @Test
    void aSnapshotHoldsTheWeightsOfThePendingBatch() {
        OnlineLearner learner = new OnlineLearner(SPEC);
        learn(learner, record(1, ",\"importance\":0.25"));
        learn(learner, record(2, ",\"importance\":8"));
        OnlineLearner restored = Snapshot.decode(Snapshot.encode("m", learner, Map.of())).learner();
        for (OnlineLearner each : List.of(learner, restored)) {
            learn(each, record(3, ",\"importance\":1"));
            learn(each, record(4, ",\"importance\":1"));
        }
        assertThat(restored.version()).isEqualTo(1);
        assertThat(Snapshot.weightsSha256(restored)).isEqualTo(Snapshot.weightsSha256(learner));
    }

    private static void learn(OnlineLearner learner, byte[] json) {
        RawRecord record = learner.schema().newRecord();
        Example example = learner.newExample();
        assertThat(new JsonRecordDecoder(learner.schema()).decode(json, record)).isNull();
        assertThat(learner.encode(record, example)).isNull();
        learner.learn(example, 0);
    }

    private static String reason(TestRecord<byte[], byte[]> letter) {
        return new String(letter.headers().lastHeader("millrace.reason").value(), StandardCharsets.UTF_8);
    }
}
