package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.Evaluation;
import dev.millrace.metrics.LearnerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running learner: checks its topics, starts Kafka Streams, knows whether it is alive, closes gracefully. */
public final class LearnerApplication implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LearnerApplication.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);
    /** More thread deaths than this within {@link #DEATHS_WITHIN} end the application. */
    private static final int MAX_DEATHS = 5;
    private static final Duration DEATHS_WITHIN = Duration.ofMinutes(10);

    private final ApplicationConfig config;
    private final MeterRegistry registry;
    private final LearnerMetrics metrics;
    private final LearnerWatch watch = new LearnerWatch();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Deque<Long> deaths = new ArrayDeque<>();
    private volatile @Nullable Throwable failure;
    private @Nullable KafkaStreams streams;
    private @Nullable KafkaStreamsMetrics streamsMetrics;
    private volatile @Nullable InputLag lag;
    private volatile @Nullable ModelView view;
    /** Whether the answers on the predictions topic come from {@link #view}, and not from the learner's live weights. */
    private volatile boolean viewAnswersTopic;
    private boolean closed;

    public LearnerApplication(ApplicationConfig config, MeterRegistry registry) {
        this.config = config;
        this.registry = registry;
        // One series per broker node or partition grows without bound; threads and tasks do not. Before any meter exists.
        registry.config().meterFilter(MeterFilter.deny(id -> id.getName().startsWith("kafka.")
                && (id.getTag("node.id") != null || id.getTag("node-id") != null || id.getTag("partition") != null)));
        this.metrics = new LearnerMetrics(registry, config.name());
    }

    /**
     * Checks brokers and topics, then starts reading; returns at once.
     *
     * @throws StartException with a message for the user: no broker within the time limit, missing or unfit topics
     */
    public void start() {
        Input input = checkTopics();
        long modelBytes = ModelStores.byteLength(config.learner());
        ModelStores stores = new ModelStores(config.learner(), config.start().orElse(null));
        ModelView modelView = new ModelView(config.name(), config.topics().snapshots(), config.learner(), config.start().orElse(null),
                ClientSettings.consumer(config), metrics);
        SnapshotHistory history = version -> SnapshotReader.find(config, version);
        viewAnswersTopic = input.partitions() > 1;
        view = modelView;
        modelView.start();
        Topology topology = viewAnswersTopic
                ? LearnerTopology.routed(config, stores, modelView, history, metrics, watch, input.limits().maxRecordBytes())
                : LearnerTopology.single(config, stores, history, metrics, watch, input.limits().maxRecordBytes());
        KafkaStreams kafkaStreams = connect(topology, ClientSettings.streams(config, modelBytes, input.limits()));
        streams = kafkaStreams;
        kafkaStreams.setGlobalStateRestoreListener(new RestoreLog());
        kafkaStreams.setStandbyUpdateListener(new StandbyLog(stores));
        kafkaStreams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.NOT_RUNNING || now == KafkaStreams.State.ERROR) {
                stopped.countDown();
            }
        });
        kafkaStreams.setUncaughtExceptionHandler(this::onThreadDeath);
        bindKafkaMetrics(kafkaStreams);
        kafkaStreams.start();
        InputLag inputLag = new InputLag(config, () -> handled(kafkaStreams));
        lag = inputLag;
        metrics.lag(inputLag::records, inputLag::ageSeconds);
    }

    /** Handles no more records until {@link #resume}, but stays in its group with what it has; of an application that was started. */
    public void pause() {
        started().pause();
    }

    /** Goes on where {@link #pause} stopped it. */
    public void resume() {
        started().resume();
    }

    private KafkaStreams started() {
        KafkaStreams current = streams;
        if (current == null) {
            throw new IllegalStateException("the application has not been started");
        }
        return current;
    }

    private Set<TopicPartition> handled(KafkaStreams kafkaStreams) {
        Set<String> inputs = Set.of(config.topics().features(), config.topics().labelled());
        return kafkaStreams.metadataForLocalThreads().stream().flatMap(thread -> thread.activeTasks().stream())
                .flatMap(task -> task.topicPartitions().stream()).filter(partition -> inputs.contains(partition.topic()))
                .collect(Collectors.toSet());
    }

    private static KafkaStreams connect(Topology topology, Properties settings) {
        try {
            return new KafkaStreams(topology, settings);
        } catch (KafkaException | IllegalArgumentException e) {
            throw new StartException("The settings under kafka: cannot be used: " + rootOf(e).getMessage());
        }
    }

    /** The features topic. */
    private record Input(int partitions, TopicAdmin.InputLimits limits) {
    }

    private Input checkTopics() {
        try (TopicAdmin admin = new TopicAdmin(config)) {
            List<TopicAdmin.TopicState> topics = admin.describe();
            List<TopicAdmin.TopicState> unfit = topics.stream().filter(topic -> !topic.problem().isEmpty()).toList();
            if (!unfit.isEmpty()) {
                StringBuilder message = new StringBuilder("The topics are not ready:");
                boolean missing = false;
                for (TopicAdmin.TopicState topic : unfit) {
                    message.append("\n  ").append(topic.topic()).append(" (topics: ").append(topic.purpose()).append(") ")
                            .append(topic.problem());
                    missing |= !topic.exists();
                }
                if (missing) {
                    message.append("\nCreate missing topics with: millrace topics create --config FILE");
                }
                throw new StartException(message.toString());
            }
            return new Input(topics.getFirst().partitions(), admin.inputLimits());
        }
    }

    private void bindKafkaMetrics(KafkaStreams kafkaStreams) {
        KafkaStreamsMetrics binder = new KafkaStreamsMetrics(kafkaStreams);
        binder.bindTo(registry);
        streamsMetrics = binder;
    }

    private StreamThreadExceptionResponse onThreadDeath(Throwable error) {
        long now = System.nanoTime();
        int recent;
        synchronized (deaths) {
            deaths.add(now);
            deaths.removeIf(then -> now - then > DEATHS_WITHIN.toNanos());
            recent = deaths.size();
        }
        if (recent <= MAX_DEATHS && !isHopeless(error)) {
            LOG.error("A stream thread died and is replaced ({} of {} within {})", recent, MAX_DEATHS, DEATHS_WITHIN, error);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        failure = error;
        // The user's message comes from awaitStopped; anything else needs its stack trace.
        if (ClientErrors.explain(error) == null) {
            LOG.error("A stream thread died; the application stops", error);
        }
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    /** Whether the same would happen again at once. */
    private static boolean isHopeless(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof Error) {
                return true;
            }
        }
        return ClientErrors.explain(error) != null;
    }

    private static Throwable rootOf(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** Whether it starts, all threads run, or may recover. */
    public boolean live() {
        KafkaStreams current = streams;
        ModelView following = view;
        boolean running = current == null
                || (current.state() != KafkaStreams.State.ERROR && current.state() != KafkaStreams.State.NOT_RUNNING);
        return failure == null && running && (following == null || !viewAnswersTopic || following.failure() == null);
    }

    /** Whether records are being handled and a model answers. */
    public boolean ready() {
        KafkaStreams current = streams;
        ModelView following = view;
        return live() && current != null && current.state() == KafkaStreams.State.RUNNING
                && (following == null || !viewAnswersTopic || following.caughtUp());
    }

    /**
     * The model as of the newest snapshot, for questions that do not come from the topic: training never waits for whoever asks.
     * Empty until there is a snapshot, and when snapshots cannot be read.
     */
    public Optional<ServedModel> model() {
        ModelView following = view;
        return following == null ? Optional.empty() : following.served();
    }

    /** Where the newest snapshot that this process has read lies; empty when {@link #model} is, and for a model from a file. */
    public Optional<SnapshotPlace> snapshot() {
        ModelView following = view;
        return following == null || following.served().isEmpty() ? Optional.empty() : following.place();
    }

    /** A way to look at the learner, if this process has it. */
    public LearnerWatch watch() {
        return watch;
    }

    /**
     * How many records of the features topic, and of the topic of labelled ones if there is one, are not committed yet; of the
     * partitions that this process handles, as of some seconds ago. Empty while it handles none.
     */
    public OptionalLong lag() {
        InputLag known = lag;
        return known == null ? OptionalLong.empty() : known.records();
    }

    /** What has happened so far in this process; cheap, from any thread. */
    public Progress progress() {
        return new Progress(metrics.examples(), metrics.predictions(), metrics.deadLetters(), metrics.version(),
                metrics.figures(Evaluation.Span.WINDOW));
    }

    /**
     * Waits until the application has stopped.
     *
     * @return whether it stopped in time
     * @throws StartException if it died of what the user can mend: the stored model is of another kind, an ACL is missing
     * @throws IllegalStateException with the original error as its cause, if it died
     */
    public boolean awaitStopped(Duration timeout) throws InterruptedException {
        boolean inTime = stopped.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
        Throwable error = failure;
        String explanation = error == null ? null : ClientErrors.explain(error);
        if (inTime && explanation != null) {
            throw new StartException(explanation);
        }
        if (inTime && error != null) {
            throw new IllegalStateException("The learner stopped: " + rootOf(error).getMessage(), error);
        }
        return inTime;
    }

    /** Commits, leaves the group and stops; safe to call twice and from a shutdown hook. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        InputLag asking = lag;
        if (asking != null) {
            asking.close();
        }
        if (streams != null) {
            streams.close(CloseOptions.timeout(CLOSE_PATIENCE)
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        }
        ModelView following = view;
        if (following != null) {
            following.close();
        }
        if (streamsMetrics != null) {
            streamsMetrics.close();
        }
        stopped.countDown();
    }
}
