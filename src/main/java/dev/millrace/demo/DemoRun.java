package dev.millrace.demo;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.SnapshotPolicy;
import dev.millrace.learn.Evaluation;
import dev.millrace.learn.Label;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.snapshot.Snapshot;
import dev.millrace.stream.LearnerApplication;
import dev.millrace.stream.Progress;
import dev.millrace.stream.SnapshotReader;
import dev.millrace.stream.TopicAdmin;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * A whole application for as long as its data lasts: broker, topics, learner, page and a replay that feeds them. All of it is
 * in this JVM and in a temporary directory, and gone after {@link #close}.
 *
 * <p>
 * Nothing here waits for a time to pass: the run is over when the broker says that all records are handled and a snapshot of
 * the last version is in its topic.
 */
public final class DemoRun implements AutoCloseable {
    /** Without a sign of life for this long the run gives up. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration TICK = Duration.ofMillis(200);
    /** Settings that belong to a real cluster and would keep clients from talking to the embedded one. */
    private static final Pattern CLUSTER_ONLY = Pattern
            .compile(
                    "(.*\\.)?(security|ssl|sasl)\\..*|bootstrap\\.servers|num\\.standby\\.replicas|client\\.rack|(.*\\.)?group\\.instance\\.id");

    /**
     * What to run.
     *
     * @param config its brokers, state directory and port are replaced
     * @param replay the data
     * @param test rows the final weights are tested on
     * @param partitions of the features topic, at least 1
     * @param port of the page; 0: any free one
     */
    public record Options(ApplicationConfig config, Replay replay, Optional<Path> test, int partitions, int port) {
        public Options {
            if (partitions < 1) {
                throw new IllegalArgumentException("a topic has at least 1 partition, found " + partitions);
            }
        }
    }

    /**
     * A moment of a run, for whoever shows it.
     *
     * @param last whether no other follows: everything is handled
     */
    public record Moment(Duration elapsed, Replay replay, Progress progress, Label label, boolean last) {
    }

    private final Replay replay;
    private final ApplicationConfig config;
    private final Optional<HoldOut> holdOut;
    private final Path stateDirectory;
    private final LearnerApplication application;
    private final String address;
    /** In the order of starting; closed in reverse. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /**
     * Starts broker, topics, learner and page.
     *
     * @throws DataException if the test file cannot be used
     * @throws IllegalStateException if the broker does not start
     * @throws dev.millrace.stream.StartException if the application does not
     */
    public DemoRun(Options options, MeterRegistry registry, LivePage page) {
        replay = options.replay();
        holdOut = options.test().map(file -> new HoldOut(file, options.config()));
        try {
            stateDirectory = Files.createTempDirectory("millrace-state-");
            open.push(() -> Directories.delete(stateDirectory));
            EmbeddedKafka kafka = EmbeddedKafka.start();
            open.push(kafka);
            config = embedded(options, kafka.bootstrapServers(), stateDirectory);
            try (TopicAdmin topics = new TopicAdmin(config)) {
                topics.create(options.partitions(), (short) 1);
            }
            application = new LearnerApplication(config, registry);
            open.push(application);
            LivePage.Open served = page.open(config, application, registry);
            open.push(served);
            address = served.address();
            application.start();
        } catch (IOException e) {
            throw new IllegalStateException("no temporary directory: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static ApplicationConfig embedded(Options options, String servers, Path stateDirectory) {
        ApplicationConfig given = options.config();
        // The last steps must reach a snapshot soon after the stream has gone quiet.
        SnapshotPolicy prompt = new SnapshotPolicy(given.snapshots().everySteps(), 1, given.snapshots().keep());
        return given.withoutKafka(CLUSTER_ONLY.asMatchPredicate())
                .withKafka("bootstrap.servers", servers)
                .withKafka("replication.factor", "1")
                .withKafka("state.dir", stateDirectory.toString())
                .withHttp(given.http().withHost("127.0.0.1").withPort(options.port()))
                .withSnapshots(prompt);
    }

    /** Where the page is served. */
    public String address() {
        return address;
    }

    /** The embedded broker's address, for other clients while the run is open. */
    public String bootstrapServers() {
        return config.bootstrapServers();
    }

    /**
     * Feeds all data and waits until it is handled.
     *
     * @param watcher told about five times a second how it goes
     * @throws DataException if the data is broken
     * @throws IllegalStateException if the application dies or stands still
     */
    public DemoResult run(Consumer<Moment> watcher) throws InterruptedException {
        try (Completion completion = new Completion(config)) {
            awaitReady();
            long start = System.nanoTime();
            long startMillis = System.currentTimeMillis();
            FutureTask<?> feeding = new FutureTask<>(
                    () -> replay.run(config, config.topics().features(), OptionalLong.of(startMillis)), null);
            Thread feeder = Thread.ofPlatform().name("millrace-replay").start(feeding);
            try {
                Stall stall = new Stall();
                while (!feeding.isDone() || !completion.finished()) {
                    completion.count(TICK);
                    checkAlive(Duration.ZERO);
                    watcher.accept(moment(start, false));
                    if (feeding.isDone()) {
                        checkFed(feeding);
                        stall.check(completion.pulse(), "of handling the records");
                    }
                }
                checkFed(feeding);
            } finally {
                feeder.interrupt();
                feeder.join();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            watcher.accept(moment(start, true));
            return result(finalSnapshot(), completion, seconds);
        }
    }

    private Moment moment(long start, boolean last) {
        return new Moment(Duration.ofNanos(System.nanoTime() - start), replay, application.progress(), config.learner().label(), last);
    }

    /**
     * Keeps everything running until the thread is interrupted.
     *
     * @throws IllegalStateException if the application dies
     */
    public void keepRunning() throws InterruptedException {
        while (true) {
            checkAlive(Duration.ofMinutes(1));
        }
    }

    private void awaitReady() throws InterruptedException {
        Stall stall = new Stall();
        while (!application.ready()) {
            checkAlive(Duration.ofMillis(20));
            stall.check(0, "of starting");
        }
    }

    /** Waits this long for the worst, and throws if it happens. */
    private void checkAlive(Duration wait) throws InterruptedException {
        if (application.awaitStopped(wait)) {
            throw new IllegalStateException("The learner stopped before the demo was over");
        }
    }

    private static void checkFed(FutureTask<?> feeding) throws InterruptedException {
        try {
            feeding.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /**
     * The snapshot after the last step. A pending batch is in no snapshot, so the count of labelled records does not tell which
     * that is; the live model's version does, once everything is committed.
     */
    private Snapshot finalSnapshot() throws InterruptedException {
        Stall stall = new Stall();
        while (true) {
            long version = application.progress().version();
            Optional<Snapshot> latest = SnapshotReader.latest(config);
            long written = latest.map(Snapshot::version).orElse(0L);
            if (written >= version) {
                // Without a step there is nothing to snapshot, and the weights are those of the seed.
                return latest
                        .orElseGet(() -> Snapshot.decode(Snapshot.encode(config.name(), new OnlineLearner(config.learner()), Map.of())));
            }
            stall.check(written, "of writing the snapshot of version " + version);
            checkAlive(Duration.ofMillis(50));
        }
    }

    private DemoResult result(Snapshot snapshot, Completion completion, double seconds) {
        Evaluation evaluation = snapshot.learner().evaluation();
        Map<String, Double> figures = evaluation.figures(Evaluation.Span.STREAM);
        Map<String, Double> prequential = new LinkedHashMap<>();
        switch (config.learner().label()) {
            case Label.Regression _ -> {
                prequential.put("mae", figures.getOrDefault("mae", Double.NaN));
                prequential.put("rmse", figures.getOrDefault("rmse", Double.NaN));
                prequential.put("baseline_rmse", figures.getOrDefault("baseline_mean_rmse", Double.NaN));
            }
            case Label.Classification _ -> prequential.putAll(figures);
        }
        Map<String, Double> test = holdOut.map(rows -> rows.score(snapshot.learner()).figures()).orElse(Map.of());
        return new DemoResult(replay.labelled(), replay.unlabelled(), completion.predictions(), completion.deadLetters(),
                snapshot.version(), seconds, prequential, test, snapshot.weightsSha256());
    }

    /** Stops everything, also when called from a thread that was interrupted; safe to call twice. */
    @Override
    public void close() {
        // Kafka's clients do not close in an orderly way on an interrupted thread.
        boolean interrupted = Thread.interrupted();
        RuntimeException failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new IllegalStateException("the demo does not stop cleanly: " + e.getMessage(), e);
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Gives up when a number has not changed for {@link #PATIENCE}. */
    private static final class Stall {
        private long last = Long.MIN_VALUE;
        private long since = System.nanoTime();

        void check(long number, String activity) {
            long now = System.nanoTime();
            if (number != last) {
                last = number;
                since = now;
            } else if (now - since > PATIENCE.toNanos()) {
                throw new IllegalStateException("No sign " + activity + " for " + PATIENCE.toSeconds() + " s");
            }
        }
    }
}
