package dev.millrace.server.page;

import dev.millrace.learn.Label;
import dev.millrace.stream.Progress;
import java.util.OptionalLong;
import tools.jackson.databind.node.ObjectNode;

/** The event {@code progress}, once a second: counts of this process, and the figures over the fading window. */
final class ProgressDocument {
    private ProgressDocument() {
    }

    static ObjectNode of(long atMillis, boolean ready, Progress progress, OptionalLong lag, Label label) {
        ObjectNode json = Json.object().put("at", atMillis).put("ready", ready).put("version", progress.version())
                .put("learned", progress.labelled()).put("answered", progress.predictions()).put("refused", progress.deadLetters());
        Json.put(json, "lag", lag.isPresent() ? lag.getAsLong() : Double.NaN);
        ObjectNode figures = json.putObject("figures");
        progress.figures().forEach((name, value) -> Json.put(figures, name, value));
        Verdict verdict = Verdict.of(label, progress.figures());
        ObjectNode told = json.putObject("verdict").put("figure", verdict.figure()).put("baseline", verdict.baseline());
        Json.put(told, "error", verdict.error());
        Json.put(told, "baseline_error", verdict.baselineError());
        return json;
    }
}
