package dev.millrace.server;

import dev.millrace.learn.RecordSchema;
import dev.millrace.stream.ServedModel;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Open Inference Protocol under {@code /v2/models/NAME}, JSON only. A request has a tensor for each field, named like it, of
 * shape {@code [rows]} or {@code [rows, width]}; or one tensor of another name with the fields' values in their order.
 */
final class InferenceProtocol {
    private static final Set<String> TYPES = Set.of("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
            "FP16", "FP32", "FP64", "BYTES");

    private final Answers answers;
    private final Bodies bodies;

    InferenceProtocol(Answers answers, Bodies bodies) {
        this.answers = answers;
        this.bodies = bodies;
    }

    /** One tensor of a request; {@code data} is flat. */
    private record Tensor(String name, int rows, int width, List<JsonNode> data) {
    }

    void ready(Context context) {
        answers.requireName(context.pathParam("name"));
        boolean ready = answers.ready();
        context.status(ready ? 200 : 503);
        Replies.json(context, Answers.JSON.createObjectNode().put("name", context.pathParam("name")).put("ready", ready));
    }

    void metadata(Context context) {
        ServedModel model = ModelPath.model(answers, context);
        ObjectNode reply = Answers.JSON.createObjectNode().put("name", model.name());
        reply.putArray("versions").add(Long.toString(model.version()));
        reply.put("platform", "millrace");
        ArrayNode inputs = reply.putArray("inputs");
        for (RecordSchema.Field field : Answers.inputs(model)) {
            describe(inputs, field.name(), field.number() ? "FP32" : "BYTES", field.array() ? field.width() : 1);
        }
        ArrayNode outputs = reply.putArray("outputs");
        List<String> classes = Answers.classes(model);
        if (classes.isEmpty()) {
            describe(outputs, "prediction", "FP32", model.learner().spec().label().width());
        } else {
            describe(outputs, "class", "BYTES", 1);
            describe(outputs, "probabilities", "FP32", classes.size());
        }
        Replies.json(context, model, reply);
    }

    private static void describe(ArrayNode into, String name, String type, int width) {
        into.addObject().put("name", name).put("datatype", type).putArray("shape").add(-1).add(width);
    }

    void infer(Context context) throws InterruptedException {
        ServedModel model = ModelPath.model(answers, context);
        ObjectNode body = Answers.object(bodies.read(context));
        List<float[]> rows = Answers.ask(model, rows(model, body.path("inputs")), "inputs");
        ObjectNode reply = Answers.JSON.createObjectNode().put("model_name", model.name())
                .put("model_version", Long.toString(model.version()));
        if (body.has("id")) {
            reply.set("id", body.path("id"));
        }
        ArrayNode outputs = reply.putArray("outputs");
        List<String> classes = Answers.classes(model);
        ArrayNode numbers = Answers.JSON.createArrayNode();
        rows.forEach(row -> numbers.addAll(Answers.numbers(row)));
        int width = rows.getFirst().length;
        if (classes.isEmpty()) {
            output(outputs, "prediction", "FP32", rows.size(), width).set("data", numbers);
        } else {
            ArrayNode best = Answers.JSON.createArrayNode();
            rows.forEach(row -> best.add(Answers.best(classes, row)));
            output(outputs, "class", "BYTES", rows.size(), 1).set("data", best);
            output(outputs, "probabilities", "FP32", rows.size(), width).set("data", numbers);
        }
        Replies.json(context, model, reply);
    }

    private static ObjectNode output(ArrayNode into, String name, String type, int rows, int width) {
        ObjectNode tensor = into.addObject().put("name", name).put("datatype", type);
        tensor.putArray("shape").add(rows).add(width);
        return tensor;
    }

    private static ArrayNode rows(ServedModel model, JsonNode inputs) {
        if (!(inputs instanceof ArrayNode array) || array.isEmpty()) {
            throw Refusal.badRequest("wrong_type", "inputs", "needed is an array of at least one tensor");
        }
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            tensors.add(tensor(array.get(i), "inputs[" + i + "]"));
        }
        Tensor first = tensors.getFirst();
        boolean named = model.learner().schema().fields().stream().anyMatch(field -> field.name().equals(first.name));
        if (tensors.size() == 1 && !named) {
            return rowsOf(first);
        }
        ArrayNode rows = Answers.JSON.createArrayNode();
        for (int row = 0; row < first.rows; row++) {
            rows.addObject();
        }
        for (Tensor tensor : tensors) {
            put(model, tensor, rows);
        }
        return rows;
    }

    private static ArrayNode rowsOf(Tensor tensor) {
        ArrayNode rows = Answers.JSON.createArrayNode();
        for (int row = 0; row < tensor.rows; row++) {
            rows.addArray().addAll(tensor.data.subList(row * tensor.width, (row + 1) * tensor.width));
        }
        return rows;
    }

    private static void put(ServedModel model, Tensor tensor, ArrayNode rows) {
        RecordSchema.Field field = Answers.field(model, tensor.name, "inputs");
        int width = field.array() ? field.width() : 1;
        if (tensor.rows != rows.size() || tensor.width != width) {
            throw Refusal.badRequest("wrong_width", "inputs." + tensor.name, "found shape [" + tensor.rows + ", " + tensor.width
                    + "], needed is [" + rows.size() + ", " + width + "]");
        }
        for (int row = 0; row < tensor.rows; row++) {
            ObjectNode into = (ObjectNode) rows.get(row);
            if (field.array()) {
                into.putArray(tensor.name).addAll(tensor.data.subList(row * width, (row + 1) * width));
            } else {
                into.set(tensor.name, tensor.data.get(row));
            }
        }
    }

    private static Tensor tensor(JsonNode json, String place) {
        if (!json.path("name").isString()) {
            throw Refusal.badRequest("wrong_type", place + ".name", "needed is a text");
        }
        if (!json.path("datatype").isString() || !TYPES.contains(json.path("datatype").stringValue())) {
            throw Refusal.badRequest("wrong_type", place + ".datatype", "found " + json.path("datatype") + ", allowed are " + TYPES);
        }
        List<JsonNode> data = new ArrayList<>();
        flatten(json.path("data"), data);
        JsonNode shape = json.path("shape");
        long rows = 0;
        long width = 1;
        for (int i = 0; i < shape.size(); i++) {
            JsonNode size = shape.get(i);
            if (!size.isInt() || size.intValue() < 1) {
                throw Refusal.badRequest("wrong_type", place + ".shape", "found " + shape + ", needed are integers from 1");
            }
            rows = i == 0 ? size.intValue() : rows;
            width = i == 0 ? width : Math.min(width * size.intValue(), Integer.MAX_VALUE);
        }
        if (!shape.isArray() || rows * width != data.size() || data.isEmpty()) {
            throw Refusal.badRequest("wrong_width", place + ".shape",
                    "found shape " + shape + " and " + data.size() + " values in data; the shape's product must be their number, from 1");
        }
        return new Tensor(json.path("name").stringValue(), (int) rows, (int) width, data);
    }

    private static void flatten(JsonNode data, List<JsonNode> into) {
        if (data instanceof ArrayNode array) {
            array.forEach(element -> flatten(element, into));
        } else if (!data.isMissingNode()) {
            into.add(data);
        }
    }
}
