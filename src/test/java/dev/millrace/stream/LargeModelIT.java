package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.snapshot.Snapshot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * 25 million parameters with Adam, 300 MB of state: trained, committed, told as a snapshot in chunks, and restored by an instance that
 * has nothing, with the heap that the README says is enough.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class LargeModelIT {
    private static final int MEGABYTES = 3000;
    private static final String LEARNER = """
            features: [a, b]
            label: { field: y }
            model: { layers: [ { units: 5000, activation: relu }, { units: 5000, activation: relu }, { units: 1 } ] }
            training: { batch_size: 10, loss: mse, optimizer: { name: adam, learning_rate: 0.0001 } }
            snapshots: { every_steps: 6, every_seconds: 0, keep: 1 }
            """;

    @TempDir
    Path directory;

    @Test
    void isTrainedToldAndRestored() throws Exception {
        try (BrokerProcesses brokers = new BrokerProcesses(directory, 1); Broker broker = new Broker(directory, brokers.servers())) {
            ApplicationConfig config = broker.configure("large", LEARNER);
            broker.configure("large-2", "large", "", LEARNER);
            broker.createTopics(config, 1);
            produce(broker, config, 0, 66); // six steps and six questions
            try (MillraceProcess learner = start(broker, "large")) {
                assertThat(broker.awaitRecords(config, config.topics().predictions(), 6)).hasSize(6);
                assertSnapshot(broker, config, 6);
                learner.terminate();
                assertThat(learner.await(Duration.ofMinutes(2)).exitCode()).as(learner.output()).isIn(0, 143);
            }
            produce(broker, config, 66, 132);
            try (MillraceProcess other = start(broker, "large-2")) {
                List<ConsumerRecord<byte[], byte[]>> answers = broker.awaitRecords(config, config.topics().predictions(), 12);
                assertThat(new String(answers.get(6).value(), StandardCharsets.UTF_8)).contains("\"version\":7,");
                assertSnapshot(broker, config, 12);
                Matcher restored = Pattern.compile("is at version 6 .*restored in ([0-9.]+) s").matcher(other.output());
                assertThat(restored.find()).as(other.output()).isTrue();
                System.out.printf("25 million parameters and Adam restored in %s s%n", restored.group(1));
                other.terminate();
                assertThat(other.await(Duration.ofMinutes(2)).exitCode()).as(other.output()).isIn(0, 143);
            }
        }
    }

    private MillraceProcess start(Broker broker, String file) {
        return MillraceProcess.start(directory, MEGABYTES, Map.of(), "run", "--config", broker.file(file).toString(), "--port", "0");
    }

    /** After each ten labelled records one question. */
    private static void produce(Broker broker, ApplicationConfig config, int from, int to) {
        try (KafkaProducer<byte[], byte[]> producer = broker.producer(Map.of())) {
            for (int i = from; i < to; i++) {
                String label = i % 11 == 10 ? "" : ",\"y\":" + i % 7;
                byte[] value = "{\"a\":%d,\"b\":%d%s}".formatted(i % 10, i % 3, label).getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(config.topics().features(), null, value));
            }
        }
    }

    private static void assertSnapshot(Broker broker, ApplicationConfig config, long version) {
        Snapshot snapshot = broker.awaitSnapshot(config, version);
        List<ConsumerRecord<byte[], byte[]>> labelled = broker.readAll(config, config.topics().features()).stream()
                .filter(record -> new String(record.value(), StandardCharsets.UTF_8).contains("\"y\"")).limit(10 * version).toList();
        OnlineLearner expected = Broker.offline(config, labelled);
        assertThat(expected.version()).isEqualTo(version);
        assertThat(expected.network().layout().length()).isGreaterThan(25_000_000);
        assertThat(snapshot.weightsSha256()).isEqualTo(Snapshot.weightsSha256(expected));
    }
}
