package dev.millrace.server.page;

import dev.millrace.stream.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a process has done since its start, in at most {@link #MOST} moments: when they are full, every second one is dropped, and
 * from then on half as many are kept. Totals are kept, not rates, so that what is dropped changes no average. For one thread,
 * but for {@link #document}.
 */
final class History {
    static final int MOST = 1200;

    private record Moment(long atMillis, Progress progress, OptionalLong lag) {
    }

    private final List<Moment> moments = new ArrayList<>();
    private int every = 1;
    private long offered;

    /** Keeps a moment, or not. */
    synchronized void add(long atMillis, Progress progress, OptionalLong lag) {
        if (offered++ % every != 0) {
            return;
        }
        moments.add(new Moment(atMillis, progress, lag));
        if (moments.size() == MOST) {
            for (int i = MOST / 2; i > 0; i--) {
                moments.remove(2 * i - 1);
            }
            every *= 2;
        }
    }

    /** The event {@code history}: columns of equal length. */
    synchronized ObjectNode document() {
        ObjectNode json = Json.object();
        ArrayNode at = json.putArray("at");
        ArrayNode learned = json.putArray("learned");
        ArrayNode answered = json.putArray("answered");
        ArrayNode lag = json.putArray("lag");
        TreeSet<String> names = new TreeSet<>();
        for (Moment moment : moments) {
            at.add(moment.atMillis);
            learned.add(moment.progress.labelled());
            answered.add(moment.progress.predictions());
            Json.add(lag, moment.lag.isPresent() ? moment.lag.getAsLong() : Double.NaN);
            names.addAll(moment.progress.figures().keySet());
        }
        ObjectNode figures = json.putObject("figures");
        for (String name : names) {
            ArrayNode column = figures.putArray(name);
            moments.forEach(moment -> Json.add(column, moment.progress.figures().getOrDefault(name, Double.NaN)));
        }
        return json;
    }
}
