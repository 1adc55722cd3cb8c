package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.config.ApplicationConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A learner that is paused handles nothing, and later all that came meanwhile. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PauseIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String LEARNER = """
            features: [a, b]
            label: { field: y }
            model: { layers: [ { units: 1 } ] }
            training: { batch_size: 10, loss: mse, optimizer: { name: sgd, learning_rate: 0.01 } }
            """;

    @TempDir
    Path directory;

    @Test
    void aPausedLearnerWaitsWithWhatComes() {
        try (Broker broker = new Broker(directory)) {
            ApplicationConfig config = broker.configure("pause", LEARNER);
            broker.createTopics(config, 1);
            try (LearnerApplication learner = new LearnerApplication(config, new SimpleMeterRegistry())) {
                assertThatThrownBy(learner::pause).hasMessageContaining("has not been started");
                learner.start();
                broker.produce(config, 0, 20);
                await().atMost(PATIENCE).until(() -> handled(learner) == 20);
                learner.pause();
                broker.produce(config, 20, 50);
                await().atMost(PATIENCE).until(() -> learner.lag().equals(OptionalLong.of(30)));
                assertThat(handled(learner)).isEqualTo(20);
                assertThat(learner.ready()).isTrue();
                learner.resume();
                await().atMost(PATIENCE).until(() -> handled(learner) == 50);
                await().atMost(PATIENCE).until(() -> learner.lag().equals(OptionalLong.of(0)));
            }
        }
    }

    private static long handled(LearnerApplication learner) {
        return learner.progress().labelled() + learner.progress().predictions();
    }
}
