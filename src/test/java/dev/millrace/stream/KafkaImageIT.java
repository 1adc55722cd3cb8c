package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.snapshot.Snapshot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** Both shapes of the topology on Kafka's own image where there is a container engine, elsewhere on the broker in this process. */
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class KafkaImageIT {
    @TempDir
    static Path directory;

    private static KafkaContainer kafka;
    private static Broker broker;

    @BeforeAll
    static void start() {
        if (Engine.available()) {
            kafka = new KafkaContainer(DockerImageName.parse(Engine.KAFKA)).withStartupTimeout(Duration.ofMinutes(3));
            kafka.start();
            broker = new Broker(directory, kafka.getBootstrapServers());
        } else {
            broker = new Broker(directory);
        }
    }

    @AfterAll
    static void stop() {
        if (broker != null) {
            broker.close();
        }
        if (kafka != null) {
            kafka.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = { 1, 3})
    void aKilledLearnerGoesOnExactly(int partitions) throws Exception {
        ApplicationConfig config = broker.configure("real" + partitions, """
                features: [a, b]
                label: { field: y }
                model: { layers: [ { units: 8, activation: relu }, { units: 1 } ] }
                training: { batch_size: 5, loss: mse, optimizer: { name: adam, learning_rate: 0.01 } }
                snapshots: { every_steps: 10 }
                """);
        broker.createTopics(config, partitions);
        try (MillraceProcess learner = run(config)) {
            broker.produce(config, 0, 1000);
            broker.awaitRecords(config, config.topics().predictions(), 10);
            learner.kill();
        }
        try (MillraceProcess learner = run(config)) {
            broker.produce(config, 1000, 2000);
            assertThat(broker.awaitRecords(config, config.topics().predictions(), 200)).hasSize(200);
            String labelled = partitions == 1 ? config.topics().features() : config.topics().labelled();
            broker.awaitRecords(config, labelled, partitions == 1 ? 2000 : 1800);
            OnlineLearner expected = Broker.offline(config, broker.readAll(config, labelled)
                    .stream()
                    .filter(record -> new String(record.value(), StandardCharsets.UTF_8).contains("\"y\""))
                    .toList());
            assertThat(broker.awaitSnapshot(config, expected.version()).weightsSha256()).isEqualTo(Snapshot.weightsSha256(expected));
            learner.terminate();
        }
        assertThat(broker.readAll(config, config.topics().predictions())).hasSize(200);
        assertThat(broker.readAll(config, config.topics().deadLetters())).isEmpty();
    }

    private static MillraceProcess run(ApplicationConfig config) {
        return MillraceProcess.start(directory, "run", "--config", broker.file(config.name()).toString(), "--port", "0");
    }
}
