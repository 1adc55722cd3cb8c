package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.Guard;
import dev.millrace.config.RecordFormat;
import dev.millrace.config.SnapshotPolicy;
import dev.millrace.learn.Example;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Outcome;
import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import dev.millrace.metrics.Count;
import dev.millrace.metrics.LearnerMetrics;
import dev.millrace.snapshot.Snapshot;
import dev.millrace.snapshot.SnapshotException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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

    /** One bad window is an accident; after three the fading window has forgotten what was before. */
    private static final int WORSE_WINDOWS = 3;

    private final LearnerTopology.Nodes nodes;
    private final String modelName;
    private final RecordFormat format;
    private final SnapshotPolicy policy;
    private final Guard guard;
    private final ModelStores stores;
    private final SnapshotHistory history;
    private final LearnerMetrics metrics;
    private final Count taken;
    private final Count answered;
    private final LearnerWatch watch;
    /** Whether the input is the internal topic of labelled records, whose records say where they first came from. */
    private final boolean internalInput;
    private final int maxRecordBytes;

    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<Bytes, byte[]> marks;
    private ModelStore store;
    private OnlineLearner learner;
    private AnswerWriter.Model model;
    private RecordReader reader;
    private final LearnerCommandReader commands = new LearnerCommandReader();
    private AnswerWriter answers;
    private Snapshot.Encoder snapshotEncoder;
    private EvaluationRecords evaluation;
    private boolean warmingUp;
    private boolean startToTell;
    private boolean snapshotDue;
    private long lastSnapshotMillis;

    @SuppressWarnings("NullAway.Init") // set by init(), which Kafka Streams calls before anything else
    LearnerProcessor(LearnerTopology.Nodes nodes, ApplicationConfig config, ModelStores stores, SnapshotHistory history,
            LearnerMetrics metrics, LearnerWatch watch, boolean internalInput, int maxRecordBytes) {
        this.nodes = nodes;
        this.modelName = config.name();
        this.format = config.format();
        this.policy = config.snapshots();
        this.guard = config.guard();
        this.stores = stores;
        this.history = history;
        this.metrics = metrics;
        this.taken = metrics.newExamples();
        this.answered = metrics.newPredictions();
        this.watch = watch;
        this.internalInput = internalInput;
        this.maxRecordBytes = maxRecordBytes;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        context = processorContext;
        marks = processorContext.getStateStore(stores.name());
        store = stores.of(processorContext.taskId());
        store.restored();
        learner = store.learner();
        warmingUp = !stores.warmUp().done();
        learner.usePlainLoops(warmingUp);
        model = learner::predict;
        // What came through the internal topic has been checked, and now carries one header more.
        reader = new RecordReader(format, learner, internalInput ? RecordReader.ANY_SIZE : maxRecordBytes);
        answers = new AnswerWriter(modelName, learner.spec().label());
        snapshotEncoder = new Snapshot.Encoder(modelName, learner.spec());
        evaluation = new EvaluationRecords(modelName, source(), learner);
        startToTell = true;
        snapshotDue = false;
        lastSnapshotMillis = processorContext.currentSystemTimeMs();
        metrics.restored(store.restoreSeconds());
        metrics.worseThanBaseline(store.worseWindows >= WORSE_WINDOWS);
        metrics.refresh(learner);
        LOG.info("Model {} is at version {} with {} pending records (restored in {} s)", modelName, learner.version(), learner.pending(),
                "%.2f".formatted(store.restoreSeconds()));
        processorContext.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        if (warmingUp && stores.warmUp().done()) {
            warmingUp = false;
            learner.usePlainLoops(false);
        }
        tellStart();
        RecordMetadata metadata = context.recordMetadata().orElseThrow();
        if (metadata.topic().equals(nodes.control())) {
            command(record, metadata);
            return;
        }
        Rejection rejection = reader.read(record);
        if (rejection != null) {
            reject(original(record), source(record), rejection);
            return;
        }
        RecordExamples examples = reader.examples();
        afterBatch(learner.advanceTo(record.timestamp()), record.timestamp(), null, PendingOriginals.Rows.ONE);
        if (examples.labelled()) {
            learn(record, examples);
        } else {
            answer(record, examples);
        }
        if (snapshotDue) {
            snapshot(record.timestamp());
        }
    }

    /** Learns from all rows of a record; each batch they are in remembers the record and which of its rows it has. */
    private void learn(Record<byte[], byte[]> record, RecordExamples examples) {
        RecordMetadata metadata = context.recordMetadata().orElseThrow();
        store.sourceOffset = metadata.offset() + 1;
        int count = examples.count();
        taken.add(count);
        int first = 0;
        for (int i = 0; i < count; i++) {
            Outcome outcome = learn(examples.get(i), record.timestamp());
            if (outcome != Outcome.PENDING) {
                afterBatch(outcome, record.timestamp(), record, rows(first, i + 1 - first, count));
                first = i + 1;
            }
        }
        if (first < count) {
            int at = store.originals().used();
            PendingOriginals.Rows rows = rows(first, count - first, count);
            if (internalInput) {
                DeadLetters.Source source = source(record);
                store.originals().append(original(record), source.topic(), source.partition(), source.offset(), rows);
            } else {
                store.originals().append(record, metadata.topic(), metadata.partition(), metadata.offset(), rows);
            }
            store.markOriginals(marks, at);
            store.markExample(marks);
        }
    }

    private static PendingOriginals.Rows rows(int first, int count, int of) {
        return of == 1 ? PendingOriginals.Rows.ONE : new PendingOriginals.Rows(first, count, of);
    }

    private Outcome learn(Example example, long timestamp) {
        boolean timed = learner.pending() + 1 == learner.spec().batchSize() && metrics.timesNextStep();
        long start = timed ? System.nanoTime() : 0;
        Outcome outcome = learner.learn(example, timestamp);
        if (timed) {
            metrics.stepTook(System.nanoTime() - start);
        }
        return outcome;
    }

    /**
     * What follows from a finished batch. A snapshot waits for the end of the record: it says which record comes next.
     *
     * @param timestamp of the record that led to it
     * @param last the record that filled it, if a record did
     * @param lastRows rows of that record which are in the batch
     */
    private void afterBatch(Outcome outcome, long timestamp, @Nullable Record<byte[], byte[]> last, PendingOriginals.Rows lastRows) {
        switch (outcome) {
            case PENDING -> {
                return;
            }
            case STEPPED -> {
                metrics.step(learner.version());
                store.clearOriginals();
                store.markStep(marks);
                snapshotDue |= policy.everySteps() > 0 && learner.version() % policy.everySteps() == 0;
            }
            case TESTED -> {
                store.clearOriginals();
                store.markExample(marks);
            }
            case REFUSED -> {
                metrics.refusedStep();
                Rejection refusal = new Rejection(Reason.STEP_REFUSED,
                        "the optimizer step after version " + learner.version()
                                + " was not finite, or its loss exploded, and was not applied");
                store.originals().forEach((original, source, rows) -> reject(DeadLetters.withRows(original, rows), source, refusal));
                if (last != null) {
                    reject(DeadLetters.withRows(original(last), lastRows), source(last), refusal);
                }
                store.clearOriginals();
                store.markExample(marks);
                context.forward(evaluation.stepRefused(learner, store.sourceOffset, timestamp), nodes.evaluation());
            }
        }
        if (evaluation.windowFinished(learner)) {
            context.forward(evaluation.window(learner, store.sourceOffset, timestamp), nodes.evaluation());
            judge(timestamp);
        }
    }

    /** At the end of a window: is the model still worth having? */
    private void judge(long timestamp) {
        long before = store.worseWindows;
        store.worseWindows = learner.evaluation().worseThanBaseline() ? before + 1 : 0;
        metrics.worseThanBaseline(store.worseWindows >= WORSE_WINDOWS);
        store.markExample(marks);
        if (before >= WORSE_WINDOWS && store.worseWindows == 0) {
            LOG.info("Model {} is better than a trivial guess again", modelName);
            context.forward(evaluation.better(learner, store.sourceOffset, timestamp), nodes.evaluation());
        } else if (store.worseWindows == WORSE_WINDOWS) {
            String outcome = guard == Guard.ROLLBACK ? retreat() : "none";
            LOG.warn("Model {} was worse than a trivial guess for {} windows; done: {}", modelName, WORSE_WINDOWS, outcome);
            context.forward(evaluation.worse(learner, store.sourceOffset, WORSE_WINDOWS, outcome, timestamp), nodes.evaluation());
        }
    }

    /**
     * Back to the last good snapshot that is committed, which does not count as good after that: a stream that has changed for good
     * must not be fought for ever. Gives what was done.
     */
    private String retreat() {
        String failure = "no kept snapshot was better than a trivial guess";
        try {
            for (OptionalLong good = store.kept().lastGood(); good.isPresent(); good = store.kept().lastGood()) {
                failure = goBackTo(good.getAsLong());
                store.kept().doubt(good.getAsLong());
                store.markKept(marks);
                if (failure.isEmpty()) {
                    store.worseWindows = 0;
                    snapshotDue = true;
                    return "rollback";
                }
            }
        } catch (StartException e) {
            failure = String.valueOf(e.getMessage());
        }
        return "none: " + failure;
    }

    /** Its own timestamp is lost: it was read as older than everything. */
    private void command(Record<byte[], byte[]> record, RecordMetadata metadata) {
        long now = context.currentSystemTimeMs();
        Rejection rejection = commands.read(record.value());
        if (rejection != null) {
            reject(record.withTimestamp(now), new DeadLetters.Source(metadata.topic(), metadata.partition(), metadata.offset()), rejection);
            return;
        }
        LearnerCommand command = commands.command();
        String failure = obey(command, now);
        metrics.refresh(learner);
        LOG.info("Command {} after {} labelled examples: {}", command, learner.labelled(), failure.isEmpty() ? "done" : failure);
        context.forward(evaluation.command(learner, store.sourceOffset, command, metadata.offset(), failure, now), nodes.evaluation());
    }

    /** Gives why the command could not be carried out, or an empty text. */
    private String obey(LearnerCommand command, long now) {
        switch (command) {
            case LearnerCommand.Freeze _ -> learner.setFrozen(true);
            case LearnerCommand.Unfreeze _ -> learner.setFrozen(false);
            case LearnerCommand.SetLearningRate set -> learner.setLearningRate(set.rate());
            case LearnerCommand.TakeSnapshot _ -> snapshot(now);
            case LearnerCommand.RollBack back -> {
                return rollBack(back.version(), now);
            }
            case LearnerCommand.Reset _ -> {
                learner.reset();
                store.clearOriginals();
                evaluation.restart(learner);
                store.worseWindows = 0;
                store.markStep(marks);
                snapshot(now);
            }
        }
        store.markExample(marks);
        return "";
    }

    private String rollBack(long version, long now) {
        try {
            String failure = goBackTo(version);
            if (failure.isEmpty()) {
                // What answers from snapshots goes back too.
                snapshot(now);
            }
            return failure;
        } catch (StartException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /**
     * Gives why this version cannot be gone back to, or an empty text.
     *
     * @throws StartException if no version can be read now
     */
    private String goBackTo(long version) {
        try {
            Optional<Snapshot> past = history.find(version);
            if (past.isEmpty()) {
                return "there is no committed snapshot of version " + version;
            }
            learner.rollBackTo(past.get().learner());
        } catch (SnapshotException | IllegalArgumentException e) {
            return "version " + version + " cannot be used: " + e.getMessage();
        }
        store.markStep(marks);
        return "";
    }

    private void answer(Record<byte[], byte[]> record, RecordExamples examples) {
        byte[] value = answers.answer(examples, model, learner.version());
        if (value == null) {
            reject(record, source(record), answers.overflow(examples));
            return;
        }
        Record<byte[], byte[]> answer = record.withValue(value);
        if (value.length > record.value().length) { // the record was not too large
            Rejection tooLarge = DeadLetters.tooLarge(answer, maxRecordBytes);
            if (tooLarge != null) {
                reject(record, source(record), tooLarge);
                return;
            }
        }
        answered.add(examples.count());
        context.forward(answer, nodes.predictions());
    }

    private void reject(Record<byte[], byte[]> record, DeadLetters.Source source, Rejection rejection) {
        metrics.deadLetter(rejection.reason());
        watch.refused(record, source, rejection, context.currentSystemTimeMs());
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

    /** Once a second: fresh gauges, a sight for who looks, and a snapshot if the last one is old and there is something new. */
    private void tick(long nowMillis) {
        // Not before the first second, in which the first answers compete for the processor with all else that is not compiled.
        stores.warmUp().start();
        tellStart();
        metrics.refresh(learner);
        watch.pass(learner, reader.examples());
        if (policy.everySeconds() > 0 && learner.version() != Math.max(0, store.snapshotVersion)
                && nowMillis - lastSnapshotMillis >= policy.everySeconds() * 1000) {
            snapshot(nowMillis);
        }
    }

    /** With the first record or tick: {@link #init} may not write. */
    private void tellStart() {
        if (startToTell) {
            startToTell = false;
            context.forward(evaluation.started(learner, store.sourceOffset, context.currentSystemTimeMs()), nodes.evaluation());
        }
    }

    /** What source offsets are of. */
    private String source() {
        return nodes.input() + "-0";
    }

    private void snapshot(long timestamp) {
        long start = System.nanoTime();
        byte[] bytes = snapshotEncoder.encode(learner, store.sourceOffset < 0 ? Map.of() : Map.of(source(), store.sourceOffset));
        metrics.snapshot(learner.version(), bytes.length, System.nanoTime() - start);
        boolean good = store.worseWindows == 0 && learner.evaluation().examples() >= learner.spec().window()
                && !learner.evaluation().worseThanBaseline();
        store.kept().add(modelName, learner.version(), bytes, timestamp, good, policy.keep())
                .forEach(record -> context.forward(record, nodes.snapshots()));
        store.markKept(marks);
        snapshotDue = false;
        store.snapshotVersion = learner.version();
        store.markExample(marks);
        lastSnapshotMillis = context.currentSystemTimeMs();
    }
}
