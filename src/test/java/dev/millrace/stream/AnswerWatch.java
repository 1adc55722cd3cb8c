package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Follows the committed answers, as somebody would who waits for them. */
final class AnswerWatch implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    /** By the partition that the question came from; where its answer is depends on the key. */
    private final Map<Integer, Integer> newest = new HashMap<>();
    private final int partitions;

    AnswerWatch(Broker broker, ApplicationConfig config) {
        consumer = broker.consumer(config, config.topics().predictions());
        partitions = consumer.assignment().size();
    }

    /**
     * Waits until of every partition was answered a record with this number or a later one.
     *
     * @param healthy asked often; its error ends the waiting
     * @return whether that happened in time
     */
    boolean await(int number, Duration patience, Runnable healthy) {
        return await(() -> newest.values().stream().filter(each -> each >= number).count() == partitions, patience, healthy);
    }

    /** The same for questions from one partition. */
    boolean await(int partition, int number, Duration patience, Runnable healthy) {
        return await(() -> newest.getOrDefault(partition, -1) >= number, patience, healthy);
    }

    private boolean await(BooleanSupplier done, Duration patience, Runnable healthy) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            healthy.run();
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
                int number = Traffic.number(record.key());
                newest.merge(Traffic.partition(number, partitions), number, Math::max);
            }
        }
        return true;
    }

    /** The newest answered numbers, by the partition they came from. */
    Map<Integer, Integer> newest() {
        return newest;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
