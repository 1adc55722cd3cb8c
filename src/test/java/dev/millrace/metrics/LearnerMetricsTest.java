package dev.millrace.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ConfigurationReader;
import dev.millrace.learn.OnlineLearner;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Names, types, help and labels of the meters are public API: dashboards and alerts use them. */
class LearnerMetricsTest {
    @Test
    void familiesAndSeriesAreThoseOfTheGoldenText() throws Exception {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        LearnerMetrics metrics = new LearnerMetrics(registry, "california");
        metrics.refresh(new OnlineLearner(ConfigurationReader.read(Path.of("deploy/examples/california.yaml"), Map.of()).learner()));
        assertThat(withoutValues(registry.scrape())).isEqualToNormalizingNewlines(
                Files.readString(Path.of("src/test/resources/metrics.golden.txt")));
    }

    /** A registry forgets what nobody else holds. */
    @Test
    void countersAddUpTheirPartsHoweverLongTheyLive() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        LearnerMetrics metrics = new LearnerMetrics(registry, "california");
        metrics.newExamples().add(3);
        System.gc();
        Count more = metrics.newExamples();
        more.add(4);
        more.add(5);
        metrics.newPredictions().add(2);
        assertThat(registry.get("millrace.examples").functionCounter().count()).isEqualTo(12);
        assertThat(registry.get("millrace.predictions").functionCounter().count()).isEqualTo(2);
        assertThat(metrics.examples()).isEqualTo(12);
        assertThat(metrics.predictions()).isEqualTo(2);
    }

    private static String withoutValues(String scraped) {
        return scraped.lines().map(line -> line.startsWith("#") ? line : line.substring(0, line.lastIndexOf(' ')))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
