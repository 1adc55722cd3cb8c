package dev.millrace.bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Asks for predictions at a fixed rate until it is closed, whether earlier ones have been answered or not. An answer's time counts
 * from when its request was due: a server that stands still for a second is not measured by the one request that waits for it.
 */
final class Asker implements AutoCloseable {
    private static final String QUESTION = "{\"instances\":[{\"longitude\":-122.05,\"latitude\":37.37,\"housing_median_age\":27,"
            + "\"total_rooms\":3885,\"total_bedrooms\":661,\"population\":1537,\"households\":606,\"median_income\":6.6085}]}";
    private static final long POLL_NANOS = 5_000_000;

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpRequest request;
    private final BooleanSupplier begin;
    private final long intervalNanos;
    private final Latencies latencies;
    private final AtomicInteger open = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closing;

    /**
     * Begins to ask as soon as there is a model.
     *
     * @param url of {@code :predict}
     * @param begin whether there is
     * @param rate requests per second
     * @param latencies told every answer
     */
    Asker(String url, BooleanSupplier begin, int rate, Latencies latencies) {
        this.request = HttpRequest.newBuilder(URI.create(url)).POST(HttpRequest.BodyPublishers.ofString(QUESTION)).build();
        this.begin = begin;
        this.intervalNanos = 1_000_000_000L / rate;
        this.latencies = latencies;
        this.thread = Thread.ofPlatform().daemon().name("millrace-bench-asker").start(this::ask);
    }

    private void ask() {
        while (!begin.getAsBoolean() && !closing) {
            LockSupport.parkNanos(POLL_NANOS);
        }
        for (long due = System.nanoTime(); !closing; due += intervalNanos) {
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            long since = due;
            open.incrementAndGet();
            var _ = client.sendAsync(request, HttpResponse.BodyHandlers.discarding()).whenComplete((answer, error) -> {
                latencies.add(System.nanoTime() - since, error == null && answer.statusCode() == 200);
                open.decrementAndGet();
            });
        }
        while (open.get() > 0) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Waits for the answers to what has been asked. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }
}
