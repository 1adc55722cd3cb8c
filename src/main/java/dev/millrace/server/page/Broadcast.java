package dev.millrace.server.page;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.nn.Network;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.stream.LearnerWatch;
import dev.millrace.stream.Progress;
import dev.millrace.stream.RefusedRecord;
import dev.millrace.stream.ServedModel;
import io.javalin.http.sse.SseClient;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Looks once a second and makes the documents that browsers are sent, once for all of them; without any it only keeps the history.
 */
final class Broadcast implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broadcast.class);

    private final PageSource source;
    private final ApplicationConfig config;
    private final BooleanSupplier watched;
    private final History history = new History();
    private final String model;
    private final List<ParameterLayout.Variable> variables;
    private final ScheduledExecutorService clock = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().name("millrace-page").daemon().factory());
    private final Map<String, Event> newest = new LinkedHashMap<>(); // guarded by this
    private long seconds; // guarded by this
    private boolean closed; // guarded by this
    // What the events of the same names were made of, so that they are made again only when it changes.
    private @Nullable OnlineLearner snapshot;
    private LearnerWatch.@Nullable Sight sight;
    private @Nullable List<RefusedRecord> deadLetters;

    private record Event(long second, String json) {
    }

    /** @param watched whether anybody would see a document */
    Broadcast(PageSource source, BooleanSupplier watched) {
        this.source = source;
        this.config = source.config();
        this.watched = watched;
        this.model = ModelDocument.of(config).toString();
        this.variables = new Network(config.learner().network()).layout().variables();
        var _ = clock.scheduleAtFixedRate(this::lookOrLog, 0, 1, TimeUnit.SECONDS);
    }

    private void lookOrLog() {
        try {
            look();
        } catch (RuntimeException e) {
            LOG.error("The page misses a second", e);
        }
    }

    private void look() {
        long now = System.currentTimeMillis();
        Progress progress = source.progress();
        OptionalLong lag = source.lag();
        history.add(now, progress, lag);
        boolean anybody = watched.getAsBoolean();
        source.watch().look(anybody);
        Map<String, ObjectNode> fresh = new HashMap<>();
        if (anybody) {
            fresh.put("progress", ProgressDocument.of(now, source.ready(), progress, lag, config.learner().label()));
            changed(source.model().map(ServedModel::learner), snapshot, learner -> snapshot = learner,
                    learner -> SnapshotDocument.of(new ServedModel(config.name(), learner), source.snapshot()), "snapshot", fresh);
            changed(source.watch().sight(), sight, seen -> sight = seen, seen -> SightDocument.of(seen, config.learner(), variables),
                    "sight", fresh);
            changed(Optional.of(source.watch().deadLetters()), deadLetters, letters -> deadLetters = letters, DeadLettersDocument::of,
                    "dead-letters", fresh);
        }
        publish(fresh);
    }

    private static <T> void changed(Optional<T> now, @Nullable T before, Consumer<T> remember,
            Function<T, ObjectNode> document, String event, Map<String, ObjectNode> fresh) {
        if (now.isPresent() && !now.get().equals(before)) {
            fresh.put(event, document.apply(now.get()));
            remember.accept(now.get());
        }
    }

    private synchronized void publish(Map<String, ObjectNode> fresh) {
        seconds++;
        fresh.forEach((event, document) -> newest.put(event, new Event(seconds, document.toString())));
        notifyAll();
    }

    /** Sends the whole story, then what is new, until the browser is gone or the page is closed. */
    void sendTo(SseClient client) throws InterruptedException {
        client.sendEvent("model", model);
        client.sendEvent("history", history.document().toString());
        long seen = 0;
        while (!client.terminated()) {
            Map<String, String> news = new LinkedHashMap<>();
            synchronized (this) {
                long before = seen;
                while (seconds == before && !closed) {
                    wait();
                }
                if (closed) {
                    return;
                }
                seen = seconds;
                newest.forEach((event, document) -> {
                    if (document.second > before) {
                        news.put(event, document.json);
                    }
                });
            }
            news.forEach((event, json) -> client.sendEvent(event, json));
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        synchronized (this) {
            closed = true;
            notifyAll();
        }
    }
}
