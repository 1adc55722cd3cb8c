package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** A running learner: checks its topics, starts Kafka Streams, knows whether it is alive, closes gracefully. */
public final class LearnerApplication implements AutoCloseable {
    public LearnerApplication(ApplicationConfig config, MeterRegistry registry) {
        throw new UnsupportedOperationException();
    }

    /**
     * Checks brokers and topics, then starts reading; returns at once.
     *
     * @throws StartException with a message for the user: no broker within the time limit, missing or unfit topics
     */
    public void start() {
        throw new UnsupportedOperationException();
    }

    /** Whether all threads run, or may recover. */
    public boolean live() {
        throw new UnsupportedOperationException();
    }

    /** Whether records are being handled and a model answers. */
    public boolean ready() {
        throw new UnsupportedOperationException();
    }

    /** What has happened so far in this process; cheap, from any thread. */
    public Progress progress() {
        throw new UnsupportedOperationException();
    }

    /**
     * Waits until the application has stopped.
     *
     * @return whether it stopped in time
     * @throws IllegalStateException with the original error as its cause, if it died
     */
    public boolean awaitStopped(Duration timeout) throws InterruptedException {
        throw new UnsupportedOperationException();
    }

    /** Commits, leaves the group and stops; safe to call twice and from a shutdown hook. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
