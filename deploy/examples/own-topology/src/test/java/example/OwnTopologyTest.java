package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.stream.LearnerTopology;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnTopologyTest {
    @TempDir
    Path directory;

    @Test
    void learnsFromRidesAndAnswersThem() {
        ApplicationConfig learner = ConfigurationReader.read(Path.of("trips.yaml"), Map.of());
        Properties settings = LearnerTopology.settings(learner);
        settings.put("state.dir", directory.toString());
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (TopologyTestDriver driver = new TopologyTestDriver(OwnTopology.topology(learner, registry), settings)) {
            TestInputTopic<String, String> rides = driver.createInputTopic("rides", new StringSerializer(), new StringSerializer());
            TestOutputTopic<String, String> answers = driver.createOutputTopic("trips.predictions", new StringDeserializer(),
                    new StringDeserializer());
            Random random = new Random(1);
            for (int i = 0; i < 5000; i++) {
                double km = 1 + 20 * random.nextDouble();
                rides.pipeInput("%.2f;%d;%.2f".formatted(km, i % 24, 5 + 2 * km));
            }
            rides.pipeInput("asked", "10;12");
            var answer = answers.readKeyValue();
            assertEquals("asked", answer.key);
            double minutes = Double.parseDouble(answer.value.replaceAll(".*\"prediction\":([0-9.]+).*", "$1"));
            assertTrue(Math.abs(minutes - 25) < 2, answer.value);
            assertEquals(500, (long) registry.get("millrace.steps").functionCounter().count());
        }
    }
}
