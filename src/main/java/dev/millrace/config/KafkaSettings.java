package dev.millrace.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The names of the settings that Kafka's clients know (security settings are among them). */
final class KafkaSettings {
    private static final List<String> PREFIXES = List.of(StreamsConfig.MAIN_CONSUMER_PREFIX, StreamsConfig.RESTORE_CONSUMER_PREFIX,
            StreamsConfig.GLOBAL_CONSUMER_PREFIX, StreamsConfig.CONSUMER_PREFIX, StreamsConfig.PRODUCER_PREFIX,
            StreamsConfig.ADMIN_CLIENT_PREFIX, StreamsConfig.TOPIC_PREFIX);
    private static final Set<String> NAMES = names();

    private KafkaSettings() {
    }

    /** Whether a client has a setting of this name, with or without a prefix such as {@code producer.}. */
    static boolean isKnown(String name) {
        return NAMES.contains(withoutPrefix(name)) || name.startsWith(StreamsConfig.TOPIC_PREFIX);
    }

    /** The known setting that an unknown name is probably meant to be. */
    static Optional<String> nearest(String name) {
        if (isKnown(name)) {
            return Optional.empty();
        }
        String bare = withoutPrefix(name);
        return Nearest.of(bare, NAMES).map(near -> name.substring(0, name.length() - bare.length()) + near);
    }

    private static String withoutPrefix(String name) {
        for (String prefix : PREFIXES) {
            if (name.startsWith(prefix)) {
                return name.substring(prefix.length());
            }
        }
        return name;
    }

    private static Set<String> names() {
        Set<String> names = new TreeSet<>();
        for (Set<String> some : Arrays.asList(StreamsConfig.configDef().names(), ConsumerConfig.configNames(), ProducerConfig.configNames(),
                AdminClientConfig.configNames())) {
            names.addAll(some);
        }
        return names;
    }
}
