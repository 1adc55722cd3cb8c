package dev.millrace.server.page;

import dev.millrace.learn.Histogram;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Observation;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.stream.LearnerWatch;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The event {@code sight}: what the learner of this process has tested and read lately, and its last gradients. */
final class SightDocument {
    private static final int BINS = 24;
    /** Inputs whose spread is shown. */
    private static final int MOST_INPUTS = 32;
    /** Classes in the matrix of confusion; of the others nothing is shown. */
    private static final int MOST_CLASSES = 20;

    private SightDocument() {
    }

    static ObjectNode of(LearnerWatch.Sight sight, LearnerSpec spec, List<ParameterLayout.Variable> variables) {
        Observation seen = sight.observation();
        ObjectNode json = Json.object().put("version", seen.version()).put("learned", seen.labelled());
        switch (spec.label()) {
            case Label.Regression _ -> {
                json.set("answers", Json.numbers(seen.answers()));
                json.set("truths", Json.numbers(seen.truths()));
            }
            case Label.Classification classification -> confusion(json, seen, classification.classes());
        }
        inputs(json, seen, ModelDocument.columns(spec));
        ArrayNode gradients = json.putArray("gradients");
        for (int i = 0; i < variables.size(); i++) {
            ObjectNode one = gradients.addObject().put("name", variables.get(i).name());
            one.set("gradients", Json.histogram(Histogram.of(seen.gradients().get(i), 0, 1, BINS)));
        }
        json.set("record", Json.MAPPER.valueToTree(sight.record()));
        return json;
    }

    /** Counts, {@code [truth][answer]}. */
    private static void confusion(ObjectNode json, Observation seen, List<String> classes) {
        int shown = Math.min(classes.size(), MOST_CLASSES);
        int[][] counts = new int[shown][shown];
        for (int i = 0; i < seen.truths().length; i++) {
            int truth = (int) seen.truths()[i];
            int answer = (int) seen.answers()[i];
            if (truth < shown && answer < shown) {
                counts[truth][answer]++;
            }
        }
        ObjectNode matrix = json.putObject("confusion");
        ArrayNode names = matrix.putArray("classes");
        classes.subList(0, shown).forEach(names::add);
        matrix.put("left_out", classes.size() - shown);
        matrix.set("counts", Json.MAPPER.valueToTree(counts));
    }

    private static void inputs(ObjectNode json, Observation seen, List<String> columns) {
        int width = columns.size();
        ArrayNode inputs = json.putArray("inputs");
        for (int i = 0; i < Math.min(width, MOST_INPUTS); i++) {
            Histogram histogram = Histogram.of(seen.features(), i, width, BINS);
            inputs.addObject().put("name", columns.get(i)).put("missing", seen.features().length / width - histogram.count())
                    .set("values", Json.histogram(histogram));
        }
        json.put("inputs_left_out", width - inputs.size());
    }
}
