package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientSettingsTest {
    private static final TopicAdmin.InputLimits LIMITS = new TopicAdmin.InputLimits(1 << 20, "");
    private static final long LARGE = 300_000_000;

    @TempDir
    private Path directory;

    @Test
    void aPlainSettingOfTheUserWinsOverOurDefault() throws IOException {
        StreamsConfig settings = settings("session.timeout.ms: 7000, heartbeat.interval.ms: 900, batch.size: 1000, group.instance.id: me",
                1000);
        Map<String, Object> consumer = settings.getMainConsumerConfigs("m", "c", 0);
        assertThat(consumer.get("session.timeout.ms")).isEqualTo("7000");
        assertThat(consumer.get("heartbeat.interval.ms")).isEqualTo("900");
        assertThat(String.valueOf(consumer.get("group.instance.id"))).startsWith("me");
        assertThat(settings.getProducerConfigs("c").get("batch.size")).isEqualTo("1000");
    }

    @Test
    void anInstanceHearsOfAnotherThatHasLeftWithinHalfASecond() throws IOException {
        Map<String, Object> consumer = settings("retries: 3", 1000).getMainConsumerConfigs("m", "c", 0);
        assertThat(consumer.get("heartbeat.interval.ms")).isEqualTo(500);
    }

    @Test
    void aLargeModelCommitsLessOftenAndHasMoreTime() throws IOException {
        StreamsConfig small = settings("retries: 3", 1_000_000);
        assertThat(small.getLong(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG)).isEqualTo(100);
        StreamsConfig large = settings("retries: 3", LARGE);
        assertThat(large.getLong(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG)).isEqualTo(15_000);
        assertThat(large.getProducerConfigs("c").get("transaction.timeout.ms")).isEqualTo(70_000);
    }

    @Test
    void theChangelogsRateIsConfigured() throws IOException {
        StreamsConfig settings = settings("retries: 3", LARGE, "changelog: { bytes_per_second: 100000000 }");
        assertThat(settings.getLong(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG)).isEqualTo(3000);
        assertThat(settings.getProducerConfigs("c").get("transaction.timeout.ms")).isEqualTo(22_000);
        StreamsConfig slow = settings("retries: 3", LARGE, "changelog: { bytes_per_second: 100000 }");
        assertThat(slow.getLong(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG)).as("half of what brokers allow").isEqualTo(450_000);
    }

    @Test
    void theCommitIntervalStaysBelowTheUsersTransactionTimeout() throws IOException {
        for (String key : new String[]{ "transaction.timeout.ms", "producer.transaction.timeout.ms"}) {
            StreamsConfig settings = settings(key + ": 3000", LARGE);
            assertThat(settings.getLong(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG)).as(key).isEqualTo(1500);
            assertThat(settings.getProducerConfigs("c").get("transaction.timeout.ms")).as(key).isEqualTo("3000");
        }
    }

    @Test
    void aRecordOfAnySizeThatTheInputTakesCanBeWritten() throws IOException {
        StreamsConfig settings = new StreamsConfig(
                ClientSettings.streams(config("retries: 3", ""), 1000, new TopicAdmin.InputLimits(40 << 20, "")));
        Map<String, Object> producer = settings.getProducerConfigs("c");
        assertThat((int) producer.get("max.request.size")).isGreaterThan((40 << 20) + ClientSettings.DEAD_LETTER_HEADROOM);
        assertThat((long) producer.get("buffer.memory")).isGreaterThan(40 << 20);
    }

    private StreamsConfig settings(String kafka, long modelBytes) throws IOException {
        return settings(kafka, modelBytes, "");
    }

    private StreamsConfig settings(String kafka, long modelBytes, String more) throws IOException {
        return new StreamsConfig(ClientSettings.streams(config(kafka, more), modelBytes, LIMITS));
    }

    private ApplicationConfig config(String kafka, String more) throws IOException {
        Path file = Files.writeString(directory.resolve("m.yaml"), """
                name: m
                kafka: { bootstrap.servers: "localhost:9", %s }
                features: [a]
                label: { field: y }
                model: { preset: dnn_regressor, hidden_units: [2] }
                %s
                """.formatted(kafka, more));
        return ConfigurationReader.read(file, Map.of());
    }
}
