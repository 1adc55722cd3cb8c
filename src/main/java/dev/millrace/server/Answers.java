package dev.millrace.server;

import dev.millrace.learn.Label;
import dev.millrace.learn.RecordSchema;
import dev.millrace.stream.ServedModel;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What both protocols share: finding the model that is asked for, reading bodies, and asking it about rows. */
final class Answers {
    /** Decimal numbers are kept as they are written, so that one too large for a double is refused as what it is. */
    static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private final String name;
    private final Supplier<Optional<ServedModel>> newest;

    /** @param newest the model as of the newest snapshot; empty before there is one */
    Answers(String name, Supplier<Optional<ServedModel>> newest) {
        this.name = name;
        this.newest = newest;
    }

    /** Whether there is a model to ask. */
    boolean ready() {
        return newest.get().isPresent();
    }

    /**
     * The model of a request.
     *
     * @param version null for any; only the newest is there
     * @throws Refusal 404 for another model or version, 503 before the first snapshot
     */
    ServedModel model(String asked, @Nullable String version) {
        requireName(asked);
        ServedModel model = newest.get().orElseThrow(() -> new Refusal(503, "no_model", null,
                "Model " + name + " has no snapshot yet; try again when /v2/models/" + name + "/ready says so"));
        if (version != null && !version.equals(Long.toString(model.version()))) {
            throw new Refusal(404, "unknown_version", "version",
                    "found version " + version + ", served is only the newest: " + model.version());
        }
        return model;
    }

    /** @throws Refusal 404 for another model */
    void requireName(String asked) {
        if (!asked.equals(name)) {
            throw new Refusal(404, "unknown_model", "name", "found " + asked + ", served is " + name);
        }
    }

    /** @throws Refusal 400 unless it is a JSON object */
    static ObjectNode object(byte[] body) {
        JsonNode tree;
        try {
            tree = JSON.readTree(body);
        } catch (JacksonException e) {
            throw Refusal.badRequest("malformed", null, "The body is not JSON: " + e.getOriginalMessage());
        }
        if (tree instanceof ObjectNode object) {
            return object;
        }
        throw Refusal.badRequest("not_an_object", null, "The body must be a JSON object");
    }

    /**
     * Asks about rows.
     *
     * @param member of the request where the rows are, for errors
     * @throws Refusal 400 if a row cannot be answered
     */
    static List<float[]> ask(ServedModel model, ArrayNode rows, String member) {
        if (rows.isEmpty()) {
            throw Refusal.badRequest("wrong_width", member, "found no rows, at least one is needed");
        }
        return switch (model.answer(JSON.writeValueAsBytes(rows))) {
            case ServedModel.Answer.Outputs outputs -> outputs.rows();
            case ServedModel.Answer.Refused refused -> throw Refusal.badRequest(
                    refused.rejection().reason().name().toLowerCase(Locale.ROOT), member, refused.rejection().detail());
        };
    }

    /** The field of that name. A name that nobody reads is refused: it is most likely a slip, and the answer would not show it. */
    static RecordSchema.Field field(ServedModel model, String field, String member) {
        for (RecordSchema.Field known : model.learner().schema().fields()) {
            if (known.name().equals(field)) {
                return known;
            }
        }
        throw Refusal.badRequest("unknown_field", member + "." + field, "found a field " + field + ", allowed are "
                + model.learner().schema().fields().stream().map(RecordSchema.Field::name).toList());
    }

    /** The fields that make up a question: not the label, not the weight. */
    static List<RecordSchema.Field> inputs(ServedModel model) {
        Optional<String> weight = model.learner().spec().weight();
        return model.learner().schema().fields().stream()
                .filter(field -> !field.label() && !weight.equals(Optional.of(field.name()))).toList();
    }

    /** The classes; none for a regression. */
    static List<String> classes(ServedModel model) {
        return switch (model.learner().spec().label()) {
            case Label.Regression _ -> List.of();
            case Label.Classification classification -> classification.classes();
        };
    }

    static String best(List<String> classes, float[] probabilities) {
        int best = 0;
        for (int i = 1; i < probabilities.length; i++) {
            if (probabilities[i] > probabilities[best]) {
                best = i;
            }
        }
        return classes.get(best);
    }

    static ArrayNode numbers(float[] values) {
        ArrayNode array = JSON.createArrayNode();
        for (float value : values) {
            array.add(value);
        }
        return array;
    }
}
