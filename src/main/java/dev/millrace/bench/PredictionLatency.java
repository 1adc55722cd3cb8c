package dev.millrace.bench;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.demo.Replay;
import dev.millrace.stream.ClientSettings;
import dev.millrace.stream.LearnerApplication;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * How long an answer takes at a fixed rate: from the moment a record is sent until a reader of committed records has its
 * prediction. Most of it is waiting for the commit.
 *
 * @param rate records per second
 * @param p50Millis median
 * @param p99Millis only one answer in a hundred takes longer
 */
public record PredictionLatency(int rate, double p50Millis, double p99Millis) {
    private static final long SEED = 3;
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final long PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();

    /** Measures for about so many seconds; the first fifth warms up. */
    static PredictionLatency measure(BenchCluster cluster, int rate, int seconds) {
        ApplicationConfig config = cluster.application("latency", "latency", BenchModels.small());
        BenchCluster.createTopics(config);
        int records = rate * seconds;
        Replay replay = Replay.ofHousing(SEED, records, config, new Replay.Options(1, OptionalLong.empty(), 1, rate, 0));
        long[] millis = new long[records];
        try (LearnerApplication application = new LearnerApplication(config, new SimpleMeterRegistry());
                KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(ClientSettings.consumer(config))) {
            application.start();
            consumer.assign(List.of(BenchCluster.only(config.topics().predictions())));
            Thread feeder = Thread.ofPlatform().daemon().name("millrace-bench-feeder")
                    .start(() -> replay.run(config, config.topics().features(), OptionalLong.empty()));
            int count = 0;
            long last = System.nanoTime();
            while (count < records) {
                for (ConsumerRecord<byte[], byte[]> answer : consumer.poll(POLL)) {
                    // An answer has the timestamp of what it answers: the time that was sent at.
                    millis[count++] = System.currentTimeMillis() - answer.timestamp();
                    last = System.nanoTime();
                }
                if (System.nanoTime() - last > PATIENCE_NANOS) {
                    feeder.interrupt();
                    throw new IllegalStateException("only " + count + " of " + records + " records were answered");
                }
            }
        } finally {
            cluster.deleteTopics(config);
        }
        long[] steady = Arrays.copyOfRange(millis, records / 5, records);
        Arrays.sort(steady);
        return new PredictionLatency(rate, steady[steady.length / 2], steady[(int) (steady.length * 0.99)]);
    }
}
