package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.metrics.LearnerMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;

/** The topology of one input partition without a broker. */
final class Driven implements AutoCloseable {
    final TopologyTestDriver driver;

    Driven(ApplicationConfig config, ModelStores stores, Path directory) {
        this(config, stores, SnapshotHistory.NONE, new LearnerMetrics(new SimpleMeterRegistry(), config.name()), directory);
    }

    Driven(ApplicationConfig config, ModelStores stores, SnapshotHistory history, LearnerMetrics metrics, Path directory) {
        Properties settings = ClientSettings.streams(config, 10_000, new TopicAdmin.InputLimits(1 << 20, "3600000"));
        settings.put("state.dir", directory.toString());
        driver = new TopologyTestDriver(LearnerTopology.single(config, stores, history, metrics, new LearnerWatch(), 1 << 20), settings);
    }

    TestInputTopic<byte[], byte[]> input(String topic) {
        return driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer());
    }

    TestOutputTopic<byte[], byte[]> output(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        driver.close();
    }
}
