package dev.millrace.bench;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.HttpAddress;
import dev.millrace.config.SnapshotPolicy;
import dev.millrace.config.TopicNames;
import dev.millrace.demo.Directories;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.stream.TopicAdmin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.common.TopicPartition;

/** A broker of its own, a directory for the state of applications, and the topics of the benchmark; all gone after close. */
final class BenchCluster implements AutoCloseable {
    private final Path directory;
    private final BrokerProcess broker;
    private final Admin admin;
    private int applications;

    BenchCluster() {
        try {
            directory = Files.createTempDirectory("millrace-bench-");
        } catch (IOException e) {
            throw new IllegalStateException("no temporary directory: " + e.getMessage(), e);
        }
        // On a signal too, whatever has been started by then; the broker ends when its standard input does.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> Directories.delete(directory), "bench-shutdown"));
        broker = new BrokerProcess(directory);
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()));
    }

    Admin admin() {
        return admin;
    }

    /**
     * A configuration of an application that has never run.
     *
     * @param features topic it reads, which may exist
     */
    ApplicationConfig application(String purpose, String features, LearnerSpec spec) {
        return application(purpose, features, spec, Map.of());
    }

    /** The same with settings of Kafka's clients that are not the product's. */
    ApplicationConfig application(String purpose, String features, LearnerSpec spec, Map<String, String> settings) {
        String name = purpose + "-" + applications++;
        TopicNames own = TopicNames.of(name);
        TopicNames topics = new TopicNames(features, own.predictions(), own.snapshots(), own.deadLetters(), own.evaluation(),
                own.control(), own.labelled());
        Map<String, String> kafka = new HashMap<>(settings);
        kafka.putAll(Map.of("bootstrap.servers", broker.bootstrapServers(), "replication.factor", "1", "state.dir",
                directory.resolve(name).toString()));
        return new ApplicationConfig(name, kafka, topics, spec, SnapshotPolicy.DEFAULT, new HttpAddress("127.0.0.1", 0));
    }

    /** Creates what an application needs and does not exist, with one partition. */
    static void createTopics(ApplicationConfig config) {
        try (TopicAdmin topics = new TopicAdmin(config)) {
            topics.create(1, (short) 1);
        }
    }

    /** Deletes an application's topics but that of the features, so that a long run does not fill the disk. */
    void deleteTopics(ApplicationConfig config) {
        TopicNames topics = config.topics();
        admin.deleteTopics(List.of(topics.predictions(), topics.snapshots(), topics.deadLetters(), topics.evaluation(), topics.control(),
                config.applicationId() + "-model-changelog"));
    }

    /** How long a topic's log is now. */
    long logBytes(String topic) {
        TopicPartition partition = only(topic);
        try {
            return admin.describeLogDirs(List.of(0)).allDescriptions().get().values().stream()
                    .flatMap(directories -> directories.values().stream())
                    .map(found -> found.replicaInfos().get(partition))
                    .filter(Objects::nonNull)
                    .mapToLong(ReplicaInfo::size)
                    .sum();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the broker does not tell the size of " + topic, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    static TopicPartition only(String topic) {
        return new TopicPartition(topic, 0);
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
        broker.close();
        Directories.delete(directory);
    }
}
