package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.snapshot.Snapshot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands to real processes, which are killed. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ControlIT {
    private static final String LEARNER = """
            features: [a, b]
            label: { field: y }
            model: { layers: [ { units: 8, activation: relu }, { units: 1 } ] }
            training: { batch_size: 5, loss: mse, optimizer: { name: adam, learning_rate: 0.01 } }
            snapshots: { every_steps: 0, every_seconds: 3600 }
            """;

    @TempDir
    static Path directory;

    private static Broker broker;

    private int produced;

    @BeforeAll
    static void startKafka() {
        broker = new Broker(directory);
    }

    @AfterAll
    static void stopKafka() {
        broker.close();
    }

    /** What the evaluation topic says of the commands, and the records, give the weights: nothing else has to be known. */
    @Test
    void recordsAndAcknowledgedCommandsGiveTheWeights() throws Exception {
        ApplicationConfig config = broker.configure("controlled", LEARNER);
        broker.createTopics(config, 1);
        try (MillraceProcess learner = start("controlled")) {
            produce(config, 400);
            assertThat(done("controlled", "freeze").path("frozen").asBoolean()).isTrue();
            produce(config, 400);
            learner.kill();
        }
        try (MillraceProcess learner = start("controlled")) {
            produce(config, 103);
            assertThat(done("controlled", "snapshot").path("frozen").asBoolean()).as("after kill -9").isTrue();
            done("controlled", "unfreeze");
            produce(config, 300);
            done("controlled", "learning-rate", "0.001");
            produce(config, 402);
            learner.kill();
        }
        try (MillraceProcess learner = start("controlled")) {
            produce(config, 400);
            // One answer, behind everything: then all has been learned from.
            produceOne(config, "{\"a\":1,\"b\":2}");
            broker.awaitRecords(config, config.topics().predictions(), 1);
            long version = done("controlled", "snapshot").path("version").asLong();
            Snapshot snapshot = broker.awaitSnapshot(config, version);
            assertThat(snapshot.learner().labelled()).isEqualTo(produced);
            assertThat(snapshot.weightsSha256()).isEqualTo(Snapshot.weightsSha256(replayed(config)));

            produce(config, 500);
            produceOne(config, "{\"a\":1,\"b\":2}");
            broker.awaitRecords(config, config.topics().predictions(), 2);
            long later = done("controlled", "snapshot").path("version").asLong();
            JsonNode list = JsonMapper.shared().readTree(snapshots("list", "--json"));
            assertThat(list).hasSizeGreaterThanOrEqualTo(2);
            assertThat(list.path(list.size() - 1).path("version").asLong()).isEqualTo(later);
            assertThat(list.path(list.size() - 2).path("weights_sha256").asString()).isEqualTo(snapshot.weightsSha256());
            assertThat(list.path(list.size() - 1).path("source_offsets").path("controlled.features-0").asLong()).isEqualTo(produced + 1);
            assertThat(snapshots("list")).contains("VERSION", "baseline", "controlled.features-0 ");
            assertThat(snapshots("show", Long.toString(version))).contains(snapshot.weightsSha256());
            assertThat(snapshots("diff", Long.toString(version), Long.toString(later))).contains("dense/kernel", "labelled");
            assertThat(JsonMapper.shared().readTree(snapshots("diff", Long.toString(version), Long.toString(version), "--json"))
                    .path("weights").path("dense/kernel").path("distance").asDouble()).isZero();

            MillraceProcess.Result nowhere = control("controlled", "rollback", "1000000");
            assertThat(nowhere.exitCode()).isEqualTo(1);
            assertThat(nowhere.stderr()).isEqualTo("The learner could not do it: there is no committed snapshot of version 1000000\n");
            snapshots("rollback", Long.toString(version));
            assertThat(broker.awaitSnapshot(config, version).weightsSha256()).isEqualTo(snapshot.weightsSha256());
            assertThat(done("controlled", "reset").path("version").asLong()).isZero();
            learner.terminate();
        }
        assertThat(broker.readAll(config, config.topics().deadLetters())).isEmpty();
    }

    @Test
    void aCommandWaitsForALearnerAndReachesTheOneOfSeveralPartitions() throws Exception {
        ApplicationConfig config = broker.configure("waiting", LEARNER);
        broker.createTopics(config, 3);
        MillraceProcess.Result nobody = control("waiting", "freeze", "--timeout", "2");
        assertThat(nobody.exitCode()).isEqualTo(1);
        assertThat(nobody.stderr()).startsWith("The command is in waiting.control at offset 0, but no learner has obeyed within 2 s.");
        try (MillraceProcess learner = start("waiting")) {
            JsonNode second = done("waiting", "snapshot");
            assertThat(second.path("frozen").asBoolean()).isTrue();
            assertThat(second.path("control_offset").asLong()).isEqualTo(1);
            learner.terminate();
        }
        assertThat(commands(config)).extracting(command -> command.path("command").path("command").stringValue()).containsExactly("freeze",
                "snapshot");
    }

    @Test
    void aMissingTopicIsNamed() throws Exception {
        broker.configure("absent", LEARNER);
        MillraceProcess.Result result = control("absent", "freeze");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.stderr()).contains("Topic absent.control does not exist", "millrace topics create --config FILE")
                .doesNotContain("Exception", "\tat ");
    }

    /** Learns from all labelled records and obeys each command where the evaluation topic says it was obeyed. */
    private static OnlineLearner replayed(ApplicationConfig config) {
        List<JsonNode> commands = commands(config);
        OnlineLearner learner = new OnlineLearner(config.learner());
        RecordReader reader = new RecordReader(config.format(), learner, RecordReader.ANY_SIZE);
        int next = 0;
        for (ConsumerRecord<byte[], byte[]> record : broker.readAll(config, config.topics().features())) {
            for (; next < commands.size() && commands.get(next).path("labelled").asLong() == learner.labelled(); next++) {
                JsonNode command = commands.get(next).path("command");
                switch (command.path("command").stringValue()) {
                    case "freeze" -> learner.setFrozen(true);
                    case "unfreeze" -> learner.setFrozen(false);
                    case "set_learning_rate" -> learner.setLearningRate(OptionalDouble.of(command.path("learning_rate").doubleValue()));
                    default -> assertThat(command.path("command").stringValue()).isEqualTo("snapshot");
                }
            }
            assertThat(reader.read(new org.apache.kafka.streams.processor.api.Record<>(record.key(), record.value(), record.timestamp())))
                    .isNull();
            if (reader.examples().labelled()) {
                learner.learn(reader.examples().get(0), record.timestamp());
            }
        }
        return learner;
    }

    private static List<JsonNode> commands(ApplicationConfig config) {
        return broker.readAll(config, config.topics().evaluation()).stream().map(record -> JsonMapper.shared().readTree(record.value()))
                .filter(json -> json.path("type").stringValue().equals("command")).toList();
    }

    private static MillraceProcess start(String name) {
        return MillraceProcess.start(directory, "run", "--config", broker.file(name).toString(), "--port", "0");
    }

    private static JsonNode done(String name, String... command) throws InterruptedException {
        String[] arguments = java.util.Arrays.copyOf(command, command.length + 1);
        arguments[command.length] = "--json";
        MillraceProcess.Result result = control(name, arguments);
        assertThat(result.exitCode()).as(result.stderr()).isZero();
        return JsonMapper.shared().readTree(result.stdout());
    }

    private static String snapshots(String... command) throws InterruptedException {
        List<String> arguments = new java.util.ArrayList<>(List.of("snapshots"));
        arguments.addAll(List.of(command));
        arguments.addAll(List.of("--config", broker.file("controlled").toString()));
        MillraceProcess.Result result = MillraceProcess.run(directory, arguments.toArray(new String[0]));
        assertThat(result.exitCode()).as(result.stderr()).isZero();
        return result.stdout();
    }

    private static MillraceProcess.Result control(String name, String... command) throws InterruptedException {
        List<String> arguments = new java.util.ArrayList<>(List.of("control"));
        arguments.addAll(List.of(command));
        arguments.addAll(List.of("--config", broker.file(name).toString()));
        return MillraceProcess.run(directory, arguments.toArray(new String[0]));
    }

    private void produce(ApplicationConfig config, int count) {
        try (KafkaProducer<byte[], byte[]> producer = broker.producer(Map.of())) {
            for (int end = produced + count; produced < end; produced++) {
                String json = "{\"a\":%d,\"b\":%d,\"y\":%d}".formatted(produced % 10, produced % 7, produced % 17);
                producer.send(new ProducerRecord<>(config.topics().features(), 0, null, json.getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    private static void produceOne(ApplicationConfig config, String json) {
        try (KafkaProducer<byte[], byte[]> producer = broker.producer(Map.of())) {
            producer.send(new ProducerRecord<>(config.topics().features(), 0, null, json.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
