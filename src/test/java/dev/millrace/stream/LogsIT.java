package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a running learner says on stderr. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LogsIT {
    @TempDir
    Path directory;

    @Test
    void onDemandEveryLineIsAJsonObject() throws Exception {
        try (Broker broker = new Broker(directory)) {
            ApplicationConfig config = broker.configure("told", "told", ", client.dns.lookup: use_all_dns_ips", """
                    features: [a, b]
                    label: { field: y }
                    model: { preset: dnn_regressor, hidden_units: [2] }
                    http: { token: "s3cret-token" }
                    """);
            broker.createTopics(config, 1);
            broker.produce(config, 0, 100);
            try (MillraceProcess learner = MillraceProcess.start(directory, Map.of("MILLRACE_LOGS", "json"), "run", "--config",
                    broker.file("told").toString(), "--port", "0")) {
                broker.awaitRecords(config, config.topics().predictions(), 10);
                learner.terminate();
                MillraceProcess.Result result = learner.await(Duration.ofSeconds(60));
                assertThat(result.stdout()).startsWith("told learns and answers on ");
                List<JsonNode> lines = result.stderr().lines().map(JsonMapper.shared()::readTree).toList();
                assertThat(lines).isNotEmpty().allSatisfy(line -> {
                    assertThat(line.path("timestamp").asLong()).isPositive();
                    assertThat(line.path("level").asString()).isIn("INFO", "WARN", "ERROR");
                    assertThat(line.toString()).doesNotContain("s3cret-token");
                });
                assertThat(lines).anySatisfy(line -> {
                    assertThat(line.path("loggerName").asString()).isEqualTo(LearnerProcessor.class.getName());
                    assertThat(line.path("formattedMessage").asString()).startsWith("Model told is at version 0");
                });
            }
        }
    }

    @Test
    void anEmptyVariableIsAsNone() throws Exception {
        try (MillraceProcess check = MillraceProcess.start(directory, Map.of("MILLRACE_LOGS", ""), "run", "--config",
                "src/test/resources/config/mistakes.yaml")) {
            MillraceProcess.Result result = check.await(Duration.ofSeconds(60));
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.stdout()).isEmpty();
        }
    }

    @Test
    void anUnknownFormIsRefused() throws Exception {
        try (MillraceProcess check = MillraceProcess.start(directory, Map.of("MILLRACE_LOGS", "xml"), "--help")) {
            MillraceProcess.Result result = check.await(Duration.ofSeconds(60));
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.stderr()).contains("MILLRACE_LOGS: found xml, allowed: text, json");
        }
    }
}
