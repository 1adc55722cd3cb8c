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
    private static final String HELD = Bodies.class.getName();
    /** How many bytes of memory stand behind each of a body: measured, a parsed one takes 15, and answers take some too. */
    private static final int MEMORY_PER_BYTE = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final int largest;
    private final int most;
    private final Semaphore room;

    /** @param largest bytes of one body */
    Bodies(int largest) {
        this(largest, Runtime.getRuntime().maxMemory() / MEMORY_PER_BYTE);
    }

    /** @param most bytes of all that are held; at least one of the largest fits */
    Bodies(int largest, long most) {
        this.largest = largest;
        this.most = Math.clamp(most, largest, Integer.MAX_VALUE);
        this.room = new Semaphore(this.most, true);
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
            context.header("Retry-After", "1");
            throw new Refusal(503, "busy", null, "The bodies of other requests have the " + most + " bytes that there are; try again");
        }
        context.attribute(HELD, held);
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
