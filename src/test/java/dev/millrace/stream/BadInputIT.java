package dev.millrace.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.snapshot.Snapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever stands in the features topic, the learner runs on: what cannot be used is in the dead-letter topic as it was, and
 * the weights are those of a learner that was given the good records only.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class BadInputIT {
    private static final int RECORDS = 10_000;
    private static final int LARGE_EVERY = 500;
    private static final String LEARNER = """
            features: [a, b, { name: a_per_b, ratio: [a, b] }, { name: v, vector: v, width: 2 }, { name: c, one_hot: c, vocabulary: [r, g] }]
            label: { field: y }
            model: { layers: [ { units: 8, activation: relu }, { units: 1 } ] }
            training: { batch_size: 4, loss: mse, optimizer: { name: adam, learning_rate: 0.001 } }
            snapshots: { every_steps: 0, every_seconds: 1 }
            """;
    private static final String GOOD = "\"a\":%s,\"b\":%s,\"v\":[1,%s],\"c\":\"r\"";
    /** What stands beside a complete record, or instead of a part of it; %s is the complete record without braces. */
    private static final String[] REJECTED = { "{\"y\":\"text\",%s,\"y\":3}", "not JSON at all", "", " ", "{%s,\"y\":1", "{%s,\"y\":",
            "{\"a\":1,\"b\":2", "[]",
            "[{%s,\"y\":1},{%s}]", "[{%s,\"y\":1},17]", "[{%s,\"y\":1},{}]", "[[{%s,\"y\":1}]]",
            "null", "true", "17", "\"text\"", "{}", "{\"y\":1}", "{%s,\"y\":\"1\"}", "{%s,\"y\":true}", "{%s,\"y\":{}}", "{%s,\"y\":[1]}",
            "{%s,\"y\":NaN}", "{%s,\"y\":Infinity}", "{%s,\"y\":-Infinity}", "{%s,\"y\":1e400}", "{%s,\"y\":-1e400}", "{%s,\"y\":1e308}",
            "{%s,\"y\":1,\"a\":NaN}", "{%s,\"y\":1,\"a\":1e308}", "{%s,\"y\":1,\"b\":1e400}", "{%s,\"y\":1,\"b\":0}",
            "{%s,\"y\":1,\"b\":null}",
            "{%s,\"y\":1,\"a\":\"5\"}", "{%s,\"y\":1,\"v\":[1]}", "{%s,\"y\":1,\"v\":[1,2,3]}", "{%s,\"y\":1,\"v\":[1,\"2\"]}",
            "{%s,\"y\":1,\"v\":[[1],2]}", "{%s,\"y\":1,\"v\":5}", "{%s,\"y\":1,\"v\":null}", "{%s,\"y\":1,\"c\":[]}",
            "{%s,\"y\":1} {%s,\"y\":1}",
            "{%s,\"y\":1},", "{%s,'y':1}", "{%s,\"y\":01}", "{%s,\"y\":.5}", "{%s,\"y\":+1}", "{%s,\"y\":0x10}", "{%s,\"y\":1,}",
            "// comment\n{%s,\"y\":1}", "{%s,\"y\":1,\"unknown\":\"\u0001\"}", "{%s,\"y\":1" + "0".repeat(400) + "}",
            "{%s,\"y\":" + "1".repeat(1001) + "}", "{%s,\"y\":1,\"unknown\":" + "[".repeat(2000) + "]".repeat(2000) + "}",
            "{%s,\"y\":1,\"unknown\":" + "{\"n\":".repeat(2000) + "1" + "}".repeat(2001)};
    private static final String[] LEARNED = { "{%s,\"y\":1}", "{\"y\":2,%s}", "{\"y\":7,%s,\"unknown\":\"\u00e9\",\"y\":3}",
            "{\"a\":77,%s,\"y\":1}",
            "{%s,\"y\":0.5,\"unknown\":{\"deep\":[[[{\"a\":1}]]]}}", "{%s,\"y\":-0.0,\"unknown\":\"\\u0000\\ud800\"}",
            "\n\t {%s , \"y\" : 1e0 }\r\n",
            "{%s,\"y\":1.0000000000000000000000000000000000000000001}", "{%s,\"y\":1e-400,\"unknown\":1e400}", "{%s,\"y\":4,\"\":5}",
            "{%s,\"y\":1,\"c\":\"never seen\"}", "{%s,\"y\":1,\"c\":5}", "{%s,\"y\":0." + "1".repeat(200) + "}"};
    private static final String[] ANSWERED = { "{%s}", "{%s,\"y\":null}", "{%s,\"unknown\":[1,null,{}]}"};

    @TempDir
    static Path directory;

    private static Broker broker;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    private enum Fate {
        REJECTED, LEARNED, ANSWERED
    }

    /** A record with what must become of it. */
    private record Sent(Fate fate, String key, ProducerRecord<byte[], byte[]> record) {
    }

    @BeforeAll
    static void startKafka() {
        broker = new Broker(directory);
    }

    @AfterAll
    static void stopKafka() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(ints = { 1, 3})
    void whatCannotBeUsedIsADeadLetterAndTheRestIsLearned(int partitions) {
        ApplicationConfig config = broker.configure("garbage-" + partitions, LEARNER);
        broker.createTopics(config, partitions);
        allowAnyTimestamp(config.topics().features());
        Map<Fate, List<Sent>> sent = produce(config, partitions);
        try (LearnerApplication learner = new LearnerApplication(config, new SimpleMeterRegistry())) {
            learner.start();
            Map<Fate, Integer> expected = new TreeMap<>();
            sent.forEach((fate, records) -> expected.put(fate, records.size()));
            awaitLive(learner, () -> assertThat(Map.of(Fate.REJECTED, (int) learner.progress().deadLetters(), Fate.LEARNED,
                    (int) learner.progress().labelled(), Fate.ANSWERED, (int) learner.progress().predictions())).isEqualTo(expected));
            Snapshot snapshot = broker.awaitSnapshot(config, sent.get(Fate.LEARNED).size() / 4);
            assertThat(learner.live()).isTrue();

            List<ConsumerRecord<byte[], byte[]>> labelled = partitions == 1
                    ? broker.readAll(config, config.topics().features()).stream().filter(byKeys(sent.get(Fate.LEARNED))).toList()
                    : broker.readAll(config, config.topics().labelled());
            assertThat(keys(labelled)).containsExactlyInAnyOrderElementsOf(sent.get(Fate.LEARNED).stream().map(Sent::key).toList());
            OnlineLearner offline = Broker.offline(config, labelled);
            assertThat(snapshot.weightsSha256()).as("seed %s", seed).isEqualTo(Snapshot.weightsSha256(offline));
            assertFinite(snapshot.learner());
        }
        assertDeadLetters(config, sent.get(Fate.REJECTED));
        assertThat(keys(broker.readAll(config, config.topics().predictions())))
                .containsExactlyInAnyOrderElementsOf(sent.get(Fate.ANSWERED).stream().map(Sent::key).toList());
    }

    @ParameterizedTest
    @ValueSource(ints = { 1, 3})
    void aBatchWhoseStepOverflowsIsADeadLetterAndTheNextIsLearned(int partitions) {
        ApplicationConfig config = broker.configure("spikes-" + partitions, LEARNER);
        broker.createTopics(config, partitions);
        int records = 2000;
        try (KafkaProducer<byte[], byte[]> producer = broker.producer(Map.of())) {
            for (int i = 0; i < records; i++) {
                String label = i % 100 == 50 ? i % 200 == 50 ? "3e38" : "-3e38" : Integer.toString(i % 7);
                producer.send(new ProducerRecord<>(config.topics().features(), i % partitions, utf8("k" + i),
                        utf8("{" + good() + ",\"y\":" + label + "}")));
            }
        }
        try (LearnerApplication learner = new LearnerApplication(config, new SimpleMeterRegistry())) {
            learner.start();
            awaitLive(learner, () -> assertThat(learner.progress().labelled()).isEqualTo(records));
            List<ConsumerRecord<byte[], byte[]>> labelled = broker.awaitRecords(config,
                    partitions == 1 ? config.topics().features() : config.topics().labelled(), records);
            OnlineLearner offline = Broker.offline(config, labelled);
            assertThat(offline.refusedSteps()).isEqualTo(20);
            Snapshot snapshot = broker.awaitSnapshot(config, offline.version());
            assertThat(snapshot.weightsSha256()).isEqualTo(Snapshot.weightsSha256(offline));
            assertFinite(snapshot.learner());

            List<ConsumerRecord<byte[], byte[]>> refused = new ArrayList<>();
            for (int i = 0; i < records; i += 4) {
                List<ConsumerRecord<byte[], byte[]>> batch = labelled.subList(i, i + 4);
                if (batch.stream().anyMatch(record -> new String(record.value(), UTF_8).contains("3e38"))) {
                    refused.addAll(batch);
                }
            }
            List<ConsumerRecord<byte[], byte[]>> letters = broker.readAll(config, config.topics().deadLetters());
            assertThat(letters).extracting(letter -> new String(letter.value(), UTF_8))
                    .containsExactlyElementsOf(refused.stream().map(record -> new String(record.value(), UTF_8)).toList());
            assertThat(letters).allSatisfy(letter -> {
                assertThat(Broker.header(letter, DeadLetters.REASON)).isEqualTo("step_refused");
                assertThat(Broker.header(letter, "__streams.errors.topic")).isEqualTo(config.topics().features());
            });
        }
    }

    /** A compressed batch may hold records far larger than the topic's limit, so that their quotation would not fit. */
    @ParameterizedTest
    @ValueSource(ints = { 1, 3})
    void aRecordThatIsOnlySmallCompressedDoesNotStopTheStream(int partitions) {
        ApplicationConfig config = broker.configure("compressed-" + partitions, LEARNER);
        broker.createTopics(config, partitions);
        String long3 = "x".repeat(3 << 20);
        try (KafkaProducer<byte[], byte[]> producer = broker.producer(Map.of("compression.type", "gzip", "max.request.size", 16 << 20))) {
            producer.send(new ProducerRecord<>(config.topics().features(), 0, utf8("malformed"), utf8(long3)));
            producer.send(new ProducerRecord<>(config.topics().features(), 0, utf8("labelled"),
                    utf8("{" + good() + ",\"y\":1,\"unknown\":\"" + long3 + "\"}")));
            for (int i = 0; i < 8; i++) {
                producer.send(new ProducerRecord<>(config.topics().features(), 0, utf8("k" + i), utf8("{" + good() + ",\"y\":1}")));
            }
        }
        try (LearnerApplication learner = new LearnerApplication(config, new SimpleMeterRegistry())) {
            learner.start();
            awaitLive(learner, () -> assertThat(learner.progress().labelled()).isEqualTo(8));
            broker.awaitSnapshot(config, 2);
            List<ConsumerRecord<byte[], byte[]>> letters = broker.readAll(config, config.topics().deadLetters());
            assertThat(keys(letters)).containsExactly("malformed", "labelled");
            assertThat(letters).allSatisfy(letter -> {
                assertThat(Broker.header(letter, DeadLetters.REASON)).isEqualTo("too_large");
                assertThat(Integer.parseInt(Broker.header(letter, DeadLetters.VALUE_BYTES))).isGreaterThanOrEqualTo(3 << 20);
                assertThat(letter.value()).hasSizeGreaterThan(1_000_000);
            });
        }
    }

    private Map<Fate, List<Sent>> produce(ApplicationConfig config, int partitions) {
        List<Sent> all = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            all.add(next(i, config.topics().features(), i % partitions));
        }
        try (KafkaProducer<byte[], byte[]> producer = broker.producer(Map.of("max.request.size", 2 << 20))) {
            List<String> failed = new ArrayList<>();
            all.forEach(sent -> producer.send(sent.record(), (_, error) -> {
                if (error != null) {
                    failed.add(sent.key() + ": " + error);
                }
            }));
            producer.flush();
            assertThat(failed).isEmpty();
        }
        Map<Fate, List<Sent>> byFate = new TreeMap<>(all.stream().collect(Collectors.groupingBy(Sent::fate)));
        assertThat(byFate).hasSize(3);
        return byFate;
    }

    private Sent next(int i, String topic, int partition) {
        int kind = random.nextInt(4);
        if (i % LARGE_EVERY == LARGE_EVERY - 1) {
            return large(i, topic, partition);
        }
        if (kind == 0) {
            return sent(Fate.ANSWERED, i, topic, partition, fill(ANSWERED[random.nextInt(ANSWERED.length)]));
        }
        if (kind == 1) {
            return sent(Fate.LEARNED, i, topic, partition, fill(LEARNED[random.nextInt(LEARNED.length)]));
        }
        byte[] rejected = switch (random.nextInt(8)) {
            case 0 -> null;
            case 1 -> randomBytes();
            case 2 -> cut(fill(LEARNED[0]));
            case 3 -> invalidUtf8();
            default -> fill(REJECTED[random.nextInt(REJECTED.length)]);
        };
        return sent(Fate.REJECTED, i, topic, partition, rejected);
    }

    private Sent large(int i, String topic, int partition) {
        String text = "x".repeat(900_000);
        return switch (random.nextInt(6)) {
            case 0 -> sent(Fate.REJECTED, i, topic, partition, utf8("{" + good() + ",\"y\":\"" + text + "\"}"));
            case 1 -> sent(Fate.LEARNED, i, topic, partition, utf8("{" + good() + ",\"y\":1,\"c\":\"" + text + "\"}"));
            case 2 -> sent(Fate.LEARNED, i, topic, partition, utf8("{" + good() + ",\"y\":1,\"unknown\":\"" + text + "\"}"));
            case 3 -> sent(Fate.REJECTED, i, topic, partition, utf8("{" + good() + ",\"y\":1,\"" + text + "\":1}"));
            case 4 -> sent(Fate.REJECTED, i, topic, partition, utf8("[".repeat(100_000)));
            default -> {
                Sent fits = sent(Fate.REJECTED, i, topic, partition, utf8(""));
                // A broker's limit counts the batch with everything in it.
                yield sent(Fate.REJECTED, i, topic, partition, new byte[1_048_588 - overhead(fits.record())]);
            }
        };
    }

    private static int overhead(ProducerRecord<byte[], byte[]> record) {
        int headers = 0;
        for (Header header : record.headers()) {
            headers += header.key().length() + (header.value() == null ? 0 : header.value().length) + 20;
        }
        return headers + record.key().length + 128;
    }

    /** Keys are unique here, except where a record has none: then a header stands in. */
    private Sent sent(Fate fate, int i, String topic, int partition, byte @Nullable [] value) {
        String id = "k" + i;
        byte[] key = i % 9 == 4 ? null : i % 9 == 5 ? new byte[0] : utf8(id);
        long timestamp = switch (i % 11) {
            case 3 -> -1;
            case 6 -> Long.MAX_VALUE;
            case 7 -> 0;
            default -> 1_700_000_000_000L + i;
        };
        List<Header> headers = List.of(new RecordHeader("id", utf8(id)), new RecordHeader("nothing", (byte[]) null),
                new RecordHeader("", new byte[0]),
                new RecordHeader("twice", utf8("1")), new RecordHeader("twice", randomBytes()));
        return new Sent(fate, id, new OddRecord(topic, partition, timestamp,
                key == null && i % LARGE_EVERY == LARGE_EVERY - 1 ? utf8(id) : key, value, headers));
    }

    /** The constructor refuses the timestamp -1, which means none; other clients send it. */
    private static final class OddRecord extends ProducerRecord<byte[], byte[]> {
        private final long timestamp;

        OddRecord(String topic, int partition, long timestamp, byte[] key, byte[] value, List<Header> headers) {
            super(topic, partition, 0L, key, value, headers);
            this.timestamp = timestamp;
        }

        @Override
        public Long timestamp() {
            return timestamp;
        }
    }

    private void assertDeadLetters(ApplicationConfig config, List<Sent> rejected) {
        Map<String, Sent> expected = rejected.stream().collect(Collectors.toMap(Sent::key, sent -> sent));
        List<ConsumerRecord<byte[], byte[]>> letters = broker.readAll(config, config.topics().deadLetters());
        assertThat(keys(letters)).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(expected.keySet());
        for (ConsumerRecord<byte[], byte[]> letter : letters) {
            ProducerRecord<byte[], byte[]> original = expected.get(id(letter.headers())).record();
            assertThat(Arrays.equals(letter.value(), original.value())).as("value of %s", letter.headers()).isTrue();
            assertThat(letter.key()).isEqualTo(original.key());
            assertThat(Arrays.asList(letter.headers().toArray())).startsWith(original.headers().toArray());
            assertThat(Broker.header(letter, DeadLetters.REASON)).isNotBlank();
            assertThat(Broker.header(letter, "__streams.errors.message")).isNotBlank().hasSizeLessThan(2000);
            if (original.timestamp() >= 0) {
                assertThat(letter.timestamp()).isEqualTo(original.timestamp());
            }
        }
    }

    private static void assertFinite(OnlineLearner learner) {
        for (float weight : learner.state().training().parameters()) {
            assertThat(weight).isFinite();
        }
    }

    private static void awaitLive(LearnerApplication learner, ThrowingRunnable done) {
        await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50)).failFast("the learner has died", () -> !learner.live())
                .untilAsserted(done);
    }

    private static void allowAnyTimestamp(String topic) {
        try (var admin = broker.admin()) {
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(new AlterConfigOp(
                    new ConfigEntry(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, Long.toString(Long.MAX_VALUE)),
                    AlterConfigOp.OpType.SET))))
                    .all().toCompletionStage().toCompletableFuture().join();
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            await().untilAsserted(() -> assertThat(admin.describeConfigs(List.of(resource)).all().get().get(resource)
                    .get(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG).value()).isEqualTo(Long.toString(Long.MAX_VALUE)));
        }
    }

    private static Predicate<ConsumerRecord<byte[], byte[]>> byKeys(List<Sent> sent) {
        var keys = sent.stream().map(Sent::key).collect(Collectors.toSet());
        return record -> keys.contains(id(record.headers()));
    }

    private static List<String> keys(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().map(record -> record.headers().lastHeader("id") == null
                ? new String(record.key(), UTF_8)
                : id(record.headers())).toList();
    }

    private static String id(Headers headers) {
        return new String(headers.lastHeader("id").value(), UTF_8);
    }

    private byte[] fill(String pattern) {
        return utf8(pattern.replace("%s", good()));
    }

    private String good() {
        double a = random.nextInt(2000) / 100.0;
        return GOOD.formatted(a, 1 + random.nextInt(500) / 100.0, random.nextInt(10));
    }

    private byte[] randomBytes() {
        byte[] bytes = new byte[1 + random.nextInt(100)];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] cut(byte[] json) {
        return Arrays.copyOf(json, 1 + random.nextInt(json.length - 1));
    }

    /** A complete record whose class is a broken UTF-8 sequence: cut short, a surrogate, or no beginning. */
    private byte[] invalidUtf8() {
        String hex = List.of("e282", "eda080", "ff", "f8888080").get(random.nextInt(4));
        byte[] json = fill("{%s,\"y\":1,\"c\":\"?????\"}");
        byte[] broken = HexFormat.of().parseHex(hex);
        System.arraycopy(broken, 0, json, json.length - 7, broken.length);
        return json;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
