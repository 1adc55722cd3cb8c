package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.config.ApplicationConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a broker that talks only over TLS, lets in only who has a password and allows only what an ACL says: the README's ACLs do, fewer are named. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class SecurityIT {
    private static final String LEARNER = """
            features: [a]
            label: { field: y }
            model: { preset: dnn_regressor, hidden_units: [2] }
            training: { batch_size: 2 }
            snapshots: { every_seconds: 1 }
            """;

    /** With the path of a certificate. */
    private static final String TRUSTED = "ssl.truststore.type: PEM\n  ssl.truststore.location: \"%s\"";

    @TempDir
    static Path directory;

    private static BrokerProcesses brokers;
    private static Broker broker;

    @BeforeAll
    static void startKafka() {
        brokers = new BrokerProcesses(directory, 1, true);
        broker = new Broker(directory, brokers.servers());
    }

    @AfterAll
    static void stopKafka() throws InterruptedException {
        brokers.close();
    }

    @Test
    void aWrongPasswordIsNamedAndNotRepeated() throws Exception {
        Path file = configure("stranger", TRUSTED, "not-the-secret");
        for (String[] command : new String[][]{ { "run", "--port", "0"}, { "snapshots", "show"}}) {
            MillraceProcess.Result result = run(file, command);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.stderr()).contains("sasl.jaas.config", "Invalid username or password").doesNotContain("not-the-secret",
                    "\tat ", "WARN", "ERROR");
            assertThat(result.stdout()).doesNotContain("not-the-secret");
        }
    }

    @Test
    void aCertificateThatIsNotTrustedIsNamed() throws Exception {
        Path file = configure("distrustful", "", "alice-secret");
        for (String[] command : new String[][]{ { "run", "--port", "0"}, { "snapshots", "show"}, { "topics", "create"}}) {
            MillraceProcess.Result result = run(file, command);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.stderr()).contains("ssl.truststore.location", "unable to find valid certification path")
                    .doesNotContain("alice-secret", "\tat ", "WARN", "ERROR");
        }
    }

    @Test
    void theAclsOfTheReadmeAreEnoughAndEachIsNeeded() throws Exception {
        Path file = configure("guarded", TRUSTED, "alice-secret");
        ApplicationConfig config = broker.configure("open", "guarded", "", LEARNER);
        MillraceProcess.Result nothing = run(file, "run", "--port", "0");
        assertDenied(nothing, "Topic guarded.");
        broker.createTopics(config, 1);
        List<AclBinding> acls = acls();
        try (Admin admin = broker.admin()) {
            List<AclBinding> without = new ArrayList<>(acls);
            without.removeIf(acl -> acl.pattern().resourceType() == ResourceType.GROUP);
            admin.createAcls(without).all().get();
            assertDenied(run(file, "run", "--port", "0"), "Read on the group guarded");

            admin.createAcls(acls).all().get();
            admin.deleteAcls(acls.stream().filter(acl -> acl.pattern().resourceType() == ResourceType.TRANSACTIONAL_ID)
                    .map(AclBinding::toFilter).toList()).all().get();
            produce(config);
            assertDenied(run(file, "run", "--port", "0"), "transactional ids");
            admin.createAcls(acls).all().get();
        }
        try (MillraceProcess learner = MillraceProcess.start(directory, "run", "--config", file.toString(), "--port", "0")) {
            assertThat(broker.awaitRecords(config, config.topics().predictions(), 10)).hasSize(10);
            broker.awaitSnapshot(config, 5);
            HttpRequest metrics = HttpRequest.newBuilder(URI.create(learner.url() + "/metrics")).build();
            try (HttpClient http = HttpClient.newHttpClient()) {
                await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(
                        http.send(metrics, HttpResponse.BodyHandlers.ofString()).body()).contains(
                                "millrace_lag_records{model=\"guarded\"} 0.0"));
            }
            learner.terminate();
            assertThat(learner.await(Duration.ofSeconds(30)).exitCode()).as(learner.output()).isIn(0, 143);
            assertThat(learner.output()).doesNotContain("alice-secret");
        }
    }

    @Test
    void aTopicThatTakesOnlySmallRecordsIsNamed() throws Exception {
        ApplicationConfig config = broker.configure("narrow", LEARNER);
        broker.createTopics(config, 1);
        limit(config.topics().snapshots(), 1000);
        MillraceProcess.Result result = run(broker.file("narrow"), "run", "--port", "0");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.stderr()).contains("narrow.snapshots", "max.message.bytes=1000").doesNotContain("\tat ");
    }

    @Test
    void aChangelogThatBecameTooNarrowEndsTheProgramAndLosesNothing() throws Exception {
        ApplicationConfig config = broker.configure("shrunk", LEARNER);
        broker.createTopics(config, 1);
        try (MillraceProcess learner = MillraceProcess.start(directory, "run", "--config", broker.file("shrunk").toString(), "--port",
                "0")) {
            broker.awaitTopic("shrunk-model-changelog");
            learner.terminate();
            learner.await(Duration.ofSeconds(30));
        }
        limit("shrunk-model-changelog", 150);
        produce(config);
        MillraceProcess.Result result = run(broker.file("shrunk"), "run", "--port", "0");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.stderr()).contains("max.message.bytes").doesNotContain("\tat ");
        limit("shrunk-model-changelog", 1 << 20);
        try (MillraceProcess learner = MillraceProcess.start(directory, "run", "--config", broker.file("shrunk").toString(), "--port",
                "0")) {
            assertThat(broker.awaitRecords(config, config.topics().predictions(), 10)).hasSize(10);
            broker.awaitSnapshot(config, 5);
            learner.terminate();
            learner.await(Duration.ofSeconds(30));
        }
    }

    private static void assertDenied(MillraceProcess.Result result, String named) {
        assertThat(result.exitCode()).as(result.stderr()).isEqualTo(1);
        assertThat(result.stderr()).contains("ACL", named).doesNotContain("\tat ", "alice-secret");
    }

    /** @param trust settings that make the broker's certificate a trusted one */
    private static Path configure(String name, String trust, String password) throws IOException {
        return Files.writeString(directory.resolve(name + "-guarded.yaml"), """
                name: %s
                kafka:
                  bootstrap.servers: "%s"
                  state.dir: "%s"
                  security.protocol: SASL_SSL
                  sasl.mechanism: PLAIN
                  sasl.jaas.config: 'org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="%s";'
                  %s
                %s""".formatted(name, brokers.guardedServers(), directory.resolve("state-" + name), password,
                trust.formatted(brokers.certificate()), LEARNER));
    }

    private static MillraceProcess.Result run(Path file, String... command) throws InterruptedException {
        String[] all = Stream.concat(Stream.of(command), Stream.of("--config", file.toString())).toArray(String[]::new);
        return MillraceProcess.run(directory, all);
    }

    /** Ten labelled and ten unlabelled records. */
    private static void produce(ApplicationConfig config) {
        try (KafkaProducer<byte[], byte[]> producer = broker.producer(Map.of())) {
            for (int i = 0; i < 20; i++) {
                String json = i % 2 == 0 ? "{\"a\":" + i + ",\"y\":" + i + "}" : "{\"a\":" + i + "}";
                producer.send(new ProducerRecord<>(config.topics().features(), null, json.getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    private static void limit(String topic, int bytes) throws Exception {
        try (Admin admin = broker.admin()) {
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(
                    new AlterConfigOp(new ConfigEntry("max.message.bytes", Integer.toString(bytes)), AlterConfigOp.OpType.SET)))).all()
                    .get();
        }
    }

    /** Those that the README lists. */
    private static List<AclBinding> acls() {
        List<AclBinding> acls = new ArrayList<>();
        add(acls, ResourceType.TOPIC, "guarded.", AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE,
                AclOperation.DESCRIBE_CONFIGS);
        add(acls, ResourceType.TOPIC, "guarded-", AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE, AclOperation.CREATE);
        add(acls, ResourceType.GROUP, "guarded", AclOperation.READ);
        add(acls, ResourceType.TRANSACTIONAL_ID, "guarded-", AclOperation.WRITE, AclOperation.DESCRIBE);
        return acls;
    }

    private static void add(List<AclBinding> acls, ResourceType type, String prefix, AclOperation... operations) {
        for (AclOperation operation : operations) {
            acls.add(new AclBinding(new ResourcePattern(type, prefix, PatternType.PREFIXED),
                    new AccessControlEntry("User:alice", "*", operation, AclPermissionType.ALLOW)));
        }
    }
}
