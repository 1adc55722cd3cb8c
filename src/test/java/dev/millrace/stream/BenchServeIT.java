package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The benchmark gets answers while records are learned. How fast is no test's business. */
class BenchServeIT {
    @TempDir
    Path directory;

    @Test
    void endsWithOneLineOfJson() throws Exception {
        try (MillraceProcess bench = MillraceProcess.start(directory, "bench", "serve", "--records", "2000000", "--rounds", "1", "--rate",
                "100", "--json")) {
            MillraceProcess.Result result = bench.await(Duration.ofMinutes(3));
            assertThat(result.exitCode()).as(result.stderr()).isZero();
            assertThat(result.stdout().lines()).hasSize(1);
            JsonNode json = JsonMapper.shared().readTree(result.stdout());
            assertThat(json.path("answered").asInt()).isPositive();
            assertThat(json.path("failed").asInt()).isZero();
            assertThat(json.path("p99_ms").asDouble()).isGreaterThanOrEqualTo(json.path("p50_ms").asDouble()).isPositive();
            assertThat(json.at("/records_per_second/asked").asLong()).isPositive();
            assertThat(json.path("asked_to_alone").asDouble()).isPositive();
        }
    }

    @Test
    void aRateOfNothingIsWrongUsage() throws Exception {
        MillraceProcess.Result result = MillraceProcess.run(directory, "bench", "serve", "--rate", "0");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.stderr()).contains("a rate is from 1 to 100000 requests per second, found 0");
    }
}
