package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.snapshot.Snapshot;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The compose file as a user starts it: a learner is killed, three share the work, one is left; nothing is lost or doubled. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ComposeIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path directory;

    private int kafkaPort;

    @BeforeEach
    void assumeAnEngine() throws Exception {
        Engine.assume();
        try (ServerSocket free = new ServerSocket(0)) {
            kafkaPort = free.getLocalPort();
        }
    }

    @AfterEach
    void down() {
        if (Engine.available()) {
            compose("down", "-v", "-t", "5");
        }
    }

    @Test
    void learnersComeAndGoAndNothingIsLostOrDoubled() {
        compose("up", "-d", "--build", "--wait", "--wait-timeout", "240");
        ApplicationConfig config = ConfigurationReader.read(Path.of("deploy/examples/california.yaml"),
                Map.of("KAFKA_BOOTSTRAP_SERVERS", "localhost:" + kafkaPort));
        Broker broker = new Broker(directory, "localhost:" + kafkaPort);
        broker.awaitRecords(config, config.topics().predictions(), 100);

        String first = compose("ps", "-q", "learner");
        Engine.docker("kill", first);
        Engine.docker("start", first);
        compose("up", "-d", "--scale", "learner=3", "--wait", "--wait-timeout", "240");
        assertThat(compose("ps", "-q", "learner").lines()).hasSize(3);
        broker.awaitRecords(config, config.topics().predictions(), 500);
        compose("up", "-d", "--scale", "learner=1", "--wait", "--wait-timeout", "240");
        compose("stop", "producer");

        List<ConsumerRecord<byte[], byte[]>> asked = new ArrayList<>();
        List<ConsumerRecord<byte[], byte[]>> features = broker.readAll(config, config.topics().features());
        features.stream().filter(record -> !new String(record.value(), java.nio.charset.StandardCharsets.UTF_8).contains("median_house"))
                .forEach(asked::add);
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).untilAsserted(
                () -> assertThat(broker.readAll(config, config.topics().predictions())).hasSize(asked.size()));
        assertThat(broker.readAll(config, config.topics().deadLetters())).isEmpty();

        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).untilAsserted(
                () -> assertThat(broker.readAll(config, config.topics().labelled())).hasSize(features.size() - asked.size()));
        OnlineLearner expected = Broker.offline(config, broker.readAll(config, config.topics().labelled()));
        assertThat(broker.awaitSnapshot(config, expected.version()).weightsSha256()).isEqualTo(Snapshot.weightsSha256(expected));
    }

    private String compose(String... arguments) {
        List<String> all = new ArrayList<>(List.of("compose", "-p", "millrace-test"));
        all.addAll(List.of(arguments));
        return Engine.docker(Map.of("KAFKA_PORT", Integer.toString(kafkaPort)), all);
    }
}
