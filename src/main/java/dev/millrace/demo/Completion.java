package dev.millrace.demo;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.TopicNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Finds out from Kafka alone whether the application has finished with the records of its features topic, and counts what it
 * answered as a consumer of committed records sees it. For one thread.
 */
final class Completion implements AutoCloseable {
    private final String group;
    private final TopicNames topics;
    private final Admin admin;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> features;
    private final List<TopicPartition> outputs = new ArrayList<>();
    /** Empty with one features partition: then labelled records go straight to the learner. */
    private final List<TopicPartition> labelled = new ArrayList<>();
    /** Where a group that has read all records of a labelled partition stands; transaction markers may follow. */
    private final Map<TopicPartition, Long> afterLabelled = new HashMap<>();
    private Map<TopicPartition, Long> committed = Map.of();
    private long predictions;
    private long deadLetters;

    /** For topics that exist. */
    Completion(ApplicationConfig config) throws InterruptedException {
        group = config.applicationId();
        topics = config.topics();
        admin = Admin.create(Map.of("bootstrap.servers", config.bootstrapServers(), "enable.metrics.push", "false"));
        try {
            features = partitions(topics.features());
            outputs.addAll(partitions(topics.predictions()));
            outputs.addAll(partitions(topics.deadLetters()));
            if (features.size() > 1) {
                labelled.addAll(partitions(topics.labelled()));
            }
            consumer = new KafkaConsumer<>(
                    Map.of("bootstrap.servers", config.bootstrapServers(), "isolation.level", "read_committed", "enable.metrics.push",
                            "false"),
                    new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (RuntimeException | InterruptedException e) {
            admin.close(Duration.ZERO);
            throw e;
        }
        List<TopicPartition> counted = new ArrayList<>(outputs);
        counted.addAll(labelled);
        consumer.assign(counted);
        consumer.seekToBeginning(counted);
    }

    /** Counts what has arrived since the last call, for about this long. */
    void count(Duration patience) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience)) {
            if (record.topic().equals(topics.predictions())) {
                predictions++;
            } else if (record.topic().equals(topics.deadLetters())) {
                deadLetters++;
            } else {
                afterLabelled.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
            }
        }
    }

    /**
     * Whether everything that is in the features topic now has been handled, committed and counted.
     *
     * <p>
     * The order of the questions matters: what a topic holds is final only when its readers' commits upstream are.
     */
    boolean finished() throws InterruptedException {
        Map<TopicPartition, Long> ends = ends(features);
        committed = committed();
        if (!ends.entrySet().stream().allMatch(end -> committed.getOrDefault(end.getKey(), 0L) >= end.getValue())) {
            return false;
        }
        if (!labelled.isEmpty()) {
            if (!counted(labelled)) {
                return false;
            }
            committed = committed();
            if (!afterLabelled.entrySet().stream().allMatch(end -> committed.getOrDefault(end.getKey(), 0L) >= end.getValue())) {
                return false;
            }
        }
        return counted(outputs);
    }

    /** Changes whenever the application has committed or answered something, as long as {@link #finished} is asked. */
    long pulse() {
        return committed.values().stream().mapToLong(Long::longValue).sum() + predictions + deadLetters;
    }

    long predictions() {
        return predictions;
    }

    long deadLetters() {
        return deadLetters;
    }

    /**
     * Whether the consumer stands at the very end. The end is asked for without regard to transactions: one that is still open
     * keeps a reader of committed records before it.
     */
    private boolean counted(Collection<TopicPartition> partitions) throws InterruptedException {
        Map<TopicPartition, Long> ends = ends(partitions);
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private List<TopicPartition> partitions(String topic) throws InterruptedException {
        TopicDescription description = get(() -> admin.describeTopics(List.of(topic)).allTopicNames().get()).get(topic);
        return description == null
                ? List.of()
                : description.partitions().stream().map(partition -> new TopicPartition(topic, partition.partition())).toList();
    }

    private Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = partitions.stream().collect(Collectors.toMap(each -> each, _ -> OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        get(() -> admin.listOffsets(latest).all().get()).forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    private Map<TopicPartition, Long> committed() throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> found = get(
                () -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get());
        Map<TopicPartition, Long> offsets = new HashMap<>();
        found.forEach((partition, offset) -> offsets.put(partition, offset == null ? 0 : offset.offset()));
        return offsets;
    }

    private interface Question<T> {
        T ask() throws ExecutionException, InterruptedException;
    }

    private static <T> T get(Question<T> question) throws InterruptedException {
        try {
            return question.ask();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the broker does not say how far the application is: " + e.getCause(), e);
        }
    }

    @Override
    public void close() {
        consumer.close();
        admin.close(Duration.ofSeconds(5));
    }
}
