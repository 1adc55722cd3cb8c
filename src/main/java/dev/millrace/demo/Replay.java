package dev.millrace.demo;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.Missing;
import dev.millrace.learn.RecordSchema;
import dev.millrace.stream.ProducerSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends rows to a features topic, once. Records without a key go to the partitions in turn, so that the same rows put the same
 * records into each partition. One thread runs it; any thread may ask how far it is.
 */
public final class Replay {
    /**
     * Which rows are sent, how often and how fast.
     *
     * @param epochs passes over the data, at least 1
     * @param shuffle seed of a random order, another one in each epoch; empty: the order of the data
     * @param unlabelled fraction of all records, spread evenly, that are sent without their label
     * @param rate records per second; 0: as fast as possible
     * @param limit records at most; 0: all
     */
    public record Options(int epochs, OptionalLong shuffle, double unlabelled, double rate, long limit) {
        public Options {
            require(epochs >= 1, "epochs must be at least 1, found " + epochs);
            require(unlabelled >= 0 && unlabelled <= 1, "unlabelled is a fraction between 0 and 1, found " + unlabelled);
            require(rate >= 0 && rate < Double.POSITIVE_INFINITY, "the rate must not be negative, found " + rate);
            require(limit >= 0, "the limit must not be negative, found " + limit);
        }

        private static void require(boolean condition, String message) {
            if (!condition) {
                throw new IllegalArgumentException(message);
            }
        }
    }

    private final RowSource source;
    private final Options options;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final AtomicLong labelled = new AtomicLong();
    private final AtomicLong unlabelled = new AtomicLong();
    private volatile double fraction;

    private Replay(RowSource source, Options options) {
        this.source = options.shuffle().isPresent() ? new ShuffledRows(source, options.shuffle().getAsLong()) : source;
        this.options = options;
    }

    /**
     * Rows of a CSV file. Without a key column records have no key.
     *
     * @throws DataException if the file is missing or not CSV, or lacks the key or a column the learner cannot do without
     */
    public static Replay ofCsv(Path file, ApplicationConfig config, Optional<String> key, Options options) {
        CsvRecords csv = csv(file, config, key, false);
        return new Replay(csv, options);
    }

    /**
     * Rows of the invented housing stream.
     *
     * @throws DataException if the learner reads a field that the stream does not have
     */
    public static Replay ofHousing(long seed, long records, ApplicationConfig config, Options options) {
        List<String> missing = Schemas.of(config)
                .fields()
                .stream()
                .map(RecordSchema.Field::name)
                .filter(name -> !HousingStream.COLUMNS.contains(name))
                .toList();
        if (!missing.isEmpty()) {
            throw new DataException("the invented stream has no field " + String.join(", ", missing)
                    + "; give a file with --data, or a configuration that reads: " + String.join(", ", HousingStream.COLUMNS));
        }
        return new Replay(new HousingStream(seed, records), options);
    }

    /** Opens a file and checks that it has what the learner reads; its label only if asked for, and the weight only beside a label. */
    static CsvRecords csv(Path file, ApplicationConfig config, Optional<String> key, boolean needsLabel) {
        String label = config.learner().label().field();
        CsvRecords csv = new CsvRecords(file, label, key.orElse(null));
        key.ifPresent(column -> csv.require(List.of(column)));
        boolean needsFeatures = config.learner().missing() == Missing.REJECT;
        String weight = config.learner().weight().orElse("");
        boolean needsWeight = !weight.isEmpty() && (needsLabel || csv.columns().contains(label));
        csv.require(Schemas.of(config)
                .fields()
                .stream()
                .filter(field -> field.label() ? needsLabel : needsFeatures)
                .map(RecordSchema.Field::name)
                .filter(name -> !name.equals(weight))
                .toList());
        csv.require(needsWeight ? List.of(weight) : List.of());
        return csv;
    }

