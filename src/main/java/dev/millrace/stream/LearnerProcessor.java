package dev.millrace.stream;

import dev.millrace.config.SnapshotPolicy;
import dev.millrace.learn.Example;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Outcome;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import dev.millrace.metrics.LearnerMetrics;
import dev.millrace.snapshot.Snapshot;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a record meets the learner: labelled records train it, others are answered, bad ones go to the dead
 * letters. A record is decoded and checked completely before the learner sees it, so a rejected record has changed nothing.
 */
final class LearnerProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(LearnerProcessor.class);
    private static final Duration TICK = Duration.ofSeconds(1);

    private final LearnerTopology.Nodes nodes;
    private final String modelName;
    private final SnapshotPolicy policy;
    private final ModelStores stores;
    private final LearnerMetrics metrics;
    /** Whether the input is the internal topic of labelled records, whose records say where they first came from. */
    private final boolean internalInput;
    private final int maxRecordBytes;

    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<Bytes, byte[]> marks;
    private ModelStore store;
    private OnlineLearner learner;
    private JsonRecordDecoder decoder;
    private RawRecord raw;
    private Example example;
    private float[] outputs;
    private PredictionEncoder encoder;
    private long lastSnapshotMillis;

    @SuppressWarnings("NullAway.Init") // set by init(), which Kafka Streams calls before anything else
    LearnerProcessor(LearnerTopology.Nodes nodes, String modelName, SnapshotPolicy policy, ModelStores stores, LearnerMetrics metrics,
            boolean internalInput, int maxRecordBytes) {
        this.nodes = nodes;
        this.modelName = modelName;
        this.policy = policy;
        this.stores = stores;
        this.metrics = metrics;
        this.internalInput = internalInput;
        this.maxRecordBytes = maxRecordBytes;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        context = processorContext;
        marks = processorContext.getStateStore(ModelStores.NAME);
        store = stores.of(processorContext.taskId());
        store.restored();
        learner = store.learner();
        decoder = new JsonRecordDecoder(learner.schema());
        raw = learner.schema().newRecord();
        example = learner.newExample();
        outputs = new float[learner.spec().label().width()];
        encoder = new PredictionEncoder(modelName, learner.spec().label());
        lastSnapshotMillis = processorContext.currentSystemTimeMs();
        metrics.restored(store.restoreSeconds());
        metrics.refresh(learner);
        LOG.info("Model {} is at version {} with {} pending records (restored in {} s)", modelName, learner.version(), learner.pending(),
                "%.2f".formatted(store.restoreSeconds()));
        processorContext.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Rejection rejection = read(record);
        if (rejection != null) {
            reject(original(record), source(record), rejection);
            return;
        }
        afterBatch(learner.advanceTo(record.timestamp()), null, record.timestamp());
        if (example.labelled()) {
            learn(record);
        } else {
            answer(record);
        }
    }

    private @Nullable Rejection read(Record<byte[], byte[]> record) {
        // What came through the internal topic has been checked, and now carries one header more.
        Rejection tooLarge = internalInput ? null : DeadLetters.tooLarge(record, maxRecordBytes);
        if (tooLarge != null) {
            return tooLarge;
        }
        if (record.value() == null) {
            return new Rejection(Reason.NULL_VALUE, "the value is null");
        }
        Rejection rejection = decoder.decode(record.value(), raw);
        return rejection != null ? rejection : learner.encode(raw, example);
    }

    private void learn(Record<byte[], byte[]> record) {
        store.sourceOffset = context.recordMetadata().orElseThrow().offset() + 1;
        metrics.example();
        boolean timed = learner.pending() + 1 == learner.spec().batchSize() && metrics.timesNextStep();
        long start = timed ? System.nanoTime() : 0;
        Outcome outcome = learner.learn(example, record.timestamp());
        if (timed) {
            metrics.stepTook(System.nanoTime() - start);
        }
        if (outcome == Outcome.PENDING) {
            int at = store.originals().used();
            store.originals().append(original(record), source(record));
            store.markOriginals(marks, at);
            store.markExample(marks);
        } else {
            afterBatch(outcome, record, record.timestamp());
        }
    }

    /**
     * What follows from a finished batch.
     *
     * @param last the record that filled it, if a record did
     */
    private void afterBatch(Outcome outcome, @Nullable Record<byte[], byte[]> last, long timestamp) {
        switch (outcome) {
            case PENDING -> {
            }
            case STEPPED -> {
                metrics.step(learner.version());
                store.originals().clear();
                store.markStep(marks);
                if (policy.everySteps() > 0 && learner.version() % policy.everySteps() == 0) {
                    snapshot(timestamp);
                }
            }
            case REFUSED -> {
                metrics.refusedStep();
                Rejection refusal = new Rejection(Reason.STEP_REFUSED,
                        "the optimizer step after version " + learner.version() + " was not finite and was not applied");
                store.originals().forEach((original, source) -> reject(original, source, refusal));
                if (last != null) {
                    reject(original(last), source(last), refusal);
                }
                store.originals().clear();
                store.markExample(marks);
            }
        }
    }

    private void answer(Record<byte[], byte[]> record) {
        learner.predict(example, outputs);
        if (Float.isNaN(outputs[0])) {
            reject(record, source(record), PredictionEncoder.OVERFLOW);
            return;
        }
        Record<byte[], byte[]> answer = record.withValue(encoder.encode(learner.version(), outputs));
        Rejection tooLarge = DeadLetters.tooLarge(answer, maxRecordBytes);
        if (tooLarge != null) {
            reject(record, source(record), tooLarge);
            return;
        }
        metrics.prediction();
        context.forward(answer, nodes.predictions());
    }

    private void reject(Record<byte[], byte[]> record, DeadLetters.Source source, Rejection rejection) {
        metrics.deadLetter(rejection.reason());
        context.forward(DeadLetters.of(record, source, rejection, maxRecordBytes), nodes.deadLetters());
    }

    private Record<byte[], byte[]> original(Record<byte[], byte[]> record) {
        return internalInput ? DeadLetters.withoutSource(record) : record;
    }

    private DeadLetters.Source source(Record<byte[], byte[]> record) {
        if (internalInput) {
            return DeadLetters.sourceOf(record);
        }
        RecordMetadata metadata = context.recordMetadata().orElseThrow();
        return new DeadLetters.Source(metadata.topic(), metadata.partition(), metadata.offset());
    }

    /** Once a second: fresh gauges, and a snapshot if the last one is old and there is something new. */
    private void tick(long nowMillis) {
        metrics.refresh(learner);
        if (policy.everySeconds() > 0 && learner.version() != Math.max(0, store.snapshotVersion)
                && nowMillis - lastSnapshotMillis >= policy.everySeconds() * 1000) {
            snapshot(nowMillis);
        }
    }

    private void snapshot(long timestamp) {
        long start = System.nanoTime();
        byte[] bytes = Snapshot.encode(modelName, learner, Map.of(nodes.input() + "-0", store.sourceOffset));
        metrics.snapshot(learner.version(), bytes.length, System.nanoTime() - start);
        for (Record<byte[], byte[]> record : Snapshots.records(modelName, learner.version(), bytes, timestamp)) {
            context.forward(record, nodes.snapshots());
        }
        store.snapshotVersion = learner.version();
        store.markExample(marks);
        lastSnapshotMillis = context.currentSystemTimeMs();
    }
}
