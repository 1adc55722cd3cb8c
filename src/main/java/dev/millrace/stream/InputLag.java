package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many records wait: those after the group's committed offsets, as {@code kafka-consumer-groups} counts them. A consumer's own
 * metrics do not know: they stand still while it works through what it has fetched, and forget when it cannot fetch.
 */
final class InputLag implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InputLag.class);
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Admin admin;
    private final String group;
    private final Supplier<Set<TopicPartition>> handled;
    private final ScheduledExecutorService clock = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().name("millrace-lag").daemon().factory());
    private volatile OptionalLong records = OptionalLong.empty();
    private volatile long answeredAt = System.nanoTime();

    /**
     * Starts to ask the brokers every two seconds.
     *
     * @param handled the input partitions that this process handles now
     */
    InputLag(ApplicationConfig config, Supplier<Set<TopicPartition>> handled) {
        this.admin = Admin.create(ClientSettings.admin(config));
        this.group = config.applicationId();
        this.handled = handled;
        var _ = clock.scheduleWithFixedDelay(this::ask, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** As of the brokers' last answer; empty before the first one, and while this process handles no partition. */
    OptionalLong records() {
        return records;
    }

    /** How long ago the brokers answered last. */
    double ageSeconds() {
        return (System.nanoTime() - answeredAt) / 1e9;
    }

    private void ask() {
        try {
            records = waiting(handled.get());
            answeredAt = System.nanoTime();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            LOG.debug("The brokers do not say how many records wait", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private OptionalLong waiting(Set<TopicPartition> partitions) throws InterruptedException, ExecutionException, TimeoutException {
        // Even by who handles nothing: it shows that the brokers answer.
        Map<TopicPartition, OffsetAndMetadata> committed = get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        if (partitions.isEmpty()) {
            return OptionalLong.empty();
        }
        Map<TopicPartition, Long> next = offsets(partitions, OffsetSpec.earliest());
        committed.forEach((partition, offset) -> {
            if (offset != null) {
                next.computeIfPresent(partition, (_, earliest) -> Math.max(earliest, offset.offset()));
            }
        });
        long sum = 0;
        for (Map.Entry<TopicPartition, Long> end : offsets(partitions, OffsetSpec.latest()).entrySet()) {
            sum += Math.max(0, end.getValue() - next.getOrDefault(end.getKey(), end.getValue()));
        }
        return OptionalLong.of(sum);
    }

    private Map<TopicPartition, Long> offsets(Set<TopicPartition> partitions, OffsetSpec spec)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<TopicPartition, OffsetSpec> specs = partitions.stream().collect(Collectors.toMap(Function.identity(), _ -> spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        get(admin.listOffsets(specs, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all())
                .forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }

    private static <T> T get(KafkaFuture<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        clock.shutdownNow();
        admin.close(Duration.ZERO);
    }
}
