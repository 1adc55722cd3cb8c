package dev.millrace.stream;

import dev.millrace.learn.Example;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Predictor;
import dev.millrace.learn.StartingState;
import dev.millrace.metrics.LearnerMetrics;
import dev.millrace.snapshot.Snapshot;
import dev.millrace.snapshot.SnapshotException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A read-only copy of the model that follows the snapshot topic: committed records only, and a new version is shown only when
 * all its chunks are there. One thread reads; any number of threads ask. Before the first snapshot it shows version 0, the
 * weights the seed gives, as a learner in the same place would.
 */
final class ModelView implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelView.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long NOT_KNOWN = -1;

    private final String name;
    private final String topic;
    private final LearnerSpec spec;
    private final LearnerMetrics metrics;
    private final Consumer<byte[], byte[]> consumer;
    private final Snapshots.Assembler assembler;
    private final Thread thread;
    private volatile ServedModel shown;
    /** Whether {@link #shown} is more than weights from the seed. */
    private volatile boolean something;
    private volatile @Nullable SnapshotPlace place;
    private volatile boolean closing;
    /** Reached when everything that was in the topic at the start has been read, or reading has failed. */
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private volatile @Nullable RuntimeException failure;

    /** One thread's way to ask one version. */
    static final class Answerer implements AnswerWriter.Model {
        private final OnlineLearner learner;
        private final Predictor predictor;

        Answerer(OnlineLearner learner) {
            this.learner = learner;
            this.predictor = learner.newPredictor();
        }

        long version() {
            return learner.version();
        }

        @Override
        public void predict(Example example, float[] outputs) {
            predictor.predict(example, outputs);
        }
    }

    ModelView(String name, String topic, LearnerSpec spec, Map<String, Object> consumerConfig, LearnerMetrics metrics) {
        this(name, topic, spec, null, consumerConfig, metrics);
    }

    /** @param start what answers until the first snapshot is there; null for weights from the seed */
    ModelView(String name, String topic, LearnerSpec spec, @Nullable StartingState start, Map<String, Object> consumerConfig,
            LearnerMetrics metrics) {
        this.name = name;
        this.topic = topic;
        this.spec = spec;
        this.metrics = metrics;
        shown = new ServedModel(name, new OnlineLearner(spec, start));
        something = start != null;
        assembler = new Snapshots.Assembler(name);
        consumer = new KafkaConsumer<>(consumerConfig);
        thread = new Thread(this::follow, "millrace-model-view");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Whether everything that was in the topic at the start has been read. */
    boolean caughtUp() {
        return caughtUp.getCount() == 0;
    }

    /** The error that ended the reading, if one did. */
    @Nullable
    RuntimeException failure() {
        return failure;
    }

    /** The newest snapshot's model, or the one a configured file gives; empty if there is neither, or reading has failed. */
    Optional<ServedModel> served() {
        return caughtUp() && failure == null && something ? Optional.of(shown) : Optional.empty();
    }

    /** Where {@link #served} lies, if it is a snapshot. */
    Optional<SnapshotPlace> place() {
        return Optional.ofNullable(place);
    }

    /** A learner of this specification, for its schema and encodings. */
    OnlineLearner fresh() {
        return new OnlineLearner(spec);
    }

    /**
     * {@code current} if it still answers from the newest version, otherwise a new answerer. For the calling thread only. The
     * first call waits until the view has caught up: after a restart nothing is answered by weights that have learned nothing.
     */
    Answerer answerer(@Nullable Answerer current) {
        if (current == null) {
            awaitCaughtUp();
        }
        OnlineLearner newest = shown.learner();
        return current != null && current.learner == newest ? current : new Answerer(newest);
    }

    private void awaitCaughtUp() {
        try {
            caughtUp.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the model view reads topic " + topic, e);
        }
        RuntimeException error = failure;
        if (error != null) {
            throw new IllegalStateException("the model view cannot read topic " + topic, error);
        }
    }

    private void follow() {
        try {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = NOT_KNOWN;
            while (!closing) {
                try {
                    if (end == NOT_KNOWN) {
                        end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
                    }
                    List<Whole> found = new ArrayList<>();
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                        assembler.add(record.key(), record.value(), record.headers())
                                .ifPresent(bytes -> found.add(new Whole(bytes, record.timestamp())));
                    }
                    showNewest(found);
                    if (!caughtUp() && consumer.position(partition) >= end) {
                        caughtUp.countDown();
                    }
                } catch (TimeoutException e) {
                    LOG.warn("No broker tells about topic {}; trying again: {}", topic, e.getMessage());
                }
            }
        } catch (WakeupException e) {
            LOG.debug("Model view closed");
        } catch (RuntimeException e) {
            LOG.error("The model view cannot read topic {}; predictions would grow old", topic, e);
            failure = e;
        } finally {
            caughtUp.countDown();
        }
    }

    /** A snapshot, all chunks together. */
    private record Whole(byte[] bytes, long timestamp) {
    }

    /** The last that can be used: after a restart there may be hundreds that nobody will ask. */
    private void showNewest(List<Whole> found) {
        boolean shows = false;
        for (int i = found.size() - 1; i >= 0 && !shows; i--) {
            shows = show(found.get(i));
        }
    }

    private boolean show(Whole whole) {
        try {
            Snapshot snapshot = Snapshots.decode(topic, whole.bytes);
            String obstacle = spec.obstacleToContinue(snapshot.learner().spec());
            if (obstacle != null) {
                LOG.warn("Snapshot {} in {} is of another kind than configured and is not used: {}", snapshot.version(), topic, obstacle);
                return false;
            }
            shown = new ServedModel(name, snapshot.learner());
            something = true;
            place = new SnapshotPlace(snapshot.version(), whole.timestamp, snapshot.byteLength(), snapshot.sourceOffsets());
            metrics.view(snapshot.version());
            return true;
        } catch (SnapshotException e) {
            LOG.warn("A snapshot cannot be used, version {} goes on answering: {}", shown.version(), e.getMessage());
            return false;
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        if (thread.isAlive()) {
            try {
                thread.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        // It is in no group: there is nothing to wait for.
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
}
