package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.TopicNames;
import dev.millrace.metrics.LearnerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * What one record goes through, as a Kafka Streams topology; every node and store has a written name.
 *
 * <p>
 * One input partition: {@code features → learner → predictions | snapshots | dead letters | evaluation}, one task, one transaction;
 * predictions come from the live weights. Several: {@code features → router → predictions | dead letters | labelled}, and
 * {@code labelled → learner → snapshots | dead letters | evaluation}, so that one learner sees all labelled records in one order; the router
 * answers from a {@link ModelView} of the snapshot topic. Commands from the control topic go to the learner in both, in its task.
 */
public final class LearnerTopology {
    private static final String SOURCE = "features";
    private static final String LABELLED_SOURCE = "labelled-source";
    /** Sorts behind the others: Kafka Streams numbers tasks by their first source's name, and a stored model belongs to a task. */
    private static final String CONTROL_SOURCE = "learner-control";
    private static final String ROUTER = "router";
    private static final String LEARNER = "learner";

    /**
     * Names of the nodes a processor forwards to.
     *
     * @param input topic the learner reads
     * @param control topic of commands to the learner, not a node; empty for the router
     */
    record Nodes(String input, String control, String predictions, String snapshots, String deadLetters, String evaluation,
            String labelled) {
    }

    private LearnerTopology() {
    }

    /**
     * The topology for a features topic with one partition.
     *
     * @param maxRecordBytes what the features topic allows
     */
    static Topology single(ApplicationConfig config, ModelStores stores, SnapshotHistory history, LearnerMetrics metrics,
            LearnerWatch watch, int maxRecordBytes) {
        TopicNames topics = config.topics();
        Nodes nodes = new Nodes(topics.features(), topics.control(), "predictions", "snapshots", "dead-letters", "evaluation", "");
        Topology topology = source(new Topology(), SOURCE, topics.features());
        control(topology, CONTROL_SOURCE, topics);
        topology.addProcessor(LEARNER, learner(config, nodes, stores, history, metrics, watch, false, maxRecordBytes), SOURCE,
                CONTROL_SOURCE);
        topology.addStateStore(store(stores), LEARNER);
        sink(topology, nodes.predictions(), topics.predictions(), LEARNER);
        sink(topology, nodes.snapshots(), topics.snapshots(), LEARNER);
        sink(topology, nodes.deadLetters(), topics.deadLetters(), LEARNER);
        sink(topology, nodes.evaluation(), topics.evaluation(), LEARNER);
        return topology;
    }

    /**
     * The topology for a features topic with several partitions.
     *
     * @param maxRecordBytes what the features topic allows
     */
    static Topology routed(ApplicationConfig config, ModelStores stores, ModelView view, SnapshotHistory history,
            LearnerMetrics metrics, LearnerWatch watch, int maxRecordBytes) {
        TopicNames topics = config.topics();
        Nodes router = new Nodes(topics.features(), "", "predictions", "", "router-dead-letters", "", "labelled");
        Topology topology = source(new Topology(), SOURCE, topics.features());
        topology.addProcessor(ROUTER,
                () -> new RouterProcessor(router, config.name(), config.format(), view, metrics, watch, maxRecordBytes),
                SOURCE);
        sink(topology, router.predictions(), topics.predictions(), ROUTER);
        sink(topology, router.labelled(), topics.labelled(), ROUTER);
        sink(topology, router.deadLetters(), topics.deadLetters(), ROUTER);

        Nodes nodes = new Nodes(topics.labelled(), topics.control(), "", "snapshots", "learner-dead-letters", "evaluation", "");
        source(topology, LABELLED_SOURCE, topics.labelled());
        control(topology, CONTROL_SOURCE, topics);
        topology.addProcessor(LEARNER, learner(config, nodes, stores, history, metrics, watch, true, maxRecordBytes), LABELLED_SOURCE,
                CONTROL_SOURCE);
        topology.addStateStore(store(stores), LEARNER);
        sink(topology, nodes.snapshots(), topics.snapshots(), LEARNER);
        sink(topology, nodes.deadLetters(), topics.deadLetters(), LEARNER);
        sink(topology, nodes.evaluation(), topics.evaluation(), LEARNER);
        return topology;
    }

