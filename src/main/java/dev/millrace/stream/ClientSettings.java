package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;

/** The settings of every Kafka client: our defaults, then whatever the user wrote under {@code kafka:}. */
public final class ClientSettings {
    /** How much larger than a record its dead letter may be: the headers that say why. */
    static final int DEAD_LETTER_HEADROOM = 16 * 1024;

    private static final int MAX_REQUEST_BYTES = 16 << 20;
    private static final long COMMIT_MILLIS = 100;
    /** Kafka Streams' own, enough for small models. */
    private static final long TRANSACTION_MILLIS = 10_000;
    /** What a broker allows by default. */
    private static final long MAX_TRANSACTION_MILLIS = 900_000;

    private ClientSettings() {
    }

    /** Settings of a Streams application without a model, for whoever wants to compare with one. */
    public static Properties streams(ApplicationConfig config) {
        return streams(config, 0, new TopicAdmin.InputLimits(1 << 20, ""));
    }

    /** Settings of the Streams application. */
    static Properties streams(ApplicationConfig config, long modelBytes, TopicAdmin.InputLimits limits) {
        long loggingMillis = loggingMillis(modelBytes, config.changelogRate());
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, defaultStateDirectory().toString());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, config.topics().deadLetters());
        settings.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, StopOnWriteError.class);
        settings.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndContinueExceptionHandler.class);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 * 1024);
        long requestBytes = Math.max(MAX_REQUEST_BYTES, 2L * DEAD_LETTER_HEADROOM + limits.maxRecordBytes());
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), (int) Math.min(requestBytes, Integer.MAX_VALUE));
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 2 * requestBytes);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), (int) transactionMillis(loggingMillis));
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
        // An instance hears of another that has left with its next heartbeat; with Kafka's 3 s between them nobody answers meanwhile.
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 500);
        // The learner's task reads records and commands; records do not wait for commands, whose place among them is recorded.
        settings.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
        settings.put(StreamsConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        if (!limits.timestampAfterMaxMillis().isEmpty()) {
            // The changelog's records take their timestamps from what was read.
            settings.put(StreamsConfig.topicPrefix(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG), Long.toString(Long.MAX_VALUE));
        }
        overrideWith(config.kafka(), settings);
        // After the user's settings, on which these depend. The thread's cache must hold all of a model's marked chunks until the commit.
        int threads = Integer.parseInt(String.valueOf(settings.get(StreamsConfig.NUM_STREAM_THREADS_CONFIG)));
        settings.putIfAbsent(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, threads * (2 * modelBytes + (16L << 20)));
        settings.putIfAbsent(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitIntervalMillis(loggingMillis, transactionMillis(settings)));
        settings.putIfAbsent(StreamsConfig.CLIENT_ID_CONFIG, config.applicationId());
        if (!config.kafka().containsKey(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG)) {
            settings.putIfAbsent(StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), instanceId(config, settings));
        }
        return settings;
    }

    /** Kafka Streams prefers a client's prefixed setting to a plain one: a default of ours must not win over the user's plain one. */
    private static void overrideWith(Map<String, ?> users, Properties settings) {
        for (String key : users.keySet()) {
            settings.remove(StreamsConfig.producerPrefix(key));
            settings.remove(StreamsConfig.consumerPrefix(key));
        }
        settings.putAll(users);
    }

    /** Settings of a plain consumer of committed byte arrays that belongs to no group. */
    public static Map<String, Object> consumer(ApplicationConfig config) {
        Map<String, Object> settings = clients(config);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.keySet().retainAll(ConsumerConfig.configNames());
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        return settings;
    }

    /** Settings of an admin client. */
    static Map<String, Object> admin(ApplicationConfig config) {
        Map<String, Object> settings = clients(config);
        settings.keySet().retainAll(AdminClientConfig.configNames());
        return settings;
    }

    /** Topic settings under which a restore of the snapshot topic stays short. */
    static Map<String, String> snapshotTopic() {
        return Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT, TopicConfig.SEGMENT_BYTES_CONFIG,
                Integer.toString(64 << 20), TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.1");
    }

    private static Map<String, Object> clients(ApplicationConfig config) {
        Map<String, Object> settings = new HashMap<>(config.kafka());
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
        settings.put(AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        return settings;
    }

    /** Every commit logs each changed chunk: a large model commits less often, but always well before its transaction times out. */
    private static long commitIntervalMillis(long loggingMillis, long transactionMillis) {
        return Math.clamp(loggingMillis, COMMIT_MILLIS, Math.max(COMMIT_MILLIS, transactionMillis / 2));
    }

    /**
     * A transaction lasts for a commit interval and for the writing of model and snapshot. A longer timeout than that needs makes
     * readers wait longer when an instance dies and never comes back.
     */
    private static long transactionMillis(long loggingMillis) {
        return Math.clamp(TRANSACTION_MILLIS + 4 * loggingMillis, TRANSACTION_MILLIS, MAX_TRANSACTION_MILLIS);
    }

    /** What the user has set, under whichever name, or we. */
    private static long transactionMillis(Properties settings) {
        Object plain = settings.getOrDefault(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_MILLIS);
        return Long.parseLong(
                String.valueOf(settings.getOrDefault(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), plain)));
    }

    /** The time between commits at which a model that changes all over is logged at that many bytes per second. */
    private static long loggingMillis(long modelBytes, long bytesPerSecond) {
        return modelBytes * 1000 / bytesPerSecond;
    }

    private static Path defaultStateDirectory() {
        String configured = System.getenv("XDG_STATE_HOME");
        Path base = configured == null || configured.isBlank()
                ? Path.of(System.getProperty("user.home", "."), ".local", "state")
                : Path.of(configured);
        return base.resolve("millrace");
    }

    /**
     * The same after a restart of this instance, another for every other one: Kafka Streams locks a state directory, so host and
     * directory name an instance. A member that comes back under its name gets its tasks back at once.
     */
    private static String instanceId(ApplicationConfig config, Properties settings) {
        String directory = Path.of(String.valueOf(settings.get(StreamsConfig.STATE_DIR_CONFIG))).toAbsolutePath().normalize().toString();
        return config.applicationId() + "-" + host() + "-" + Integer.toHexString(directory.hashCode());
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "_");
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
