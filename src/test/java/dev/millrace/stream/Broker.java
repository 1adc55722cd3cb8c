package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.demo.EmbeddedKafka;
import dev.millrace.learn.Example;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.snapshot.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Real brokers, in this process or in others, and what integration tests ask of them. */
final class Broker implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path directory;
    private final String servers;
    private final Runnable stop;

    /**
     * One broker in this process.
     *
     * @param directory for configuration files and the state of learners
     */
    Broker(Path directory) {
        EmbeddedKafka kafka = EmbeddedKafka.start();
        this(directory, kafka.bootstrapServers(), kafka::close);
    }

    /** Brokers that somebody else starts and stops. */
    Broker(Path directory, String servers) {
        this(directory, servers, () -> {
        });
    }

    private Broker(Path directory, String servers, Runnable stop) {
        this.directory = directory;
        this.servers = servers;
        this.stop = stop;
    }

    String servers() {
        return servers;
    }

    /** The configuration file of this name. */
    Path file(String name) {
        return directory.resolve(name + ".yaml");
    }

    /** Writes a configuration file: {@code kafka:} and {@code name:} are added. */
    ApplicationConfig configure(String name, String yaml) {
        return configure(name, name, "", yaml);
    }

    /**
     * Writes a configuration file.
     *
     * @param file name of the file and of its state directory
     * @param kafkaSettings more settings under {@code kafka:}, each as {@code , key: value}
     */
    ApplicationConfig configure(String file, String name, String kafkaSettings, String yaml) {
        try {
            Files.writeString(file(file),
                    "name: %s%nkafka: { bootstrap.servers: \"%s\", state.dir: \"%s\"%s }%n%s".formatted(name, servers(),
                            stateDirectory(file), kafkaSettings, yaml));
            return ConfigurationReader.read(file(file), Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path stateDirectory(String file) {
        return directory.resolve("state-" + file);
    }

    void createTopics(ApplicationConfig config, int partitions) {
        try (TopicAdmin admin = new TopicAdmin(config)) {
            assertThat(admin.create(partitions, (short) -1)).isNotEmpty();
        }
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", (Object) servers()));
    }

    /** @param settings beside the defaults */
    KafkaProducer<byte[], byte[]> producer(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", servers(), "linger.ms", 5));
        all.putAll(settings);
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Records of the fields a and b: one in ten asks, all others teach. */
    void produce(ApplicationConfig config, int from, int to) {
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
            for (int i = from; i < to; i++) {
                String label = i % 10 == 9 ? "" : ",\"y\":" + i % 17;
                byte[] value = "{\"a\":%d,\"b\":%d%s}".formatted(i % 10, i % 7, label).getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(config.topics().features(), ("k" + i).getBytes(StandardCharsets.UTF_8), value));
            }
        }
    }

    /** All committed records of a topic that are there now. */
    List<ConsumerRecord<byte[], byte[]>> readAll(ApplicationConfig config, String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(config, topic); Admin admin = admin()) {
            Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
            consumer.assignment().forEach(partition -> latest.put(partition, OffsetSpec.latest()));
            var ends = admin.listOffsets(latest).all().toCompletionStage().toCompletableFuture().join();
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
                return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue().offset());
            });
        }
        return records;
    }

    /** Waits until a topic holds that many committed records, and gives them. */
    List<ConsumerRecord<byte[], byte[]>> awaitRecords(ApplicationConfig config, String topic, int count) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(config, topic)) {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
                return records.size() >= count;
            });
        }
        return records;
    }

    /** Waits until somebody has created a topic. */
    void awaitTopic(String topic) {
        try (Admin admin = admin()) {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> admin.listTopics().names().get().contains(topic));
        }
    }

    Snapshot awaitSnapshot(ApplicationConfig config, long version) {
        List<Snapshot> found = new ArrayList<>();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> {
            assertThat(SnapshotReader.latest(config)).hasValueSatisfying(snapshot -> {
                assertThat(snapshot.version()).isEqualTo(version);
                found.add(snapshot);
            });
        });
        return found.getLast();
    }

    /** A consumer of all partitions of a topic, from the beginning. */
    KafkaConsumer<byte[], byte[]> consumer(ApplicationConfig config, String topic) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(ClientSettings.consumer(config));
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    /** What a learner makes of these labelled records, which must all be good, when no Kafka is between it and them. */
    static OnlineLearner offline(ApplicationConfig config, List<ConsumerRecord<byte[], byte[]>> labelled) {
        OnlineLearner learner = new OnlineLearner(config.learner());
        JsonRecordDecoder decoder = new JsonRecordDecoder(learner.schema());
        RawRecord raw = learner.schema().newRecord();
        Example example = learner.newExample();
        for (ConsumerRecord<byte[], byte[]> record : labelled) {
            assertThat(decoder.decode(record.value(), raw)).isNull();
            assertThat(learner.encode(raw, example)).isNull();
            assertThat(example.labelled()).isTrue();
            learner.learn(example, record.timestamp());
        }
        return learner;
    }

    static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        assertThat(header).as("header %s of %s", name, record).isNotNull();
        return new String(header.value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        stop.run();
    }
}
