package dev.millrace.server.page;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.http.sse.SseClient;
import io.javalin.http.sse.SseHandler;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The page and its events. Each browser has a thread that sends it what is new once a second; one that reads slowly misses seconds
 * and delays nobody.
 */
public final class LivePage implements AutoCloseable {
    /** Browsers that may watch at a time: each costs a thread and some kilobytes a second. */
    private static final int MOST_WATCHERS = 50;

    private final Assets assets = new Assets();
    private final AtomicInteger watchers = new AtomicInteger();
    private final Broadcast broadcast;
    private final SseHandler sse = new SseHandler(this::follow);

    public LivePage(PageSource source) {
        broadcast = new Broadcast(source, () -> watchers.get() > 0);
    }

    /** {@code GET /}. */
    public void index(Context context) {
        assets.send(context, "index.html");
    }

    /** {@code GET /page/{file}}. */
    public void file(Context context) {
        assets.send(context, context.pathParam("file"));
    }

    /** {@code GET /events}: server-sent events, each a JSON document of its name's kind. */
    public Handler events() {
        return context -> {
            if (watchers.get() >= MOST_WATCHERS) {
                throw new ServiceUnavailableResponse("The page is watched by " + MOST_WATCHERS + " browsers, which is as many as may");
            }
            sse.handle(context);
        };
    }

    private void follow(SseClient client) {
        watchers.incrementAndGet();
        client.keepAlive();
        Thread.ofVirtual().name("millrace-page-watcher").start(() -> {
            try {
                broadcast.sendTo(client);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                watchers.decrementAndGet();
                client.close();
            }
        });
    }

    @Override
    public void close() {
        broadcast.close();
    }
}
