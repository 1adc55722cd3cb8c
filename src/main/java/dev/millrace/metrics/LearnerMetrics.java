package dev.millrace.metrics;

import dev.millrace.learn.Evaluation;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Reason;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The meters of one learner. Names are public API: dashboards and alerts use them. Counters count what this process did; after
 * an aborted transaction its records are handled, and counted, again.
 *
 * <pre>{@code
 * millrace_examples_total{model="california"} 12000.0
 * millrace_predictions_total{model="california"} 1200.0
 * millrace_steps_total{model="california"} 120.0
 * millrace_quality{model="california",figure="rmse",span="window"} 61.2
 * millrace_dead_letters_total{model="california",reason="malformed"} 3.0
 * }</pre>
 */
public final class LearnerMetrics {
    private static final String EXAMPLES = "millrace.examples";
    private static final String PREDICTIONS = "millrace.predictions";
    private static final String STEPS = "millrace.steps";
    private static final String STEPS_REFUSED = "millrace.steps.refused";
    private static final String DEAD_LETTERS = "millrace.dead.letters";
    private static final String LAG = "millrace.lag";
    private static final String LAG_AGE = "millrace.lag.age";
    private static final String STEP = "millrace.step";
    private static final String VERSION = "millrace.model.version";
    private static final String PENDING = "millrace.pending.examples";
    private static final String LOSS = "millrace.loss";
    private static final String QUALITY = "millrace.quality";
    private static final String GRADIENT_NORM = "millrace.gradient.norm";
    private static final String WORSE = "millrace.worse.than.baseline";
    private static final String WEIGHT_NORM = "millrace.weight.norm";
    private static final String SNAPSHOTS = "millrace.snapshots";
    private static final String SNAPSHOT_VERSION = "millrace.snapshot.version";
    private static final String SNAPSHOT_AGE = "millrace.snapshot.age";
    private static final String SNAPSHOT_BYTES = "millrace.snapshot.size";
    private static final String SNAPSHOT_TIME = "millrace.snapshot.encode";
    private static final String RESTORE_TIME = "millrace.restore";
    private static final String VIEW_VERSION = "millrace.view.version";

    /** One step in this many is timed: a clock read per step would cost more than a small step. */
    private static final int STEPS_PER_TIMING = 16;

    private final MeterRegistry registry;
    private final Tags model;
    /** A part for each processor there has been. */
    private final List<Count> examples = new CopyOnWriteArrayList<>();
    private final List<Count> predictions = new CopyOnWriteArrayList<>();
    private final LongAdder steps = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder snapshots = new LongAdder();
    private final Map<Reason, LongAdder> deadLetters = new EnumMap<>(Reason.class);
    private final Timer stepTime;
    private final Timer snapshotTime;

    private volatile double version = Double.NaN;
    private volatile double viewVersion = Double.NaN;
    private volatile double pending = Double.NaN;
    private volatile double loss = Double.NaN;
    private volatile double gradientNorm = Double.NaN;
    private volatile double weightNorm = Double.NaN;
    private volatile double worse;
    private volatile double snapshotVersion = Double.NaN;
    private volatile double snapshotBytes = Double.NaN;
    private volatile double restoreSeconds = Double.NaN;
    private volatile long snapshotNanos;
    private volatile Map<Evaluation.Span, Map<String, Double>> figures = Map.of();
    private volatile Supplier<OptionalLong> lag = OptionalLong::empty;
    private volatile DoubleSupplier lagAge = () -> Double.NaN;
    private long stepsSeen;

    public LearnerMetrics(MeterRegistry registry, String modelName) {
        this.registry = registry;
        this.model = Tags.of("model", modelName);
        counter(EXAMPLES, "Labelled examples learned from or waiting in the pending batch", examples, LearnerMetrics::sum, model);
        counter(PREDICTIONS, "Examples answered with a prediction", predictions, LearnerMetrics::sum, model);
        counter(STEPS, "Optimizer steps applied", steps, LongAdder::sum, model);
        counter(STEPS_REFUSED, "Optimizer steps not applied: not finite, or their loss exploded", refused, LongAdder::sum, model);
        counter(SNAPSHOTS, "Snapshots written", snapshots, LongAdder::sum, model);
        for (Reason reason : Reason.values()) {
            LongAdder count = new LongAdder();
            deadLetters.put(reason, count);
            counter(DEAD_LETTERS, "Records written to the dead-letter topic", count, LongAdder::sum, model.and("reason", reason.id()));
        }
        gauge(VERSION, "Optimizer steps of the live model since it began", "", () -> version);
        gauge(VIEW_VERSION, "Version of the snapshot that answers over HTTP, and the topic when it has several partitions", "",
                () -> viewVersion);
        gauge(PENDING, "Labelled records waiting for their batch to fill", "", () -> pending);
        gauge(LAG, "Input records not committed yet, of the partitions this process handles", "records", this::lag);
        gauge(LAG_AGE, "Time since the brokers last said how many records wait", "seconds", () -> lagAge.getAsDouble());
        gauge(LOSS, "Loss of the last step with regularizers, before its update", "", () -> loss);
        gauge(GRADIENT_NORM, "Euclidean norm of the last step's gradient before clipping", "", () -> gradientNorm);
        gauge(WEIGHT_NORM, "Euclidean norm of all weights", "", () -> weightNorm);
        gauge(WORSE, "1 if the model has been worse than a trivial guess for three windows in a row, otherwise 0", "", () -> worse);
        gauge(SNAPSHOT_VERSION, "Version of the last snapshot written", "", () -> snapshotVersion);
        gauge(SNAPSHOT_BYTES, "Size of the last snapshot written", "bytes", () -> snapshotBytes);
        gauge(SNAPSHOT_AGE, "Time since the last snapshot was written by this process", "seconds", this::snapshotAge);
        gauge(RESTORE_TIME, "Time it took to restore the model from its changelog at the last start", "seconds", () -> restoreSeconds);
        stepTime = Timer.builder(STEP)
                .description("Time of an optimizer step, one in " + STEPS_PER_TIMING + " measured")
                .tags(model)
                .register(registry);
        snapshotTime = Timer.builder(SNAPSHOT_TIME).description("Time to encode a snapshot").tags(model).register(registry);
    }

