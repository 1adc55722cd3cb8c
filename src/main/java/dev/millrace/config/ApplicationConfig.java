package dev.millrace.config;

import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.StartingState;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A validated configuration file.
 *
 * @param name of the model: key of its snapshots, prefix of topics, default application id
 * @param start what the learner starts with instead of weights from its seed, if the model is given as a file
 * @param kafka settings passed to every Kafka client as they are, with Kafka's dotted names
 * @param format of the feature records
 * @param guard what follows when the model stays worse than a trivial guess
 * @param changelogRate bytes per second that commits of a large model may add to its changelog
 */
public record ApplicationConfig(String name, Map<String, String> kafka, TopicNames topics, LearnerSpec learner, SnapshotPolicy snapshots,
        HttpAddress http, Optional<StartingState> start, RecordFormat format, Guard guard,
        long changelogRate) {
    /** Of {@link #changelogRate}: a network of 300 MB with its optimizer commits every 15 s. */
    public static final long DEFAULT_CHANGELOG_RATE = 20_000_000;

    /** A configuration for JSON records whose learner starts with weights from its seed. */
    public ApplicationConfig(String name, Map<String, String> kafka, TopicNames topics, LearnerSpec learner, SnapshotPolicy snapshots,
            HttpAddress http) {
        this(name, kafka, topics, learner, snapshots, http, Optional.empty(), RecordFormat.JSON, Guard.ALERT, DEFAULT_CHANGELOG_RATE);
    }

    public ApplicationConfig {
        kafka = Map.copyOf(kafka);
    }

    /** The broker addresses. */
    public String bootstrapServers() {
        return kafka.getOrDefault("bootstrap.servers", "localhost:9092");
    }

    /** The Kafka Streams application id, which is also the consumer group and the prefix of transactional ids. */
    public String applicationId() {
        return kafka.getOrDefault("application.id", name);
    }

    /** The same configuration with one Kafka setting changed. */
    public ApplicationConfig withKafka(String key, String value) {
        Map<String, String> changed = new TreeMap<>(kafka);
        changed.put(key, value);
        return new ApplicationConfig(name, changed, topics, learner, snapshots, http, start, format, guard, changelogRate);
    }

    /** The same configuration with another HTTP address. */
    public ApplicationConfig withHttp(HttpAddress address) {
        return new ApplicationConfig(name, kafka, topics, learner, snapshots, address, start, format, guard, changelogRate);
    }

    /** The same configuration without the Kafka settings whose names fit. */
    public ApplicationConfig withoutKafka(Predicate<String> names) {
        Map<String, String> changed = new TreeMap<>(kafka);
        changed.keySet().removeIf(names);
        return new ApplicationConfig(name, changed, topics, learner, snapshots, http, start, format, guard, changelogRate);
    }

    /** The same configuration with another snapshot policy. */
    public ApplicationConfig withSnapshots(SnapshotPolicy policy) {
        return new ApplicationConfig(name, kafka, topics, learner, policy, http, start, format, guard, changelogRate);
    }

    /** The same configuration for records in another format. */
    public ApplicationConfig withFormat(RecordFormat other) {
        return new ApplicationConfig(name, kafka, topics, learner, snapshots, http, start, other, guard, changelogRate);
    }

    /** The same configuration with another guard. */
    public ApplicationConfig withGuard(Guard other) {
        return new ApplicationConfig(name, kafka, topics, learner, snapshots, http, start, format, other, changelogRate);
    }
}
