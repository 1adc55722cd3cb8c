package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.config.StartingModel;
import dev.millrace.interop.KerasModel;
import dev.millrace.interop.LearnerModels;
import dev.millrace.interop.ModelFiles;
import dev.millrace.interop.OptimizerState;
import dev.millrace.learn.Example;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.StartingState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Keras model learns on the stream and comes home as a Keras model that goes on from where it is. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ExportIT {
    private static final Path START = Path.of("src/test/resources/keras-samples/dropout_nadam.keras");
    private static final int BATCH = 5;
    private static final int RECORDS = 100;

    @TempDir
    Path directory;

    @Test
    void theExportedModelIsTheLearnerAtItsLastSnapshot() throws Exception {
        try (Broker broker = new Broker(directory)) {
            ApplicationConfig config = configure(broker);
            broker.createTopics(config, 1);
            KerasModel start = ModelFiles.read(START, _ -> {
            });
            long version = start.optimizer().orElseThrow().iterations() + RECORDS / BATCH;
            List<String> values = values();
            try (MillraceProcess learner = MillraceProcess.start(directory, "run", "--config", broker.file("home").toString(), "--port",
                    "0"); KafkaProducer<byte[], byte[]> producer = broker.producer(Map.of())) {
                values.forEach(value -> producer.send(new ProducerRecord<>(config.topics().features(), 0, null,
                        value.getBytes(StandardCharsets.UTF_8))));
                producer.flush();
                broker.awaitSnapshot(config, version);
                assertThat(learner.alive()).as(learner.output()).isTrue();
            }
            OnlineLearner expected = learnedAlone(config, LearnerModels.start(start), values);
            for (String ending : List.of(".keras", ".h5", ".safetensors")) {
                KerasModel exported = export(broker, "out" + ending);
                assertSame(exported, LearnerModels.of("home", expected));
                assertThat(exported.optimizer().map(OptimizerState::iterations)).contains(version);
            }
            KerasModel folded = export(broker, "folded.keras", "--fold");
            assertThat(folded.normalization()).isEmpty();
            assertAnswers(directory.resolve("out.keras"), expected, 1e-6);
            assertAnswers(directory.resolve("folded.keras"), expected, 1e-4);
            MillraceProcess.Result refused = MillraceProcess.run(directory, "export", "--config", broker.file("home").toString(), "--out",
                    directory.resolve("absent").resolve("out.keras").toString());
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.stderr()).contains("out.keras: file: there is no directory").doesNotContain("\tat ");
        }
    }

    private ApplicationConfig configure(Broker broker) throws Exception {
        Files.copy(START, directory.resolve("start.keras"));
        Files.writeString(broker.file("home"), """
                name: home
                kafka: { bootstrap.servers: "%s", state.dir: "%s" }
                features: [a, b, { ratio: [a, b] }, { log1p: a }]
                label: { field: y, scale: 0.1 }
                model: { keras: start.keras }
                training: { batch_size: %d }
                snapshots: { every_steps: 0, every_seconds: 1 }
                """.formatted(broker.servers(), broker.stateDirectory("home"), BATCH));
        return ConfigurationReader.read(broker.file("home"), Map.of(), _ -> {
        }, file -> {
            KerasModel model = ModelFiles.read(file, _ -> {
            });
            return new StartingModel(model.network(), model.training(), Optional.of(LearnerModels.start(model)));
        });
    }

    private static List<String> values() {
        Random random = new Random(1);
        List<String> values = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            double a = 5 + random.nextDouble() * 10;
            double b = 1 + random.nextDouble();
            values.add("{\"a\":" + a + ",\"b\":" + b + ",\"y\":[" + 10 * a / b + "," + (a - b) + "]}");
        }
        return values;
    }

    /** What the same records make of the same file when no Kafka is between. */
    private static OnlineLearner learnedAlone(ApplicationConfig config, StartingState start, List<String> values) {
        OnlineLearner learner = new OnlineLearner(config.learner(), start);
        JsonRecordDecoder decoder = new JsonRecordDecoder(learner.schema());
        RawRecord raw = learner.schema().newRecord();
        Example example = learner.newExample();
        for (String value : values) {
            assertThat(decoder.decode(value.getBytes(StandardCharsets.UTF_8), raw)).isNull();
            assertThat(learner.encode(raw, example)).isNull();
            learner.learn(example, 0);
        }
        return learner;
    }

    private KerasModel export(Broker broker, String name, String... more) throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("export", "--config", broker.file("home").toString(), "--out",
                directory.resolve(name).toString()));
        arguments.addAll(List.of(more));
        MillraceProcess.Result result = MillraceProcess.run(directory, arguments.toArray(String[]::new));
        assertThat(result.exitCode()).as(result.stderr()).isZero();
        return ModelFiles.read(directory.resolve(name), _ -> {
        });
    }

    private static void assertSame(KerasModel actual, KerasModel expected) {
        assertThat(actual.network()).isEqualTo(expected.network());
        assertThat(actual.training()).isEqualTo(expected.training());
        assertThat(actual.metadata()).isEqualTo(expected.metadata());
        assertThat(actual.weights()).usingRecursiveComparison().isEqualTo(expected.weights());
        assertThat(actual.optimizer().orElseThrow().slots()).usingRecursiveComparison()
                .isEqualTo(expected.optimizer().orElseThrow().slots());
        assertThat(actual.normalization().orElseThrow().mean()).containsExactly(expected.normalization().orElseThrow().mean());
        assertThat(actual.normalization().orElseThrow().variance()).containsExactly(expected.normalization().orElseThrow().variance());
    }

    /** The file, asked about raw records, answers what the learner answers. */
    private void assertAnswers(Path file, OnlineLearner learner, double tolerance) throws Exception {
        Path data = Files.writeString(directory.resolve("rows.csv"), "other,b,a\nx,1.5,7\ny,1.25,12.5\n");
        MillraceProcess.Result result = MillraceProcess.run(directory, "predict", "--model", file.toString(), "--data", data.toString());
        assertThat(result.exitCode()).as(result.stderr()).isZero();
        List<String> lines = result.stdout().lines().toList();
        assertThat(lines).hasSize(2);
        JsonRecordDecoder decoder = new JsonRecordDecoder(learner.schema());
        RawRecord raw = learner.schema().newRecord();
        Example example = learner.newExample();
        float[] answer = new float[2];
        List<String> rows = List.of("{\"a\":7,\"b\":1.5}", "{\"a\":12.5,\"b\":1.25}");
        for (int i = 0; i < rows.size(); i++) {
            assertThat(decoder.decode(rows.get(i).getBytes(StandardCharsets.UTF_8), raw)).isNull();
            assertThat(learner.encode(raw, example)).isNull();
            learner.predict(example, answer);
            JsonNode prediction = JsonMapper.shared().readTree(lines.get(i)).path("prediction");
            assertThat(prediction.path(0).asDouble()).isCloseTo(answer[0], within(tolerance));
            assertThat(prediction.path(1).asDouble()).isCloseTo(answer[1], within(tolerance));
        }
    }
}
