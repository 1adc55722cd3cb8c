package dev.millrace.bench;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.stream.ClientSettings;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Plain reading: what a consumer's records cost before anything is done with them. */
final class RawPoll {
    /** The name in results. */
    static final String ID = "raw_poll";

    private static final Duration POLL = Duration.ofSeconds(5);

    private RawPoll() {
    }

    /**
     * Reads a topic once.
     *
     * @param warmUp records that are not counted
     * @param records of the topic
     * @return records per second
     */
    static double run(BenchCluster cluster, String topic, long warmUp, long records) {
        ApplicationConfig config = cluster.application(ID, topic, BenchModels.small());
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(ClientSettings.consumer(config))) {
            consumer.assign(List.of(BenchCluster.only(topic)));
            consumer.seekToBeginning(consumer.assignment());
            long count = 0;
            while (count < warmUp) {
                count += consumer.poll(POLL).count();
            }
            long from = count;
            long start = System.nanoTime();
            while (count < records) {
                int polled = consumer.poll(POLL).count();
                if (polled == 0) {
                    throw new IllegalStateException("the broker gave " + count + " of " + records + " records");
                }
                count += polled;
            }
            return (count - from) * 1e9 / (System.nanoTime() - start);
        }
    }
}
