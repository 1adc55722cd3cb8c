package dev.millrace.server;

import dev.millrace.stream.ServedModel;
import io.javalin.http.Context;
import tools.jackson.databind.node.ObjectNode;

/** How the server writes what it says. */
final class Replies {
    /** The header that tells which version answered, in every answer from a model. */
    static final String VERSION_HEADER = "Millrace-Version";

    private Replies() {
    }

    static void json(Context context, ServedModel from, ObjectNode reply) {
        context.header(VERSION_HEADER, Long.toString(from.version()));
        json(context, reply);
    }

    static void json(Context context, ObjectNode reply) {
        context.contentType("application/json").result(Answers.JSON.writeValueAsBytes(reply));
    }

    static void refusal(Context context, Refusal refusal) {
        ObjectNode reply = Answers.JSON.createObjectNode().put("error", refusal.getMessage()).put("reason", refusal.reason());
        if (refusal.field() != null) {
            reply.put("field", refusal.field());
        }
        context.status(refusal.status());
        json(context, reply);
    }
}
