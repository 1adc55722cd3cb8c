package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The benchmark measures something and leaves nothing running, however it ends. What it measures is no test's business. */
class BenchPipelineIT {
    @TempDir
    Path directory;

    @Test
    void endsWithOneLineOfJsonAndNoBroker() throws Exception {
        try (MillraceProcess bench = MillraceProcess.start(directory, "bench", "pipeline", "--records", "200000", "--rounds", "1",
                "--json")) {
            MillraceProcess.Result result = bench.await(Duration.ofMinutes(4));
            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(result.stdout().lines()).hasSize(1);
            JsonNode json = JsonMapper.shared().readTree(result.stdout());
            for (String contestant : new String[]{ "raw_poll", "parse_only", "parse_echo", "learn_labelled", "learn_predicted",
                    "learn_labelled_float32"}) {
                assertThat(json.path("records_per_second").path(contestant).asLong()).as(contestant).isPositive();
            }
            for (String ratio : new String[]{ "labelled_to_parse_only", "predicted_to_parse_echo", "float32_to_json"}) {
                assertThat(json.path("ratios").path(ratio).asDouble()).as(ratio).isPositive();
            }
            assertThat(json.path("prediction_latency").path("p50_ms").isNumber()).isTrue();
            assertThat(json.path("models")).hasSize(3)
                    .allSatisfy(model -> assertThat(model.path("restored_bytes").asLong()).isPositive());
        }
    }

    @Test
    void itsBrokerEndsWithIt() throws Exception {
        for (boolean killed : new boolean[]{ true, false}) {
            try (MillraceProcess bench = MillraceProcess.start(directory, "bench", "pipeline", "--records", "200000")) {
                await().atMost(Duration.ofMinutes(1)).until(() -> bench.children().findAny().isPresent());
                ProcessHandle broker = bench.children().findAny().orElseThrow();
                if (killed) {
                    bench.kill();
                } else {
                    bench.terminate();
                }
                await().atMost(Duration.ofMinutes(1)).until(() -> !broker.isAlive());
            }
        }
    }

    @Test
    void tooFewRecordsAreWrongUsage() throws Exception {
        MillraceProcess.Result result = MillraceProcess.run(directory, "bench", "pipeline", "--records", "10");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.stderr()).contains("at least 200000 records, found 10");
    }
}
