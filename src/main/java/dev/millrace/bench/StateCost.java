package dev.millrace.bench;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.LearnerState;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.stream.LearnerApplication;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;

/**
 * What keeping a model in Kafka costs.
 *
 * @param modelBytes of all state: weights, optimizer, statistics, pending batch
 * @param records learned from
 * @param commitMillis average time of a commit in the learner's thread
 * @param changelogBytesPerRecord written to the changelog for each record, at full speed
 * @param restoreMillis from the changelog, in a new start of the application
 * @param restoredBytes length of that changelog
 */
public record StateCost(long modelBytes, long records, double commitMillis, double changelogBytesPerRecord, double restoreMillis,
        long restoredBytes) {
    private static final Duration TICK = Duration.ofMillis(20);
    private static final long PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();

    /** Learns from records, stops and starts again. */
    static StateCost measure(BenchCluster cluster, String labelled, int hiddenUnits, long records) {
        LearnerSpec spec = BenchModels.withHidden(hiddenUnits);
        long modelBytes = new OnlineLearner(spec).state().sections().stream().mapToLong(LearnerState.Section::byteLength).sum();
        ApplicationConfig config = cluster.application("state", labelled, spec);
        BenchCluster.createTopics(config);
        double commitMillis;
        long learned;
        MeterRegistry registry = new SimpleMeterRegistry();
        try (LearnerApplication application = new LearnerApplication(config, registry)) {
            application.start();
            long start = System.nanoTime();
            while (application.progress().labelled() < records) {
                await(application, start, "learn from " + records + " records");
            }
            learned = application.progress().labelled();
            commitMillis = value(registry, "kafka.stream.thread.commit.latency.avg");
        }
        long changelogBytes = cluster.logBytes(config.applicationId() + "-model-changelog");
        MeterRegistry again = new SimpleMeterRegistry();
        double restoreSeconds = Double.NaN;
        try (LearnerApplication application = new LearnerApplication(config, again)) {
            application.start();
            long start = System.nanoTime();
            while (Double.isNaN(restoreSeconds)) {
                await(application, start, "restore the model");
                restoreSeconds = value(again, "millrace.restore");
            }
        }
        cluster.deleteTopics(config);
        return new StateCost(modelBytes, learned, commitMillis, (double) changelogBytes / learned, 1000 * restoreSeconds,
                changelogBytes);
    }

    private static void await(LearnerApplication application, long start, String what) {
        try {
            if (application.awaitStopped(TICK)) {
                throw new IllegalStateException("the learner stopped before it could " + what);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        if (System.nanoTime() - start > PATIENCE_NANOS) {
            throw new IllegalStateException("the learner did not " + what + " within a minute");
        }
    }

    /** The first gauge of that name; NaN if there is none. */
    private static double value(MeterRegistry registry, String name) {
        Gauge gauge = registry.find(name).gauge();
        return gauge == null ? Double.NaN : gauge.value();
    }
}
