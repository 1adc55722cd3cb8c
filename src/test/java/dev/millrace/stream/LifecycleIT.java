package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.snapshot.Snapshot;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does to it: start, ask, stop, move, scale, lose a disk, change the configuration. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class LifecycleIT {
    private static final int BATCH = 5;
    /** Of one stream thread; what a scrape of many instances costs is the operator's. */
    private static final int MAX_KAFKA_SERIES = 800;
    private static final String LEARNER = learner(8);

    @TempDir
    static Path directory;

    private static Broker broker;

    private final HttpClient http = HttpClient.newHttpClient();
    /** Records produced so far; every second has no label. */
    private int produced;

    @BeforeAll
    static void startKafka() {
        broker = new Broker(directory);
    }

    @AfterAll
    static void stopKafka() {
        broker.close();
    }

    @Test
    void stopsGracefullyAndContinuesWhereItStopped() throws Exception {
        ApplicationConfig config = broker.configure("graceful", LEARNER);
        broker.createTopics(config, 1);
        try (MillraceProcess learner = start("graceful")) {
            String url = learner.url();
            await().atMost(Duration.ofSeconds(60)).until(() -> status(url + "/health/ready") == 200);
            assertThat(get(url + "/health/ready")).isEqualTo("{\"status\":\"UP\"}");
            assertThat(get(url + "/health/live")).isEqualTo("{\"status\":\"UP\"}");
            produce(config, 1, 1000);
            broker.awaitRecords(config, config.topics().predictions(), 500);
            broker.awaitSnapshot(config, 500 / BATCH);
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(get(url + "/metrics"))
                    .contains("millrace_examples_total{model=\"graceful\"} 500.0", "millrace_model_version{model=\"graceful\"} 100.0",
                            "millrace_lag_records{model=\"graceful\"} 0.0"));
            assertThat(get(url + "/metrics").lines().filter(line -> line.startsWith("kafka_"))).hasSizeLessThan(MAX_KAFKA_SERIES)
                    .noneMatch(line -> line.contains("node_id=") || line.contains("partition="));
            stop(learner);
            assertThat(learner.output()).doesNotContain("Exception", "\tat ", "WARN", "ERROR");
        }
        assertNoMembers(config);
        assertAllCommitted(config, config.topics().features());

        try (MillraceProcess learner = start("graceful")) {
            produce(config, 1, 1000);
            List<ConsumerRecord<byte[], byte[]>> answers = broker.awaitRecords(config, config.topics().predictions(), 1000);
            assertThat(new String(answers.get(500).value(), StandardCharsets.UTF_8)).contains("\"version\":100,");
            broker.awaitSnapshot(config, 1000 / BATCH);
            stop(learner);
        }

        deleteStateDirectory("graceful");
        try (MillraceProcess learner = start("graceful")) {
            produce(config, 1, 1000);
            assertLearnedExactly(config, config.topics().features());
            stop(learner);
        }
        assertAnsweredOnce(config);
    }

    @Test
    void anotherInstanceTakesOverWhenOneIsStopped() throws Exception {
        ApplicationConfig config = broker.configure("pair", LEARNER);
        broker.configure("pair-2", "pair", "", LEARNER);
        broker.createTopics(config, 3);
        try (MillraceProcess first = start("pair"); MillraceProcess second = start("pair-2")) {
            await().atMost(Duration.ofSeconds(60)).until(() -> status(first.url() + "/health/ready") == 200
                    && status(second.url() + "/health/ready") == 200 && assignedMembers(config) == 2);
            produce(config, 3, 1000);
            broker.awaitRecords(config, config.topics().predictions(), 500);
            stop(first);
            long stopped = System.nanoTime();
            produce(config, 3, 1000);
            broker.awaitRecords(config, config.topics().predictions(), 1000);
            assertThat(Duration.ofNanos(System.nanoTime() - stopped)).isLessThan(Duration.ofSeconds(20));
            assertLearnedExactly(config, config.topics().labelled());
            stop(second);
        }
        assertAnsweredOnce(config);
        assertNoMembers(config);
        assertAllCommitted(config, config.topics().features());
    }

    @Test
    void atLeastOnceWorksToo() throws Exception {
        ApplicationConfig config = broker.configure("plain", "plain", ", processing.guarantee: at_least_once", LEARNER);
        broker.createTopics(config, 1);
        try (MillraceProcess learner = start("plain")) {
            produce(config, 1, 1000);
            assertLearnedExactly(config, config.topics().features());
            stop(learner);
        }
        try (MillraceProcess learner = start("plain")) {
            produce(config, 1, 1000);
            assertLearnedExactly(config, config.topics().features());
            stop(learner);
        }
        assertAnsweredOnce(config);
    }

    @Test
    void anotherArchitectureUnderTheSameNameIsRefusedAndNothingIsLost() throws Exception {
        ApplicationConfig config = broker.configure("changed", LEARNER);
        broker.createTopics(config, 1);
        try (MillraceProcess learner = start("changed")) {
            produce(config, 1, 100);
            broker.awaitSnapshot(config, 50 / BATCH);
            stop(learner);
        }
        broker.configure("changed", learner(9));
        try (MillraceProcess refused = start("changed")) {
            produce(config, 1, 100);
            MillraceProcess.Result result = refused.await(Duration.ofSeconds(60));
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.stderr()).contains("units").doesNotContain("\tat ", "Unexpected error");
            assertThat(result.stderr().lines().filter(line -> line.contains("cannot be continued"))).as(result.stderr())
                    .hasSize(1);
        }
        broker.configure("changed", LEARNER);
        try (MillraceProcess learner = start("changed")) {
            assertLearnedExactly(config, config.topics().features());
            stop(learner);
        }
        assertAnsweredOnce(config);
    }

    private static String learner(int units) {
        return """
                features: [a, b]
                label: { field: y }
                model: { layers: [ { units: %d, activation: relu }, { units: 1 } ] }
                training: { batch_size: %d, loss: mse, optimizer: { name: adam, learning_rate: 0.01 } }
                snapshots: { every_steps: 0, every_seconds: 1 }
                """.formatted(units, BATCH);
    }

    private static MillraceProcess start(String name) {
        return MillraceProcess.start(directory, "run", "--config", broker.file(name).toString(), "--port", "0");
    }

    /** SIGTERM. */
    private static void stop(MillraceProcess learner) throws InterruptedException {
        assertThat(learner.alive()).as(learner.output()).isTrue();
        learner.terminate();
        assertThat(learner.await(Duration.ofSeconds(20)).exitCode()).as(learner.output()).isIn(0, 143);
    }

    private void produce(ApplicationConfig config, int partitions, int count) {
        try (KafkaProducer<byte[], byte[]> producer = broker.producer(Map.of())) {
            for (int end = produced + count; produced < end; produced++) {
                String label = produced % 2 == 0 ? ",\"y\":" + produced % 17 : "";
                byte[] value = ("{\"a\":" + produced % 10 + ",\"b\":" + produced % 7 + label + "}").getBytes(StandardCharsets.UTF_8);
                byte[] key = Integer.toString(produced).getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(config.topics().features(), produced % partitions, key, value));
            }
        }
    }

    private String get(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    private int status(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    /** The newest snapshot becomes the model that all labelled records of a topic give, in order. */
    private void assertLearnedExactly(ApplicationConfig config, String topic) {
        broker.awaitRecords(config, config.topics().predictions(), produced / 2);
        int labelled = (produced + 1) / 2;
        Snapshot snapshot = broker.awaitSnapshot(config, labelled / BATCH);
        List<ConsumerRecord<byte[], byte[]>> records = broker.readAll(config, topic).stream()
                .filter(record -> new String(record.value(), StandardCharsets.UTF_8).contains("\"y\":")).toList();
        assertThat(records).hasSize(labelled);
        assertThat(snapshot.weightsSha256()).isEqualTo(Snapshot.weightsSha256(Broker.offline(config, records)));
    }

    private void assertAnsweredOnce(ApplicationConfig config) {
        assertThat(broker.readAll(config, config.topics().predictions())).hasSize(produced / 2)
                .extracting(answer -> new String(answer.key(), StandardCharsets.UTF_8)).doesNotHaveDuplicates();
    }

    private static void assertNoMembers(ApplicationConfig config) throws Exception {
        try (Admin admin = broker.admin()) {
            assertThat(admin.describeConsumerGroups(List.of(config.applicationId())).all().get().get(config.applicationId()).members())
                    .isEmpty();
        }
    }

    private static long assignedMembers(ApplicationConfig config) throws Exception {
        try (Admin admin = broker.admin()) {
            return admin.describeConsumerGroups(List.of(config.applicationId())).all().get().get(config.applicationId()).members().stream()
                    .filter(member -> !member.assignment().topicPartitions().isEmpty()).count();
        }
    }

    private static void assertAllCommitted(ApplicationConfig config, String topic) throws Exception {
        try (Admin admin = broker.admin()) {
            var committed = admin.listConsumerGroupOffsets(config.applicationId()).partitionsToOffsetAndMetadata().get();
            List<TopicPartition> partitions = committed.keySet().stream().filter(partition -> partition.topic().equals(topic)).toList();
            assertThat(partitions).isNotEmpty();
            for (TopicPartition partition : partitions) {
                assertThat(committed.get(partition).offset())
                        .isEqualTo(admin.listOffsets(Map.of(partition, OffsetSpec.latest())).partitionResult(partition).get().offset());
            }
        }
    }

    private static void deleteStateDirectory(String name) throws IOException {
        try (Stream<Path> files = Files.walk(broker.stateDirectory(name))) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
