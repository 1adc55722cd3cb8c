package dev.millrace.server.page;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.http.sse.SseClient;
import io.javalin.http.sse.SseHandler;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The page and its events. Each browser has a thread that sends it what is new once a second; one that reads slowly misses seconds
 * and delays nobody.
 */
public final class LivePage implements AutoCloseable {
    /** Browsers that may watch at a time: each costs a thread and some kilobytes a second. */
    private static final int MOST_WATCHERS = 50;

    private final Assets assets = new Assets();
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private final Set<Thread> watchers = ConcurrentHashMap.newKeySet();
    private final Broadcast broadcast;
    private final SseHandler sse = new SseHandler(this::follow);

    public LivePage(PageSource source) {
        broadcast = new Broadcast(source, () -> !watchers.isEmpty());
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
            if (watchers.size() >= MOST_WATCHERS) {
                throw new ServiceUnavailableResponse("The page is watched by " + MOST_WATCHERS + " browsers, which is as many as may");
            }
            sse.handle(context);
        };
    }

    private void follow(SseClient client) {
        client.keepAlive();
        Thread watcher = Thread.ofVirtual().name("millrace-page-watcher").unstarted(() -> {
            try {
                broadcast.sendTo(client);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                client.close();
                watchers.remove(Thread.currentThread());
            }
        });
        watchers.add(watcher);
        watcher.start();
    }

    /**
     * Ends all watching, and waits for it: a request that is finished after the server has stopped sends Javalin round in circles. A
     * watcher whose browser does not read is interrupted.
     */
    @Override
    public void close() {
        broadcast.close();
        join();
        watchers.forEach(Thread::interrupt);
        join();
    }

    private void join() {
        try {
            for (Thread watcher : List.copyOf(watchers)) {
                watcher.join(FAREWELL);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
