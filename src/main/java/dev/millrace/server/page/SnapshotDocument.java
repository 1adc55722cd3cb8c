package dev.millrace.server.page;

import dev.millrace.learn.Evaluation;
import dev.millrace.learn.Histogram;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.stream.ServedModel;
import dev.millrace.stream.SnapshotPlace;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The event {@code snapshot}: the weights that answer over HTTP, how they are spread, and a few of them to draw. */
final class SnapshotDocument {
    static final int BINS = 32;
    /** Values of a variable that are counted; more would not change the picture. */
    private static final int COUNTED = 1 << 17;
    /** Units of a layer that are drawn. */
    private static final int DRAWN = 8;

    private SnapshotDocument() {
    }

    static ObjectNode of(ServedModel model, Optional<SnapshotPlace> place) {
        OnlineLearner learner = model.learner();
        ObjectNode json = Json.object().put("version", model.version()).put("learned", learner.labelled());
        place.ifPresent(found -> {
            json.put("at", found.atMillis()).put("bytes", found.bytes());
            ObjectNode offsets = json.putObject("offsets");
            new TreeMap<>(found.sourceOffsets()).forEach(offsets::put);
        });
        Json.put(json, "loss", learner.loss());
        Json.put(json, "gradient_norm", learner.gradientNorm());
        Json.put(json, "weight_norm", learner.weightNorm());
        Verdict verdict = Verdict.of(learner.spec().label(), learner.evaluation().figures(Evaluation.Span.WINDOW));
        Json.put(json, "error", verdict.error());
        ParameterLayout layout = learner.network().layout();
        float[] parameters = learner.state().training().parameters();
        ArrayNode variables = json.putArray("variables");
        for (ParameterLayout.Variable variable : layout.variables()) {
            float[] values = layout.sample(parameters, variable, COUNTED);
            ObjectNode one = variables.addObject().put("name", variable.name()).put("size", variable.size());
            one.set("weights", Json.histogram(Histogram.of(values, 0, 1, BINS)));
            if (!variable.vector()) {
                one.set("drawn", corner(layout, parameters, variable));
            }
        }
        return json;
    }

    /** The weights between the units that are drawn, {@code [input][unit]}. */
    private static ArrayNode corner(ParameterLayout layout, float[] parameters, ParameterLayout.Variable kernel) {
        ArrayNode rows = Json.MAPPER.createArrayNode();
        for (int row = 0; row < Math.min(DRAWN, kernel.rows()); row++) {
            ArrayNode columns = rows.addArray();
            for (int column = 0; column < Math.min(DRAWN, kernel.columns()); column++) {
                Json.add(columns, layout.value(parameters, kernel, row, column));
            }
        }
        return rows;
    }
}