    /** A part of the count of labelled examples taken, for whoever takes them. */
    public Count newExamples() {
        return part(examples);
    }

    /** A part of the count of examples answered, for whoever answers them. */
    public Count newPredictions() {
        return part(predictions);
    }

    private static Count part(List<Count> parts) {
        Count part = new Count();
        parts.add(part);
        return part;
    }

    /** One record went to the dead-letter topic. */
    public void deadLetter(Reason reason) {
        LongAdder count = deadLetters.get(reason);
        if (count != null) {
            count.increment();
        }
    }

    /** Whether the next step is one to be timed with {@link #stepTook}. For the learner's thread only. */
    public boolean timesNextStep() {
        return stepsSeen % STEPS_PER_TIMING == 0;
    }

    /** A timed step took this long. */
    public void stepTook(long nanos) {
        stepTime.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** A step was applied and gave this version. For the learner's thread only. */
    public void step(long newVersion) {
        stepsSeen++;
        steps.increment();
        version = newVersion;
    }

    /** From now on asked for the records that wait, empty if not known, and for the age of that number in seconds. */
    public void lag(Supplier<OptionalLong> records, DoubleSupplier ageSeconds) {
        lag = records;
        lagAge = ageSeconds;
    }

    /** One step was refused. For the learner's thread only. */
    public void refusedStep() {
        stepsSeen++;
        refused.increment();
    }

    /** A snapshot was written. */
    public void snapshot(long snapshotVersion, int bytes, long encodeNanos) {
        snapshots.increment();
        this.snapshotVersion = snapshotVersion;
        snapshotBytes = bytes;
        snapshotNanos = System.nanoTime();
        snapshotTime.record(encodeNanos, TimeUnit.NANOSECONDS);
    }

    /** Whether the model has stayed worse than a trivial guess. */
    public void worseThanBaseline(boolean holds) {
        worse = holds ? 1 : 0;
    }

    /** The model was restored from its changelog. */
    public void restored(double seconds) {
        restoreSeconds = seconds;
    }

    /** The model view changed to this version. */
    public void view(long version) {
        viewVersion = version;
    }

    /** Refreshes the gauges from a learner; called by its thread about once a second. */
    public void refresh(OnlineLearner learner) {
        if (figures.isEmpty()) {
            registerFigures(learner.evaluation());
        }
        version = learner.version();
        pending = learner.pending();
        loss = learner.loss();
        gradientNorm = learner.gradientNorm();
        weightNorm = learner.weightNorm();
        Map<Evaluation.Span, Map<String, Double>> fresh = new EnumMap<>(Evaluation.Span.class);
        for (Evaluation.Span span : Evaluation.Span.values()) {
            fresh.put(span, Collections.unmodifiableMap(new LinkedHashMap<>(learner.evaluation().figures(span))));
        }
        figures = fresh;
    }

    /** The figures of the last {@link #refresh}, empty before. */
    public Map<String, Double> figures(Evaluation.Span span) {
        return figures.getOrDefault(span, Map.of());
    }

    /** Labelled examples taken by this process. */
    public long examples() {
        return sum(examples);
    }

    /** Examples answered by this process. */
    public long predictions() {
        return sum(predictions);
    }

    private static long sum(List<Count> parts) {
        return parts.stream().mapToLong(Count::get).sum();
    }

    /** Records this process wrote to the dead-letter topic. */
    public long deadLetters() {
        return deadLetters.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** The live model's version; 0 before this process has a model. */
    public long version() {
        return Double.isNaN(version) ? 0 : (long) version;
    }

    private void registerFigures(Evaluation evaluation) {
        for (Evaluation.Span span : Evaluation.Span.values()) {
            for (String figure : evaluation.figures(span).keySet()) {
                Gauge.builder(QUALITY, () -> figures(span).getOrDefault(figure, Double.NaN))
                        .description("Prequential quality and its trivial baselines, over the whole stream or the fading window")
                        .tags(model.and("figure", figure, "span", span == Evaluation.Span.STREAM ? "stream" : "window"))
                        .register(registry);
            }
        }
    }

    private double lag() {
        OptionalLong records = lag.get();
        return records.isPresent() ? records.getAsLong() : Double.NaN;
    }

    private double snapshotAge() {
        long at = snapshotNanos;
        return at == 0 ? Double.NaN : (System.nanoTime() - at) / 1e9;
    }

    /** @param counted held weakly by the registry, so a field of this object must hold it too */
    private <T> void counter(String name, String description, T counted, ToDoubleFunction<T> count, Tags tags) {
        FunctionCounter.builder(name, counted, count).description(description).tags(tags).register(registry);
    }

    private void gauge(String name, String description, String unit, DoubleSupplier value) {
        Gauge.Builder<?> builder = Gauge.builder(name, value::getAsDouble).description(description).tags(model);
        if (!unit.isEmpty()) {
            builder.baseUnit(unit);
        }
        builder.register(registry);
    }
}
