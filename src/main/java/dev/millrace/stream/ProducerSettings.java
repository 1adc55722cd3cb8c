package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerConfig;

/** The settings of a plain producer: ours, then whatever the user wrote under {@code kafka:}. */
public final class ProducerSettings {
    private static final String PREFIX = "producer.";

    private ProducerSettings() {
    }

    /** Settings of other clients are left out; {@code producer.…} wins over the same setting without the prefix. */
    public static Map<String, Object> of(ApplicationConfig config) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
        settings.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        Set<String> known = ProducerConfig.configNames();
        config.kafka().forEach((name, value) -> {
            if (known.contains(name)) {
                settings.put(name, value);
            }
        });
        config.kafka().forEach((name, value) -> {
            if (name.startsWith(PREFIX)) {
                settings.put(name.substring(PREFIX.length()), value);
            }
        });
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
        // Kafka Streams alone may use its ids.
        settings.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
        return settings;
    }
}
