package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.config.ApplicationConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The shipped scrape configuration, rules, alerts and dashboards in a real Prometheus that scrapes a real learner. Skipped where
 * Prometheus is not installed, unless {@code MILLRACE_PROMETHEUS} is {@code required}.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PrometheusIT {
    private static final Path RULES = Path.of("deploy/prometheus");
    private static final Path DASHBOARDS = Path.of("deploy/grafana/dashboards");
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String LEARNER = """
            features: [a, b]
            label: { field: y }
            model: { layers: [ { units: 8, activation: relu }, { units: 1 } ] }
            training: { batch_size: 10, loss: mse, optimizer: { name: adam, learning_rate: 0.01 } }
            evaluation: { window: 50 }
            snapshots: { every_steps: 0, every_seconds: 3600 }
            """;

    /** A step for each record, of two million weights. */
    private static final String SLOW_LEARNER = """
            features: [a, b]
            label: { field: y }
            model: { layers: [ { units: 1500, activation: relu }, { units: 1500, activation: relu }, { units: 1 } ] }
            training: { batch_size: 1, loss: mse, optimizer: { name: adam, learning_rate: 0.00001 } }
            """;

    @TempDir
    Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private String prometheus = "";

    @BeforeAll
    static void needsPrometheus() {
        boolean installed = Files.isExecutable(Path.of("/usr/bin/prometheus")) && Files.isExecutable(Path.of("/usr/bin/promtool"));
        boolean required = "required".equals(System.getenv("MILLRACE_PROMETHEUS"));
        assertThat(installed || !required).as("MILLRACE_PROMETHEUS=required, but there is no prometheus and promtool in /usr/bin").isTrue();
        assumeTrue(installed, "Prometheus is not installed");
    }

    @Test
    void promtoolFindsNothingToSayAndEachAlertFiresByItsCause() throws Exception {
        for (List<String> check : List.of(List.of("check", "config", "prometheus.yml"),
                List.of("test", "rules", "millrace.alerts.test.yml"))) {
            List<String> command = new ArrayList<>(List.of("/usr/bin/promtool"));
            command.addAll(check);
            Path out = directory.resolve("promtool.txt");
            Process process = new ProcessBuilder(command).directory(RULES.toFile()).redirectErrorStream(true).redirectOutput(out.toFile())
                    .start();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(out)).isZero();
        }
    }

    @Test
    void everyAlertHasAnEntryInTheRunbook() throws Exception {
        String runbook = Files.readString(Path.of("src/docs/runbook.md"));
        String alerts = Files.readString(RULES.resolve("millrace.alerts.yml"));
        List<String> names = alerts.lines().filter(line -> line.contains("- alert:")).map(line -> line.replaceAll(".*: ", "")).toList();
        assertThat(names).hasSizeGreaterThan(6).allSatisfy(name -> {
            assertThat(runbook).contains("## " + name + "\n");
            assertThat(alerts).contains("src/docs/runbook.md#" + name.toLowerCase(java.util.Locale.ROOT) + "\n");
        });
    }

    @Test
    void rulesAndPanelsFindDataAndAlertsFireOnARealLearner() throws Exception {
        int learnerPort = freePort();
        try (Broker broker = new Broker(directory)) {
            ApplicationConfig config = broker.configure("watched", LEARNER);
            broker.createTopics(config, 1);
            try (MillraceProcess learner = MillraceProcess.start(directory, "run", "--config", broker.file("watched").toString(), "--port",
                    Integer.toString(learnerPort));
                    SteadyStream stream = new SteadyStream(broker, config, 1);
                    AutoCloseable _ = startPrometheus(learnerPort)) {
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(query("millrace:steps:rate1m > 0")).isNotEmpty());
                control(broker, "snapshot");
                awaitRules();
                awaitPanels();
                assertThat(firing()).doesNotContain("MillraceNotLearning", "MillraceNoInstances", "MillraceCommitsFail",
                        "MillraceDeadLetters", "MillraceStepsRefused");

                stream.send("no JSON");
                awaitFiring("MillraceDeadLetters");
                stream.send("{\"a\":1,\"b\":2,\"y\":3e38}");
                awaitFiring("MillraceStepsRefused");
                awaitFiring("MillraceSnapshotOld");
                control(broker, "reset");
                control(broker, "freeze");
                awaitFiring("MillraceNotLearning");
                awaitFiring("MillraceWorseThanBaseline");
                learner.kill();
                awaitFiring("MillraceNoInstances");
            }
        }
    }

    /** A model that is too large for its stream, and then a broker that is gone. */
    @Test
    void lagAndCommitsThatFailAreToldOfARealLearner() throws Exception {
        int learnerPort = freePort();
        try (BrokerProcesses brokers = new BrokerProcesses(directory, 1); Broker broker = new Broker(directory, brokers.servers())) {
            ApplicationConfig config = broker.configure("slow", SLOW_LEARNER);
            broker.createTopics(config, 1);
            try (MillraceProcess _ = MillraceProcess.start(directory, "run", "--config", broker.file("slow").toString(), "--port",
                    Integer.toString(learnerPort));
                    SteadyStream _ = new SteadyStream(broker, config, 50);
                    AutoCloseable _ = startPrometheus(learnerPort)) {
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(query("millrace:commits:rate1m > 0")).isNotEmpty());
                awaitFiring("MillraceLagGrows");
                assertThat(firing()).doesNotContain("MillraceCommitsFail", "MillraceNoInstances");
                brokers.kill(0);
                awaitFiring("MillraceCommitsFail");
                assertThat(firing()).doesNotContain("MillraceNoInstances");
            }
        }
    }

    private void awaitRules() throws IOException {
        List<String> names = Files.readString(RULES.resolve("millrace.rules.yml")).lines().filter(line -> line.contains("- record:"))
                .map(line -> line.replaceAll(".*record: ", "")).toList();
        assertThat(names).hasSizeGreaterThan(5);
        for (String name : names) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(query(name)).as(name).isNotEmpty());
        }
    }

    private void awaitPanels() throws IOException {
        int seen = 0;
        try (Stream<Path> files = Files.list(DASHBOARDS)) {
            for (Path file : files.toList()) {
                for (JsonNode panel : JsonMapper.shared().readTree(Files.readString(file)).path("panels")) {
                    String title = file.getFileName() + ": " + panel.path("title").asString();
                    assertThat(panel.path("description").asString("")).as(title).isNotBlank();
                    assertThat(panel.path("fieldConfig").path("defaults").path("unit").asString("")).as(title).isNotBlank();
                    for (JsonNode target : panel.path("targets")) {
                        String query = target.path("expr").asString().replace("$job", "millrace").replace("$model", ".*");
                        await().atMost(PATIENCE).untilAsserted(() -> assertThat(query(query)).as("%s: %s", title, query).isNotEmpty());
                        seen++;
                    }
                }
            }
        }
        assertThat(seen).isGreaterThan(20);
    }

    private void awaitFiring(String alert) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(firing()).contains(alert));
    }

    private List<String> firing() {
        List<String> names = new ArrayList<>();
        get("/api/v1/alerts").path("data").path("alerts").forEach(alert -> {
            if (alert.path("state").asString().equals("firing")) {
                names.add(alert.path("labels").path("alertname").asString());
            }
        });
        return names;
    }

    private List<JsonNode> query(String expression) {
        JsonNode answer = get("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        assertThat(answer.path("status").asString()).as("%s: %s", expression, answer).isEqualTo("success");
        List<JsonNode> samples = new ArrayList<>();
        answer.path("data").path("result").forEach(samples::add);
        return samples;
    }

    private JsonNode get(String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(prometheus + path)).timeout(Duration.ofSeconds(10)).build();
            return JsonMapper.shared().readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** With the shipped rules, but a minute is five seconds. */
    private AutoCloseable startPrometheus(int learnerPort) throws IOException {
        Path home = Files.createDirectory(directory.resolve("prometheus"));
        for (String rules : List.of("millrace.rules.yml", "millrace.alerts.yml")) {
            Files.writeString(home.resolve(rules), Files.readString(RULES.resolve(rules)).replaceAll("for: \\d+m", "for: 0s")
                    .replaceAll("\\b1m\\b", "5s").replaceAll("\\b4m\\b", "20s").replaceAll("\\b(5|10)m\\b", "25s").replace("> 300", "> 2")
                    .replace("_seconds) > 60", "_seconds) > 6"));
        }
        Files.writeString(home.resolve("prometheus.yml"), Files.readString(RULES.resolve("prometheus.yml"))
                .replaceAll("_interval: \\d+s", "_interval: 1s")
                .replaceAll("(?s)    dns_sd_configs:.*", "    static_configs: [ { targets: [ \"127.0.0.1:" + learnerPort + "\" ] } ]\n"));
        int port = freePort();
        prometheus = "http://127.0.0.1:" + port;
        Process process = new ProcessBuilder("/usr/bin/prometheus", "--config.file=" + home.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + home.resolve("data"), "--web.listen-address=127.0.0.1:" + port).redirectErrorStream(true)
                .redirectOutput(home.resolve("log.txt").toFile()).start();
        try {
            await().atMost(PATIENCE).ignoreExceptions().until(() -> query("up") != null);
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
        return () -> process.destroyForcibly().waitFor();
    }

    private void control(Broker broker, String command) throws InterruptedException {
        MillraceProcess.Result result = MillraceProcess.run(directory, "control", command, "--config", broker.file("watched").toString());
        assertThat(result.exitCode()).as(result.stderr()).isZero();
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    /** A hundred times so many records a second until closed, one in ten without its label. */
    private static final class SteadyStream implements AutoCloseable {
        private final KafkaProducer<byte[], byte[]> producer;
        private final String topic;
        private final AtomicLong sent = new AtomicLong();
        private final java.util.concurrent.ScheduledExecutorService clock = java.util.concurrent.Executors
                .newSingleThreadScheduledExecutor();

        SteadyStream(Broker broker, ApplicationConfig config, int times) {
            producer = broker.producer(Map.of("max.block.ms", 1000));
            topic = config.topics().features();
            clock.scheduleAtFixedRate(() -> {
                for (int i = 0; i < times; i++) {
                    next();
                }
            }, 0, 10, TimeUnit.MILLISECONDS);
        }

        private void next() {
            long i = sent.getAndIncrement();
            String label = i % 10 == 9 ? "" : ",\"y\":" + (100 + i % 10 * 3 + i % 7);
            send("{\"a\":%d,\"b\":%d%s}".formatted(i % 10, i % 7, label));
        }

        void send(String value) {
            producer.send(new ProducerRecord<>(topic, value.getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public void close() {
            clock.shutdownNow();
            producer.close(Duration.ofSeconds(2));
        }
    }
}
