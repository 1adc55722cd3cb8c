package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.metrics.LearnerMetrics;
import dev.millrace.snapshot.Snapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of the snapshots it finds a view answers from. */
class ModelViewIT {
    private static final String LEARNER = """
            features: [a]
            label: { field: y }
            model: { layers: [ { units: 1 } ] }
            training: { batch_size: 1, loss: mse, optimizer: { name: sgd, learning_rate: 0.01 } }
            """;

    @TempDir
    Path directory;

    @Test
    void theNewestThatCanBeUsedAnswers() {
        try (Broker broker = new Broker(directory); KafkaProducer<byte[], byte[]> producer = broker.producer(Map.of())) {
            ApplicationConfig config = broker.configure("m", LEARNER);
            broker.createTopics(config, 1);
            write(producer, config, 1, afterSteps(config, 1));
            write(producer, config, 2, afterSteps(config, 2));
            write(producer, config, 3, new byte[100]);
            try (ModelView view = new ModelView("m", config.topics().snapshots(), config.learner(), ClientSettings.consumer(config),
                    new LearnerMetrics(new SimpleMeterRegistry(), "m"))) {
                view.start();
                await().atMost(Duration.ofSeconds(30)).until(view::caughtUp);
                assertThat(view.served().map(ServedModel::version)).contains(2L);
                assertThat(view.place().map(SnapshotPlace::version)).contains(2L);
                write(producer, config, 3, afterSteps(config, 3));
                await().atMost(Duration.ofSeconds(30)).until(() -> view.served().orElseThrow().version() == 3);
            }
        }
    }

    private static byte[] afterSteps(ApplicationConfig config, int version) {
        byte[] labelled = "{\"a\":1,\"y\":2}".getBytes(StandardCharsets.UTF_8);
        OnlineLearner learner = Broker.offline(config,
                Collections.nCopies(version, new ConsumerRecord<>("features", 0, 0, new byte[0], labelled)));
        return Snapshot.encode("m", learner, Map.of());
    }

    private static void write(KafkaProducer<byte[], byte[]> producer, ApplicationConfig config, long version, byte[] snapshot) {
        Snapshots.records("m", version, snapshot, 5, false).forEach(record -> producer
                .send(new ProducerRecord<>(config.topics().snapshots(), null, record.timestamp(), record.key(), record.value(),
                        record.headers())));
        producer.flush();
    }
}
