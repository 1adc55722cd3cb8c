package dev.millrace.stream;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * A stream of numbered records of every kind that goes on until it is closed, at a given mean rate and in bursts. The number is
 * the key, and gives partition and kind.
 */
final class Traffic implements AutoCloseable {
    /** What becomes of a record. */
    enum Kind {
        /** Trains. */
        LABELLED,
        /** Is answered. */
        UNLABELLED,
        /** Cannot be read. */
        BAD,
        /** Is read, and then its batch gives no finite step. */
        POISON
    }

    private static final Duration BURST_EVERY = Duration.ofMillis(20);

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final int partitions;
    private final int perSecond;
    private final Random random;
    private final Thread thread;
    private final List<Future<RecordMetadata>> unconfirmed = new ArrayList<>();
    private volatile int produced;
    private volatile boolean closing;

    Traffic(Broker broker, String topic, int partitions, int perSecond, long seed) {
        this.topic = topic;
        this.partitions = partitions;
        this.perSecond = perSecond;
        this.random = new Random(seed);
        // A broker that is away for a minute loses nothing of it.
        this.producer = broker.producer(Map.of("delivery.timeout.ms", 300_000, "request.timeout.ms", 5_000, "buffer.memory", 64L << 20));
        this.thread = new Thread(this::run, "traffic");
        thread.start();
    }

    static Kind kind(int number) {
        if (number % 101 == 1) {
            return Kind.BAD;
        }
        if (number % 997 == 2) {
            return Kind.POISON;
        }
        return number % 5 == 0 ? Kind.UNLABELLED : Kind.LABELLED;
    }

    /** Where that record is. */
    static int partition(int number, int partitions) {
        return number % partitions;
    }

    static int number(byte[] key) {
        return Integer.parseInt(new String(key, StandardCharsets.UTF_8));
    }

    /** Number of the next record. */
    int produced() {
        return produced;
    }

    private void run() {
        long start = System.nanoTime();
        while (!closing) {
            // Uneven: sometimes the learner is ahead of the stream, sometimes behind.
            int burst = (int) Math.round(-Math.log(1 - random.nextDouble()) * perSecond * BURST_EVERY.toNanos() / 1e9);
            for (int i = 0; i < burst; i++) {
                unconfirmed.add(producer.send(next()));
                produced++;
            }
            start += BURST_EVERY.toNanos();
            LockSupport.parkNanos(start - System.nanoTime());
        }
    }

    private ProducerRecord<byte[], byte[]> next() {
        int number = produced;
        double a = random.nextInt(2000) / 100.0;
        double b = 1 + random.nextInt(500) / 100.0;
        String json = switch (kind(number)) {
            case LABELLED -> "{\"a\":" + a + ",\"b\":" + b + ",\"y\":" + (Math.sin(a) + b) + "}";
            case UNLABELLED -> "{\"a\":" + a + ",\"b\":" + b + "}";
            case BAD -> "{\"a\":\"bad\"}";
            case POISON -> "{\"a\":" + a + ",\"b\":" + b + ",\"y\":1e30}";
        };
        return new ProducerRecord<>(topic, partition(number, partitions), Integer.toString(number).getBytes(StandardCharsets.UTF_8),
                json.getBytes(StandardCharsets.UTF_8));
    }

    /** Ends the stream; all of it is in the topic then. */
    void finish() throws Exception {
        closing = true;
        thread.join();
        for (Future<RecordMetadata> each : unconfirmed) {
            each.get();
        }
        unconfirmed.clear();
    }

    @Override
    public void close() throws Exception {
        closing = true;
        thread.join();
        producer.close(Duration.ofSeconds(5));
    }
}