    /**
     * Sends everything and returns when all of it is acknowledged, or when the thread is interrupted.
     *
     * @param config whose Kafka settings reach the broker
     * @param firstTimestampMillis time of the first record; the others follow by the rate, or have the same time without one.
     *            Empty: each record has the time it is sent at
     * @throws DataException if the data is broken, or the topic is missing or does not take the records
     */
    public void run(ApplicationConfig config, String topic, OptionalLong firstTimestampMillis) {
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(ProducerSettings.of(config), new ByteArraySerializer(),
                new ByteArraySerializer())) {
            int partitions = partitions(producer, topic);
            try {
                sendAll(producer, topic, RowFormat.of(config), partitions, firstTimestampMillis);
            } catch (RuntimeException e) {
                // What is still in the buffer is of no use any more, and a broker that is gone would hold up the close.
                producer.close(Duration.ZERO);
                throw e;
            }
            producer.flush();
            checkDelivery(topic);
            fraction = 1;
        } catch (org.apache.kafka.common.errors.InterruptException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int partitions(Producer<byte[], byte[]> producer, String topic) {
        try {
            return producer.partitionsFor(topic).size();
        } catch (TimeoutException e) {
            throw new DataException("topic " + topic + " does not exist, or its broker does not answer: " + e.getMessage(), e);
        }
    }

    private void sendAll(Producer<byte[], byte[]> producer, String topic, RowFormat format, int partitions,
            OptionalLong firstTimestamp) {
        Spacing spacing = new Spacing(options.unlabelled());
        long start = System.nanoTime();
        long sent = 0;
        for (int epoch = 0; epoch < options.epochs(); epoch++) {
            try (RowSource.Rows rows = source.open(epoch)) {
                while (rows.hasNext()) {
                    if ((options.limit() > 0 && sent == options.limit()) || !awaitTurn(start, sent)) {
                        return;
                    }
                    Row row = rows.next();
                    boolean hide = spacing.next();
                    Long timestamp = firstTimestamp.isPresent() ? firstTimestamp.getAsLong() + offsetMillis(sent) : null;
                    Integer partition = row.key() == null ? (int) (sent % partitions) : null;
                    byte[] value = format.value(hide ? row.withoutLabel() : row.json());
                    send(producer, new ProducerRecord<>(topic, partition, timestamp, row.key(), value));
                    sent++;
                    (row.hasLabel() && !hide ? labelled : unlabelled).incrementAndGet();
                    if ((sent & 0xff) == 0) {
                        checkDelivery(topic);
                        report(epoch, rows.fraction(), sent);
                    }
                }
            }
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback keeps the error
    private void send(Producer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record) {
        producer.send(record, (_, error) -> {
            if (error != null) {
                failure.compareAndSet(null, error);
            }
        });
    }

    private long offsetMillis(long record) {
        return options.rate() == 0 ? 0 : (long) (record * 1000 / options.rate());
    }

    /** Waits until a record is due; false if interrupted. */
    private boolean awaitTurn(long start, long record) {
        if (options.rate() > 0) {
            long due = start + (long) (record * 1e9 / options.rate());
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                if (Thread.currentThread().isInterrupted()) {
                    return false;
                }
                // Never shorter than a millisecond: a burst of a few records costs less than a wake-up for each.
                LockSupport.parkNanos(Math.max(wait, TimeUnit.MILLISECONDS.toNanos(1)));
            }
        }
        return !Thread.currentThread().isInterrupted();
    }

    private void report(int epoch, double pass, long sent) {
        double byLimit = options.limit() > 0 ? (double) sent / options.limit() : 0;
        fraction = Math.clamp(Math.max(byLimit, (epoch + pass) / options.epochs()), 0, 1);
    }

    private void checkDelivery(String topic) {
        Exception error = failure.get();
        if (error instanceof KafkaException) {
            throw new DataException("topic " + topic + " does not take the records: " + error.getMessage(), error);
        } else if (error != null) {
            throw new IllegalStateException(error);
        }
    }

    /** Records sent so far. */
    public long sent() {
        return labelled() + unlabelled();
    }

    /** Records sent so far with a label. */
    public long labelled() {
        return labelled.get();
    }

    /** Records sent so far without a label. */
    public long unlabelled() {
        return unlabelled.get();
    }

    /** How much of the data has been sent, 0 to 1; an estimate. */
    public double fraction() {
        return fraction;
    }
}
