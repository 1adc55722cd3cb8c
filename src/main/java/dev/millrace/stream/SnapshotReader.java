package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.Evaluation;
import dev.millrace.snapshot.Snapshot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads the snapshot topic once, committed records only. */
public final class SnapshotReader {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private SnapshotReader() {
    }

    /**
     * The newest whole snapshot, if there is one.
     *
     * @throws StartException if no broker answers, or the topic does not exist
     */
    public static Optional<Snapshot> latest(ApplicationConfig config) {
        Snapshots.Assembler newest = new Snapshots.Assembler(config.name());
        AtomicReference<byte @Nullable []> found = new AtomicReference<>();
        read(config, record -> newest.add(record.key(), record.value(), record.headers()).ifPresent(found::set));
        return decoded(config, found.get());
    }

    /**
     * The snapshot of a version, if it is kept or is the newest.
     *
     * @throws StartException if no broker answers, or the topic does not exist
     */
    public static Optional<Snapshot> find(ApplicationConfig config, long version) {
        String key = Snapshots.keptKey(config.name(), version);
        Snapshots.Assembler kept = new Snapshots.Assembler(config.name(), key);
        AtomicReference<byte @Nullable []> found = new AtomicReference<>();
        read(config, record -> {
            kept.add(record.key(), record.value(), record.headers()).ifPresent(found::set);
            if (record.value() == null && key.equals(text(record.key()))) {
                found.set(null);
            }
        });
        Optional<Snapshot> snapshot = decoded(config, found.get());
        return snapshot.isPresent() ? snapshot : latest(config).filter(newest -> newest.version() == version);
    }

    /**
     * All snapshots that can be gone back to, in the order in which they were written; the newest is the last.
     *
     * @throws StartException if no broker answers, or the topic does not exist
     */
    public static List<Past> history(ApplicationConfig config) {
        Map<String, Past> kept = new LinkedHashMap<>();
        Map<String, Snapshots.Assembler> assemblers = new HashMap<>();
        String prefix = config.name() + "@";
        read(config, record -> {
            String key = text(record.key());
            boolean newest = key.equals(config.name());
            if (!newest && !key.startsWith(prefix)) {
                return;
            }
            // Chunks go to the assembler of the version they are of, and are dropped when it has made one of them.
            String own = newest ? key : key.replaceFirst("/[0-9]+$", "");
            if (record.value() == null) {
                kept.remove(own);
                assemblers.remove(own);
                return;
            }
            assemblers.computeIfAbsent(own, wanted -> new Snapshots.Assembler(config.name(), wanted))
                    .add(record.key(), record.value(), record.headers()).ifPresent(bytes -> {
                        assemblers.remove(own);
                        Past past = Past.of(Snapshots.decode(config.topics().snapshots(), bytes), record.timestamp());
                        kept.remove(own);
                        kept.put(own, past);
                    });
        });
        Past newest = kept.remove(config.name());
        if (newest == null && kept.isEmpty()) {
            newest = latest(config).map(snapshot -> Past.of(snapshot, -1)).orElse(null);
        }
        if (newest != null && !kept.containsKey(Snapshots.keptKey(config.name(), newest.version()))) {
            kept.put(config.name(), newest);
        }
        return List.copyOf(kept.values());
    }

    /**
     * What is said of a snapshot without keeping it.
     *
     * @param timestamp when it was written, milliseconds since 1970; -1: not known
     * @param labelled labelled examples it has learned from
     * @param sourceOffsets {@code topic-partition} and the offset of the record that comes next
     * @param window figures of the fading window
     */
    public record Past(long version, long timestamp, int byteLength, long labelled, Map<String, Long> sourceOffsets,
            Map<String, Double> window, String weightsSha256) {
        static Past of(Snapshot snapshot, long timestamp) {
            return new Past(snapshot.version(), timestamp, snapshot.byteLength(), snapshot.learner().labelled(), snapshot.sourceOffsets(),
                    snapshot.learner().evaluation().figures(Evaluation.Span.WINDOW), snapshot.weightsSha256());
        }

        /** As the command line, HTTP and the page tell it. */
        public ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("version", version).put("timestamp", timestamp)
                    .put("labelled", labelled).put("bytes", byteLength).put("weights_sha256", weightsSha256);
            ObjectNode offsets = json.putObject("source_offsets");
            new TreeMap<>(sourceOffsets).forEach(offsets::put);
            json.set("window", Snapshot.figures(window));
            return json;
        }
    }

    private static Optional<Snapshot> decoded(ApplicationConfig config, byte @Nullable [] bytes) {
        return bytes == null ? Optional.empty() : Optional.of(Snapshots.decode(config.topics().snapshots(), bytes));
    }

    private static String text(byte @Nullable [] key) {
        return key == null ? "" : new String(key, StandardCharsets.UTF_8);
    }

    /** Shows every committed record that is there now. */
    private static void read(ApplicationConfig config, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        String topic = config.topics().snapshots();
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(ClientSettings.consumer(config))) {
            List<PartitionInfo> partitions = consumer.partitionsFor(topic, PATIENCE);
            if (partitions.isEmpty()) {
                throw new StartException(
                        "Topic " + topic + " does not exist. Create the topics with: millrace topics create --config FILE");
            }
            List<TopicPartition> all = partitions.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            readAll(consumer, topic, reader);
        } catch (TimeoutException e) {
            throw new StartException("No Kafka broker answers at " + config.bootstrapServers() + " (waited " + PATIENCE.toSeconds()
                    + " s). Is it running, and is kafka: bootstrap.servers right?");
        } catch (KafkaException e) {
            String known = ClientErrors.explain(e);
            throw new StartException("Topic " + topic + " cannot be read: " + (known == null ? e.getMessage() : known));
        }
    }

    private static void readAll(Consumer<byte[], byte[]> consumer, String topic,
            java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        var ends = consumer.endOffsets(consumer.assignment(), PATIENCE);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            boolean progress = false;
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                reader.accept(record);
                progress = true;
            }
            if (progress) {
                deadline = System.nanoTime() + PATIENCE.toNanos();
            } else if (System.nanoTime() > deadline) {
                throw new StartException("Reading topic " + topic + " made no progress for " + PATIENCE.toSeconds() + " s");
            }
        }
    }
}