    /**
     * Adds a learner to a topology of one's own: records that the parents forward are learned from or answered, and what it has to
     * say goes to the configuration's topics, which must exist. For one partition of the parents' input: each further one would have
     * a model of its own. The records must be forwarded while a record of that input is processed, because its offset is theirs, and
     * their arrays must not change afterwards.
     *
     * @param config its {@code topics.features} names the parents' input, in source offsets and dead letters
     * @param registry for the learner's meters
     * @param parents nodes that forward feature records, in the configured format
     * @see #settings
     */
    public static void addTo(Topology topology, ApplicationConfig config, MeterRegistry registry, String... parents) {
        TopicNames topics = config.topics();
        String prefix = config.name() + "-";
        Nodes nodes = new Nodes(topics.features(), topics.control(), prefix + "predictions", prefix + "snapshots",
                prefix + "dead-letters", prefix + "evaluation", "");
        ModelStores stores = new ModelStores(prefix + ModelStores.NAME, config.learner(), config.start().orElse(null));
        // Sorts behind the names of most sources; see CONTROL_SOURCE.
        String control = "~" + prefix + CONTROL_SOURCE;
        control(topology, control, topics);
        String[] all = Arrays.copyOf(parents, parents.length + 1);
        all[parents.length] = control;
        String learner = prefix + LEARNER;
        topology.addProcessor(learner, learner(config, nodes, stores, version -> SnapshotReader.find(config, version),
                new LearnerMetrics(registry, config.name()), new LearnerWatch(), false, RecordReader.ANY_SIZE), all);
        topology.addStateStore(store(stores), learner);
        sink(topology, nodes.predictions(), topics.predictions(), learner);
        sink(topology, nodes.snapshots(), topics.snapshots(), learner);
        sink(topology, nodes.deadLetters(), topics.deadLetters(), learner);
        sink(topology, nodes.evaluation(), topics.evaluation(), learner);
    }

    /**
     * Settings of Kafka Streams for a topology with this learner: exactly once, a cache that holds its state between commits, and
     * the configuration's own settings. May be changed.
     */
    public static Properties settings(ApplicationConfig config) {
        return ClientSettings.streams(config, ModelStores.byteLength(config.learner()), new TopicAdmin.InputLimits(1 << 20, ""));
    }

    private static ProcessorSupplier<byte[], byte[], byte[], byte[]> learner(ApplicationConfig config, Nodes nodes, ModelStores stores,
            SnapshotHistory history, LearnerMetrics metrics, LearnerWatch watch, boolean internalInput, int maxRecordBytes) {
        return () -> new LearnerProcessor(nodes, config, stores, history, metrics, watch, internalInput, maxRecordBytes);
    }

    private static Topology source(Topology topology, String name, String topic) {
        return topology.addSource(AutoOffsetReset.earliest(), name, LearnerTopology::timestamp, new ByteArrayDeserializer(),
                new ByteArrayDeserializer(), topic);
    }

    /** Commands are older than every record, so that they are obeyed at once and not behind a backlog. */
    private static void control(Topology topology, String name, TopicNames topics) {
        topology.addSource(AutoOffsetReset.earliest(), name, (_, _) -> 0, new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.control());
    }

    /** A record without a valid timestamp takes the partition's time: it must not stop the stream. */
    private static long timestamp(ConsumerRecord<Object, Object> record, long partitionTime) {
        return record.timestamp() >= 0 ? record.timestamp() : Math.max(partitionTime, 0);
    }

    private static void sink(Topology topology, String name, String topic, String parent) {
        topology.addSink(name, topic, new ByteArraySerializer(), new ByteArraySerializer(), parent);
    }

    private static StoreBuilder<KeyValueStore<Bytes, byte[]>> store(ModelStores stores) {
        Map<String, String> changelog = Map.of(
                // The active segment is never compacted: small segments and an eager cleaner keep a restore short.
                "segment.bytes", Integer.toString(64 << 20), "min.cleanable.dirty.ratio", "0.1", "max.message.bytes",
                Integer.toString(2 << 20));
        return Stores.keyValueStoreBuilder(stores, Serdes.Bytes(), Serdes.ByteArray()).withCachingEnabled().withLoggingEnabled(changelog);
    }
}
