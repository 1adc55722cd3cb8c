package dev.millrace.server;

import org.jspecify.annotations.Nullable;

/** A request that is answered with an error: {@code {"error":…,"reason":…,"field":…}}. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String reason;
    private final @Nullable String field;

    /**
     * @param status of HTTP
     * @param reason one lower-case word for programs
     * @param field the member of the request it is about, such as {@code inputs.total_rooms}; null for none
     * @param message what was found and what is allowed
     */
    Refusal(int status, String reason, @Nullable String field, String message) {
        super(message, null, false, false);
        this.status = status;
        this.reason = reason;
        this.field = field;
    }

    static Refusal badRequest(String reason, @Nullable String field, String message) {
        return new Refusal(400, reason, field, message);
    }

    int status() {
        return status;
    }

    String reason() {
        return reason;
    }

    @Nullable
    String field() {
        return field;
    }
}
