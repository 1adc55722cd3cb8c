package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.TopicNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates and checks the topics of an application. */
public final class TopicAdmin implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final ApplicationConfig config;
    private final Admin admin;

    /**
     * What a topic is and whether it fits.
     *
     * @param partitions 0 if it does not exist
     * @param problem empty if it fits
     */
    public record TopicState(String purpose, String topic, boolean exists, int partitions, int replication, String cleanupPolicy,
            String problem) {
    }

    /**
     * Connects.
     *
     * @throws StartException if no broker answers within the time limit
     */
    public TopicAdmin(ApplicationConfig config) {
        this.config = config;
        Map<String, Object> settings = ClientSettings.admin(config);
        settings.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        settings.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        try {
            admin = Admin.create(settings);
        } catch (KafkaException e) {
            throw new StartException("The Kafka settings for " + config.bootstrapServers() + " cannot be used: " + rootMessage(e)
                    + ". Check bootstrap.servers and the other settings under kafka:");
        }
        try {
            await(admin.describeCluster().nodes());
        } catch (StartException e) {
            admin.close(Duration.ZERO);
            throw e;
        }
    }

    /**
     * What the features topic lets in, and so what all others must take.
     *
     * @param maxRecordBytes of a compressed batch
     * @param timestampAfterMaxMillis how far in the future a record may be; empty if the broker has no such limit
     */
    record InputLimits(int maxRecordBytes, String timestampAfterMaxMillis) {
        private static InputLimits of(Config settings) {
            return new InputLimits(Integer.parseInt(value(settings, TopicConfig.MAX_MESSAGE_BYTES_CONFIG)),
                    value(settings, TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG));
        }
    }

    /** The limits of the features topic, which must exist. */
    InputLimits inputLimits() {
        return InputLimits.of(settings(config.topics().features()));
    }

    /**
     * Creates the topics that do not exist.
     *
     * @param partitions of the features and predictions topics
     * @param replication of all topics; -1: the broker's default
     * @return names of the topics that were created
     */
    public List<String> create(int partitions, short replication) {
        Map<String, Optional<TopicDescription>> existing = existing();
        TopicNames topics = config.topics();
        int inputs = existing.getOrDefault(topics.features(), Optional.empty()).map(found -> found.partitions().size()).orElse(partitions);
        Map<String, NewTopic> wanted = new LinkedHashMap<>();
        wanted.put(topics.features(), new NewTopic(topics.features(), partitions, replication));
        wanted.values().removeIf(topic -> existing.getOrDefault(topic.name(), Optional.empty()).isPresent());
        boolean newInput = wanted.containsKey(topics.features());
        Map<String, Config> created = create(List.copyOf(wanted.values()));
        // The topics that quote records of the features topic must take its largest record and a few headers.
        Config input = newInput && created.containsKey(topics.features()) ? created.get(topics.features()) : settings(topics.features());
        InputLimits limits = InputLimits.of(input);
        Map<String, String> anyTime = limits.timestampAfterMaxMillis().isEmpty()
                ? Map.of()
                // What is written takes its timestamp from what was read.
                : Map.of(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, Long.toString(Long.MAX_VALUE));
        Map<String, String> quoting = new HashMap<>(anyTime);
        quoting.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(limits.maxRecordBytes() + ClientSettings.DEAD_LETTER_HEADROOM));
        Map<String, String> snapshots = new HashMap<>(anyTime);
        snapshots.putAll(ClientSettings.snapshotTopic());
        List<NewTopic> outputs = new ArrayList<>();
        outputs.add(new NewTopic(topics.predictions(), inputs, replication).configs(quoting));
        outputs.add(new NewTopic(topics.snapshots(), 1, replication).configs(snapshots));
        outputs.add(new NewTopic(topics.deadLetters(), 1, replication).configs(quoting));
        outputs.add(new NewTopic(topics.evaluation(), 1, replication).configs(anyTime));
        outputs.add(new NewTopic(topics.control(), 1, replication));
        if (inputs > 1) {
            outputs.add(new NewTopic(topics.labelled(), 1, replication).configs(quoting));
        }
        outputs.removeIf(topic -> existing.getOrDefault(topic.name(), Optional.empty()).isPresent());
        created.putAll(create(outputs));
        awaitKnown(created.keySet());
        return List.copyOf(created.keySet());
    }

    /** A broker says that a topic is created before every broker knows it: whoever looked at once would not find it. */
    private void awaitKnown(Set<String> topics) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!known().containsAll(topics)) {
            if (System.nanoTime() > deadline) {
                throw new StartException("The topics " + topics + " were created, but the broker does not know them after "
                        + PATIENCE.toSeconds() + " s");
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private Set<String> known() {
        return existing().entrySet().stream().filter(entry -> entry.getValue().isPresent()).map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Creates topics; gives the settings the broker gave them. */
    private Map<String, Config> create(List<NewTopic> topics) {
        Map<String, Config> created = new LinkedHashMap<>();
        CreateTopicsResult results = admin.createTopics(topics);
        for (Map.Entry<String, KafkaFuture<Void>> result : results.values().entrySet()) {
            try {
                result.getValue().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                created.put(result.getKey(), await(results.config(result.getKey())));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw new StartException("Topic " + result.getKey() + " cannot be created: " + reason(e));
                }
            } catch (InterruptedException | TimeoutException e) {
                throw noAnswer(e);
            }
        }
        return created;
    }

    /** All topics of the application, in the order a record meets them. */
    public List<TopicState> describe() {
        Map<String, Optional<TopicDescription>> existing = existing();
        TopicNames topics = config.topics();
        int inputs = existing.getOrDefault(topics.features(), Optional.empty()).map(found -> found.partitions().size()).orElse(0);
        List<TopicState> states = new ArrayList<>();
        InputLimits any = new InputLimits(0, "");
        InputLimits limits = inputs == 0 ? any : inputLimits();
        InputLimits quoting = inputs == 0
                ? any
                : new InputLimits(limits.maxRecordBytes() + ClientSettings.DEAD_LETTER_HEADROOM, limits.timestampAfterMaxMillis());
        states.add(state("features", topics.features(), existing, 0, false, any));
        if (inputs > 1) {
            states.add(state("labelled", topics.labelled(), existing, 1, false, quoting));
        }
        states.add(state("predictions", topics.predictions(), existing, 0, false, limits));
        states.add(state("snapshots", topics.snapshots(), existing, 1, true,
                new InputLimits(Snapshots.CHUNK_BYTES + 4096, limits.timestampAfterMaxMillis())));
        states.add(state("dead_letters", topics.deadLetters(), existing, 0, false, quoting));
        states.add(state("evaluation", topics.evaluation(), existing, 0, false, new InputLimits(0, limits.timestampAfterMaxMillis())));
        states.add(state("control", topics.control(), existing, 1, false, any));
        return states;
    }

    private TopicState state(String purpose, String topic, Map<String, Optional<TopicDescription>> existing, int partitions,
            boolean compacted, InputLimits minimum) {
        Optional<TopicDescription> found = existing.getOrDefault(topic, Optional.empty());
        if (found.isEmpty()) {
            return new TopicState(purpose, topic, false, 0, 0, "", "does not exist");
        }
        Config settings = settings(topic);
        String policy = value(settings, TopicConfig.CLEANUP_POLICY_CONFIG);
        int maxBytes = Integer.parseInt(value(settings, TopicConfig.MAX_MESSAGE_BYTES_CONFIG));
        int count = found.get().partitions().size();
        String problem = "";
        if (partitions > 0 && count != partitions) {
            problem = "has " + count + " partitions, needs " + partitions;
        } else if (compacted && !policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
            problem = "has cleanup.policy=" + policy + ", needs compact, or old models would pile up";
        } else if (!compacted && policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
            problem = "has cleanup.policy=" + policy + ", needs delete: compaction would drop records";
        } else if (maxBytes < minimum.maxRecordBytes()) {
            problem = "has max.message.bytes=" + maxBytes + ", needs " + minimum.maxRecordBytes() + " to take any record of "
                    + config.topics().features() + " with its headers";
        } else if (refusesTimestamps(settings, minimum)) {
            String key = TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG;
            problem = "has " + key + "=" + value(settings, key) + ", needs " + minimum.timestampAfterMaxMillis()
                    + " to take the timestamp of any record of " + config.topics().features();
        }
        return new TopicState(purpose, topic, true, count, found.get().partitions().getFirst().replicas().size(), policy, problem);
    }

    private Map<String, Optional<TopicDescription>> existing() {
        TopicNames topics = config.topics();
        List<String> names = List.of(topics.features(), topics.labelled(), topics.predictions(), topics.snapshots(), topics.deadLetters(),
                topics.evaluation(), topics.control());
        Map<String, Optional<TopicDescription>> found = new HashMap<>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> entry : admin.describeTopics(names).topicNameValues().entrySet()) {
            try {
                found.put(entry.getKey(), Optional.of(entry.getValue().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw new StartException("Topic " + entry.getKey() + " cannot be described: " + reason(e));
                }
            } catch (InterruptedException | TimeoutException e) {
                throw noAnswer(e);
            }
        }
        return found;
    }

    private static boolean refusesTimestamps(Config settings, InputLimits minimum) {
        String most = value(settings, TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG);
        return !most.isEmpty() && !minimum.timestampAfterMaxMillis().isEmpty()
                && value(settings, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG).equals("CreateTime")
                && Long.parseLong(most) < Long.parseLong(minimum.timestampAfterMaxMillis());
    }

    private Config settings(String topic) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config settings = await(admin.describeConfigs(List.of(resource)).all()).get(resource);
        if (settings == null) {
            throw new StartException("The broker did not tell the settings of topic " + topic);
        }
        return settings;
    }

    private static String value(Config settings, String key) {
        ConfigEntry entry = settings.get(key);
        return entry == null || entry.value() == null ? "" : entry.value();
    }

    private <T> T await(KafkaFuture<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | InterruptedException | TimeoutException e) {
            throw noAnswer(e);
        }
    }

    private StartException noAnswer(Exception e) {
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return new StartException("Interrupted while waiting for Kafka");
        }
        String known = ClientErrors.explain(e);
        if (known != null) {
            return new StartException(known);
        }
        if (e instanceof ExecutionException && !(e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException)) {
            return new StartException("Kafka at " + config.bootstrapServers() + " refused: " + rootMessage(e));
        }
        return new StartException("No Kafka broker answers at " + config.bootstrapServers() + " (waited " + PATIENCE.toSeconds()
                + " s). Is it running, and is kafka: bootstrap.servers right?");
    }

    private static String reason(Throwable e) {
        String known = ClientErrors.explain(e);
        return known == null ? rootMessage(e) : known;
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }
}
