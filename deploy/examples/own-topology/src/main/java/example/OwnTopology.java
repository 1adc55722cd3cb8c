package example;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.stream.LearnerTopology;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** A topology that had rides before it had a learner. */
public final class OwnTopology {
    private OwnTopology() {
    }

    /** Rides come as {@code km;hour;minutes}, or without minutes from whoever wants to know. */
    static final class RideToFeatures extends ContextualProcessor<byte[], String, byte[], byte[]> {
        @Override
        public void process(Record<byte[], String> ride) {
            String[] parts = ride.value().split(";");
            String json = "{\"km\":" + parts[0] + ",\"hour\":" + parts[1] + (parts.length > 2 ? ",\"minutes\":" + parts[2] : "") + "}";
            context().forward(ride.withValue(json.getBytes(StandardCharsets.UTF_8)));
        }
    }

    static Topology topology(ApplicationConfig learner, MeterRegistry registry) {
        Topology topology = new Topology();
        topology.addSource("rides", new ByteArrayDeserializer(), new StringDeserializer(), "rides");
        topology.addProcessor("ride-to-features", RideToFeatures::new, "rides");
        LearnerTopology.addTo(topology, learner, registry, "ride-to-features");
        return topology;
    }

    public static void main(String[] args) {
        ApplicationConfig learner = ConfigurationReader.read(Path.of(args[0]), System.getenv());
        KafkaStreams streams = new KafkaStreams(topology(learner, new SimpleMeterRegistry()), LearnerTopology.settings(learner));
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }
}
