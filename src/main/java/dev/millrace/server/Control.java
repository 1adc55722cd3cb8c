package dev.millrace.server;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.stream.ControlClient;
import dev.millrace.stream.LearnerCommand;
import dev.millrace.stream.SnapshotReader;
import dev.millrace.stream.StartException;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What changes a running learner, and the versions it can go back to. Whoever changes something shows the configured token. */
final class Control {
    private static final String BEARER = "Bearer ";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Each waits for a learner with clients of its own. */
    private static final int AT_A_TIME = 4;
    private static final long FRESH_NANOS = Duration.ofSeconds(2).toNanos();

    private final ApplicationConfig config;
    private final Bodies bodies;
    private final Semaphore room = new Semaphore(AT_A_TIME);
    private @Nullable ObjectNode history;
    private long historyNanos;

    Control(ApplicationConfig config, Bodies bodies) {
        this.config = config;
        this.bodies = bodies;
    }

    /** {@code POST /control}: a command as in the control topic, answered as in the evaluation topic. */
    void control(Context context) throws InterruptedException {
        authorize(context);
        LearnerCommand command;
        try {
            command = LearnerCommand.read(bodies.read(context));
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest("invalid_command", null, String.valueOf(e.getMessage()));
        }
        if (!room.tryAcquire()) {
            throw new Refusal(503, "busy", null, AT_A_TIME + " commands are waiting for the learner already; try again");
        }
        ControlClient.Acknowledgement answer;
        try {
            answer = ControlClient.send(config, command, PATIENCE);
        } catch (StartException e) {
            throw new Refusal(504, "no_answer", null, String.valueOf(e.getMessage()));
        } finally {
            room.release();
            forget();
        }
        if (!answer.done()) {
            throw new Refusal(409, "failed", null, answer.json().path("reason").asString("no reason is told"));
        }
        Replies.json(context, (ObjectNode) answer.json());
    }

    private void authorize(Context context) {
        String token = config.http().token().orElseThrow(() -> new Refusal(403, "no_token", null,
                "Nothing can be changed over HTTP, because no http: token is configured. From a shell: millrace control"));
        String given = context.header("Authorization");
        if (given == null || !given.startsWith(BEARER) || !MessageDigest.isEqual(given.substring(BEARER.length()).strip()
                .getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8))) {
            context.header("WWW-Authenticate", "Bearer");
            throw new Refusal(401, "unauthorized", null,
                    "The header Authorization: Bearer TOKEN with the configured http: token is needed");
        }
    }

    /** {@code GET /snapshots}: the versions that can be gone back to, the newest last. */
    void snapshots(Context context) {
        try {
            Replies.json(context, history());
        } catch (StartException e) {
            throw new Refusal(503, "no_answer", null, String.valueOf(e.getMessage()));
        }
    }

    /** Reads the topic at most every two seconds, however many ask. */
    private synchronized ObjectNode history() {
        ObjectNode known = history;
        if (known != null && System.nanoTime() - historyNanos < FRESH_NANOS) {
            return known;
        }
        ObjectNode fresh = Answers.JSON.createObjectNode().put("control", config.http().token().isPresent());
        ArrayNode all = fresh.putArray("snapshots");
        for (SnapshotReader.Past past : SnapshotReader.history(config)) {
            all.add(past.json());
        }
        historyNanos = System.nanoTime();
        history = fresh;
        return fresh;
    }

    private synchronized void forget() {
        history = null;
    }
}
