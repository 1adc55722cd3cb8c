package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A learner whose six megabytes change with every record logs no more than it is allowed to. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ChangelogRateIT {
    private static final long BYTES_PER_SECOND = 2_000_000;
    private static final String LEARNER = """
            features: [a, b]
            label: { field: y }
            model: { layers: [ { units: 700, activation: relu }, { units: 700, activation: relu }, { units: 1 } ] }
            training: { batch_size: 1, loss: mse, optimizer: { name: adam, learning_rate: 0.0001 } }
            snapshots: { every_steps: 0, every_seconds: 1000 }
            changelog: { bytes_per_second: %d }
            """.formatted(BYTES_PER_SECOND);
    /** More than it can learn from meanwhile. */
    private static final int RECORDS = 100_000;
    private static final int COMMITS = 5;

    @TempDir
    Path directory;

    @Test
    void commitsComeAsOftenAsTheConfiguredRateAllows() throws Exception {
        try (Broker broker = new Broker(directory); Admin admin = broker.admin()) {
            ApplicationConfig config = broker.configure("rate", LEARNER);
            broker.createTopics(config, 1);
            broker.produce(config, 0, RECORDS);
            TopicPartition changelog = new TopicPartition(config.applicationId() + "-model-changelog", 0);
            try (MillraceProcess _ = MillraceProcess.start(directory, "run", "--config", broker.file("rate").toString(),
                    "--port", "0")) {
                long model = ModelStores.byteLength(config.learner());
                long first = awaitLength(admin, changelog, model);
                long start = System.nanoTime();
                long bytes = first;
                for (int i = 0; i < COMMITS; i++) {
                    bytes = awaitLength(admin, changelog, bytes + model);
                }
                double perSecond = (bytes - first) * 1e9 / (System.nanoTime() - start);
                // What a record takes besides its chunk; a machine without time logs less.
                assertThat(perSecond).isLessThan(1.05 * BYTES_PER_SECOND);
            }
        }
    }

    /** Waits until a log is at least so long, and gives how long it is. */
    private static long awaitLength(Admin admin, TopicPartition partition, long bytes) {
        return Awaitility.await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(50)).until(() -> length(admin, partition),
                length -> length >= bytes);
    }

    private static long length(Admin admin, TopicPartition partition) throws Exception {
        List<Integer> nodes = admin.describeCluster().nodes().get().stream().map(Node::id).toList();
        return admin.describeLogDirs(nodes).allDescriptions().get().values().stream()
                .flatMap(directories -> directories.values().stream())
                .flatMap(found -> found.replicaInfos().entrySet().stream())
                .filter(replica -> replica.getKey().equals(partition)).map(Map.Entry::getValue)
                .mapToLong(ReplicaInfo::size).sum();
    }
}
