package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.demo.EmbeddedKafka;
import dev.millrace.learn.Example;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.snapshot.Snapshot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The program is killed with SIGKILL at random moments and started again. Afterwards every unlabelled record has exactly one
 * prediction, and the weights are bit for bit those of a learner that read the same records in one go.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class CrashIT {
    private static final int RECORDS = 30_000;
    private static final int UNLABELLED_EVERY = 10;
    private static final int BAD_EVERY = 1000;

    @TempDir
    static Path directory;

    private static EmbeddedKafka kafka;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @BeforeAll
    static void startKafka() {
        kafka = EmbeddedKafka.start();
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
    }

    @Test
    void onePartitionSurvivesKillsExactlyOnceAndBitForBit() throws Exception {
        ApplicationConfig config = configure("calm", 1);
        try (MillraceProcess learner = MillraceProcess.start(directory, "run", "--config", file("calm").toString(), "--port", "0")) {
            produce(config, 1);
            awaitDone(config, learner);
            learner.terminate();
            assertThat(learner.await(Duration.ofSeconds(60)).exitCode()).as(learner.output()).isIn(0, 143);
        }
        ApplicationConfig killed = configure("killed", 1);
        runWithKills(killed, 1, 3);
        String calm = shownHash("calm");
        assertThat(shownHash("killed")).as("seed %s", seed).isEqualTo(calm);
        assertThat(calm).isEqualTo(Snapshot.weightsSha256(offline(killed, killed.topics().features())));
        verifyPredictions(killed);
    }

    @Test
    void severalPartitionsSurviveKillsExactlyOnceAndBitForBit() throws Exception {
        ApplicationConfig config = configure("several", 3);
        runWithKills(config, 3, 2);
        assertThat(shownHash("several")).as("seed %s", seed)
                .isEqualTo(Snapshot.weightsSha256(offline(config, config.topics().labelled())));
        verifyPredictions(config);
    }

    private void runWithKills(ApplicationConfig config, int partitions, int kills) throws Exception {
        produce(config, partitions);
        List<Integer> moments = random.ints(kills, RECORDS / UNLABELLED_EVERY / 20, RECORDS / UNLABELLED_EVERY * 9 / 10).sorted().boxed()
                .toList();
        for (int moment : moments) {
            try (MillraceProcess learner = start(config)) {
                awaitPredictions(config, moment, learner);
                learner.kill();
            }
        }
        try (MillraceProcess learner = start(config)) {
            awaitDone(config, learner);
            learner.terminate();
            learner.await(Duration.ofSeconds(60));
        }
    }

    private static MillraceProcess start(ApplicationConfig config) {
        return MillraceProcess.start(directory, "run", "--config", file(config.name()).toString(), "--port", "0");
    }

    private static Path file(String name) {
        return directory.resolve(name + ".yaml");
    }

    private static ApplicationConfig configure(String name, int partitions) throws Exception {
        Files.writeString(file(name), """
                name: %s
                kafka: { bootstrap.servers: "%s", state.dir: "%s" }
                features: [a, b, { name: a_per_b, ratio: [a, b] }]
                label: { field: y }
                model: { layers: [ { units: 160, activation: relu }, { units: 160, activation: tanh }, { units: 1 } ] }
                training: { batch_size: 3, loss: mse, optimizer: { name: adam, learning_rate: 0.001 } }
                snapshots: { every_steps: 500, every_seconds: 1 }
                """.formatted(name, kafka.bootstrapServers(), directory.resolve("state-" + name)));
        ApplicationConfig config = ConfigurationReader.read(file(name), Map.of());
        MillraceProcess.Result created = MillraceProcess.run(directory, "topics", "create", "--config", file(name).toString(),
                "--partitions",
                Integer.toString(partitions));
        assertThat(created.exitCode()).as(created.stderr()).isZero();
        return config;
    }

    private static void produce(ApplicationConfig config, int partitions) {
        Random values = new Random(1);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", 20),
                new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                double a = values.nextInt(2000) / 100.0;
                double b = 1 + values.nextInt(500) / 100.0;
                String label = i % UNLABELLED_EVERY == 0 ? "" : ",\"y\":" + (Math.sin(a) + b);
                String json = i % BAD_EVERY == 1 ? "{\"a\":\"bad\"}" : "{\"a\":" + a + ",\"b\":" + b + label + "}";
                byte[] key = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(config.topics().features(), i % partitions, null, key,
                        json.getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    private static void awaitPredictions(ApplicationConfig config, int count, MillraceProcess learner) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(config, config.topics().predictions())) {
            int seen = 0;
            long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            while (seen < count) {
                assertThat(learner.alive()).as(learner.output()).isTrue();
                if (System.nanoTime() > deadline) {
                    fail("only %d of %d predictions\n%s\n%s", seen, count, learner.output(), learner.threads());
                }
                seen += consumer.poll(Duration.ofMillis(20)).count();
            }
        }
    }

    /** All input committed, and the snapshot topic holds the version that all labelled records give. */
    private static void awaitDone(ApplicationConfig config, MillraceProcess learner) {
        awaitPredictions(config, RECORDS / UNLABELLED_EVERY, learner);
        int labelled = RECORDS - RECORDS / UNLABELLED_EVERY - RECORDS / BAD_EVERY;
        await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(300)).untilAsserted(() -> {
            assertThat(learner.alive()).as(learner.output()).isTrue();
            assertThat(SnapshotReader.latest(config))
                    .hasValueSatisfying(snapshot -> assertThat(snapshot.version()).isEqualTo(labelled / 3));
        });
    }

    private String shownHash(String name) throws InterruptedException {
        MillraceProcess.Result shown = MillraceProcess.run(directory, "snapshots", "show", "--config", file(name).toString(), "--json");
        assertThat(shown.exitCode()).as(shown.stderr()).isZero();
        JsonNode node = JsonMapper.shared().readTree(shown.stdout().lines().reduce((first, last) -> last).orElseThrow());
        return node.path("weights_sha256").asString();
    }

    /** What a learner in this process makes of the committed records of a topic with one partition. */
    private static OnlineLearner offline(ApplicationConfig config, String topic) throws Exception {
        OnlineLearner learner = new OnlineLearner(config.learner());
        JsonRecordDecoder decoder = new JsonRecordDecoder(learner.schema());
        RawRecord raw = learner.schema().newRecord();
        Example example = learner.newExample();
        for (ConsumerRecord<byte[], byte[]> record : readAll(config, topic)) {
            if (decoder.decode(record.value(), raw) == null && learner.encode(raw, example) == null && example.labelled()) {
                learner.learn(example, record.timestamp());
            }
        }
        return learner;
    }

    private void verifyPredictions(ApplicationConfig config) throws Exception {
        Map<String, Integer> answers = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : readAll(config, config.topics().predictions())) {
            answers.merge(new String(record.key(), StandardCharsets.UTF_8), 1, Integer::sum);
        }
        assertThat(answers).as("seed %s", seed).hasSize(RECORDS / UNLABELLED_EVERY);
        assertThat(answers.values()).as("seed %s", seed).containsOnly(1);
        assertThat(readAll(config, config.topics().deadLetters())).as("seed %s", seed).hasSize(RECORDS / BAD_EVERY);
    }

    private static List<ConsumerRecord<byte[], byte[]>> readAll(ApplicationConfig config, String topic) throws Exception {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(config, topic);
                Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) kafka.bootstrapServers()))) {
            Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
            consumer.assignment().forEach(partition -> latest.put(partition, OffsetSpec.latest()));
            var ends = admin.listOffsets(latest).all().get();
            await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(1)).until(() -> {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
                return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue().offset());
            });
        }
        return records;
    }

    private static KafkaConsumer<byte[], byte[]> consumer(ApplicationConfig config, String topic) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(ClientSettings.consumer(config));
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }
}
