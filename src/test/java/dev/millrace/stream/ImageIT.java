package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Volume;
import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.snapshot.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** The image, built and run as narrowly as a cluster might, beside Kafka's own. */
@Timeout(value = 12, unit = TimeUnit.MINUTES)
class ImageIT {
    private static final String IMAGE = "millrace:local";
    private static final String LEARNER = """
            features: [a, b]
            label: { field: y }
            model: { layers: [ { units: 8, activation: relu }, { units: 1 } ] }
            training: { batch_size: 5, loss: mse, optimizer: { name: adam, learning_rate: 0.01 } }
            snapshots: { every_steps: 10 }
            """;

    @TempDir
    static Path directory;

    private static Network network;
    private static KafkaContainer kafka;
    private static Broker broker;

    @BeforeAll
    static void buildAndStart() {
        Engine.assume();
        Engine.docker("build", "-q", "-t", IMAGE, "-f", "deploy/Dockerfile", ".");
        network = Network.newNetwork();
        kafka = new KafkaContainer(DockerImageName.parse(Engine.KAFKA)).withNetwork(network).withListener("broker:19092")
                .withStartupTimeout(Duration.ofMinutes(3));
        kafka.start();
        broker = new Broker(directory, kafka.getBootstrapServers());
    }

    @AfterAll
    static void stop() {
        if (kafka != null) {
            kafka.stop();
            network.close();
        }
    }

    @Test
    void itIsSmallAndHoldsNoBrokerNoRocksAndNoCompiler() {
        long size = size(IMAGE) - size(Engine.BASE);
        assertThat(size).as("bytes besides the base").isLessThan(120_000_000L);
        String files = Engine.docker("run", "--rm", "--entrypoint", "find", IMAGE, "/opt/millrace", "-type", "f");
        assertThat(files).contains("/opt/millrace/target/millrace.jar", "/opt/millrace/target/lib/kafka-streams-", "millrace.jsa")
                .doesNotContain("kafka_2.13", "scala-library", "kafka-server", "rocksdb", "error_prone", "junit", "log4j-core");
        assertThat(Engine.docker("inspect", "--format", "{{.Config.User}} {{index .Config.Labels \"org.opencontainers.image.licenses\"}}",
                IMAGE)).isEqualTo("10001:0 Apache-2.0");
        assertThat(Engine.docker("run", "--rm", IMAGE, "--version")).contains("millrace ");
    }

    @Test
    void withoutItsDemoBrokerItSaysSo() {
        String out = Engine.docker("run", "--rm", "--entrypoint", "bash", IMAGE, "-c", "millrace demo 2>&1; echo code $?");
        assertThat(out).endsWith("code 1").contains("This build has no broker").doesNotContain("\tat ");
    }

    @Test
    void killedAndStartedAgainItGoesOnExactly() throws Exception {
        ApplicationConfig config = broker.configure("boxed", LEARNER);
        broker.createTopics(config, 1);
        Path file = Files.writeString(directory.resolve("inside.yaml"),
                "name: boxed\nkafka: { bootstrap.servers: \"broker:19092\", session.timeout.ms: 6000 }\n" + LEARNER);
        try (GenericContainer<?> learner = new GenericContainer<>(DockerImageName.parse(IMAGE))) {
            learner.withNetwork(network);
            learner.withExposedPorts(8080).waitingFor(Wait.forHttp("/health/live").forPort(8080).withStartupTimeout(Duration.ofMinutes(2)));
            learner.withCreateContainerCmdModifier(command -> {
                command.withUser("43210:43210");
                command.getHostConfig().withBinds(new Bind(file.toString(), new Volume("/etc/millrace/millrace.yaml"), AccessMode.ro))
                        .withReadonlyRootfs(true).withCapDrop(Capability.ALL)
                        .withSecurityOpts(List.of("no-new-privileges")).withMemory(384L << 20).withMemorySwap(384L << 20);
            });
            learner.start();
            String id = learner.getContainerId();
            broker.produce(config, 0, 700);
            broker.awaitRecords(config, config.topics().predictions(), 50);
            Engine.docker("kill", id);
            broker.produce(config, 700, 1400);
            Engine.docker("start", id);
            List<ConsumerRecord<byte[], byte[]>> answered = broker.awaitRecords(config, config.topics().predictions(), 140);
            Undisturbed expected = new Undisturbed(config, broker.readAll(config, config.topics().features()));
            assertThat(Undisturbed.answers(answered)).isEqualTo(expected.answers);
            Snapshot last = broker.awaitSnapshot(config, expected.learner.version());
            assertThat(last.weightsSha256()).isEqualTo(Snapshot.weightsSha256(expected.learner));
            await().atMost(Duration.ofMinutes(1)).untilAsserted(
                    () -> assertThat(Engine.docker("inspect", "--format", "{{.State.Health.Status}}", id)).isEqualTo("healthy"));
            Engine.docker("stop", "-t", "30", id);
            assertThat(Engine.docker("inspect", "--format", "{{.State.ExitCode}} {{.State.OOMKilled}}", id)).isEqualTo("143 false");
            assertThat(Engine.docker("logs", id)).doesNotContain("Exception");
        }
        assertThat(broker.readAll(config, config.topics().deadLetters())).isEmpty();
    }

    /** What {@code docker run} is told in the README works on the shipped example. */
    @Test
    void theShippedExampleIsAccepted() {
        assertThat(ConfigurationReader.read(Path.of("deploy/examples/california.yaml"), Map.of()).name()).isEqualTo("california");
        String out = Engine.docker("run", "--rm", "-v", Path.of("deploy/examples/california.yaml").toAbsolutePath()
                + ":/etc/millrace/millrace.yaml:ro", IMAGE, "check", "--config", "/etc/millrace/millrace.yaml");
        assertThat(out).contains("california");
    }

    private static long size(String image) {
        return Long.parseLong(Engine.docker("image", "inspect", "--format", "{{.Size}}", image));
    }
}
