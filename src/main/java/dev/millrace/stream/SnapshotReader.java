package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.snapshot.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

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
            return last(consumer, config).map(bytes -> Snapshots.decode(topic, bytes));
        } catch (TimeoutException e) {
            throw new StartException("No Kafka broker answers at " + config.bootstrapServers() + " (waited " + PATIENCE.toSeconds()
                    + " s). Is it running, and is kafka: bootstrap.servers right?");
        } catch (KafkaException e) {
            String known = ClientErrors.explain(e);
            throw new StartException("Topic " + topic + " cannot be read: " + (known == null ? e.getMessage() : known));
        }
    }

    private static Optional<byte[]> last(Consumer<byte[], byte[]> consumer, ApplicationConfig config) {
        Snapshots.Assembler assembler = new Snapshots.Assembler(config.name());
        Optional<byte[]> newest = Optional.empty();
        var ends = consumer.endOffsets(consumer.assignment(), PATIENCE);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            boolean progress = false;
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                Optional<byte[]> whole = assembler.add(record.key(), record.value(), record.headers());
                newest = whole.isPresent() ? whole : newest;
                progress = true;
            }
            if (progress) {
                deadline = System.nanoTime() + PATIENCE.toNanos();
            } else if (System.nanoTime() > deadline) {
                throw new StartException(
                        "Reading topic " + config.topics().snapshots() + " made no progress for " + PATIENCE.toSeconds() + " s");
            }
        }
        return newest;
    }
}
