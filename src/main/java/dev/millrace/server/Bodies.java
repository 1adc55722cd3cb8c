package dev.millrace.server;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bodies of requests. One has a largest size, and all that are held at a time have one too, because a short number takes
 * many times its length once it is parsed: requests beyond that wait a moment, and are then told to try again.
 */
final class Bodies {
    /** Bytes of a body that is read before its request is handled. */
    static final int SHORT = 16 << 10;

    private static final String HELD = Bodies.class.getName();
    /** How many bytes of memory stand behind each of a body: a short number takes about 15 times its text in a tree, and its answer some more. */
    private static final int MEMORY_PER_BYTE = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final int largest;
    private final int most;
    private final Semaphore room;
    private final Semaphore uploads;

    /**
     * Without any yet.
     *
     * @param largest bytes of one body
     * @param uploads that are not {@linkplain #SHORT short} and may be read at a time: each has a thread
     */
    Bodies(int largest, int uploads) {
        this.largest = largest;
        this.most = Math.clamp(Runtime.getRuntime().maxMemory() / MEMORY_PER_BYTE, largest, Integer.MAX_VALUE);
        this.room = new Semaphore(most, true);
        this.uploads = new Semaphore(uploads, true);
    }

    /**
     * Reads the body of a request. It counts as held until the request {@linkplain #leave ends}.
     *
     * @throws Refusal 413 if it is too large, 503 if too many are held, 408 if not all of it comes
     */
    byte[] read(Context context) throws InterruptedException {
        long told = context.req().getContentLengthLong();
        if (told > largest) {
            throw tooLarge();
        }
        int held = told < 0 ? largest : (int) told;
        if (!room.tryAcquire(held, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw busy(context, "The bodies of other requests have the " + most + " bytes that there are; try again");
        }
        context.attribute(HELD, held);
        if (held <= SHORT) {
            return upload(context);
        }
        if (!uploads.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw busy(context, "Too many large bodies are on their way; try again");
        }
        try {
            return upload(context);
        } finally {
            uploads.release();
        }
    }

    private static Refusal busy(Context context, String message) {
        context.header("Retry-After", "1");
        return new Refusal(503, "busy", null, message);
    }

    private byte[] upload(Context context) {
        try {
            InputStream in = context.req().getInputStream();
            byte[] body = in.readNBytes(largest);
            if (body.length == largest && in.read() >= 0) {
                throw tooLarge();
            }
            return body;
        } catch (IOException e) {
            throw new Refusal(408, "incomplete", null, "The body did not come to its end: " + e.getMessage());
        }
    }

    /** At the end of every request. */
    void leave(Context context) {
        @Nullable
        Integer held = context.attribute(HELD);
        if (held != null) {
            context.attribute(HELD, null);
            room.release(held);
        }
    }

    private Refusal tooLarge() {
        return new Refusal(413, "too_large", null, "The body is larger than the " + largest + " bytes of http: max_body");
    }
}
