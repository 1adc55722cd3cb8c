package dev.millrace.server;

import dev.millrace.stream.ServedModel;
import io.javalin.http.Context;

/** The model that a request's path names. */
final class ModelPath {
    private ModelPath() {
    }

    /** @throws Refusal if it is not there */
    static ServedModel model(Answers answers, Context context) {
        return answers.model(context.pathParam("name"), context.pathParamMap().get("version"));
    }
}
