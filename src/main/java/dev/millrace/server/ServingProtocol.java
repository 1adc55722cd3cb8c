package dev.millrace.server;

import dev.millrace.learn.RecordSchema;
import dev.millrace.stream.ServedModel;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The REST shape of TensorFlow Serving under {@code /v1/models/NAME}. Rows are records of the features topic: the model's own
 * features and scaler turn them into inputs. Source: TensorFlow Serving, RESTful API.
 */
final class ServingProtocol {
    private static final String SIGNATURE = "serving_default";

    private final Answers answers;
    private final Bodies bodies;

    ServingProtocol(Answers answers, Bodies bodies) {
        this.answers = answers;
        this.bodies = bodies;
    }

    void status(Context context) {
        ServedModel model = ModelPath.model(answers, context);
        ObjectNode version = Answers.JSON.createObjectNode().put("version", Long.toString(model.version())).put("state", "AVAILABLE");
        version.putObject("status").put("error_code", "OK").put("error_message", "");
        ObjectNode reply = Answers.JSON.createObjectNode();
        reply.putArray("model_version_status").add(version);
        Replies.json(context, model, reply);
    }

    void metadata(Context context) {
        ServedModel model = ModelPath.model(answers, context);
        ObjectNode reply = Answers.JSON.createObjectNode();
        reply.putObject("model_spec").put("name", model.name()).put("signature_name", "").put("version", Long.toString(model.version()));
        ObjectNode signature = reply.putObject("metadata").putObject("signature_def").putObject("signature_def").putObject(SIGNATURE);
        ObjectNode inputs = signature.putObject("inputs");
        for (RecordSchema.Field field : Answers.inputs(model)) {
            tensor(inputs, field.name(), field.number() ? "DT_FLOAT" : "DT_STRING", field.array() ? field.width() : 1);
        }
        ObjectNode outputs = signature.putObject("outputs");
        List<String> classes = Answers.classes(model);
        if (classes.isEmpty()) {
            tensor(outputs, "prediction", "DT_FLOAT", model.learner().spec().label().width());
        } else {
            tensor(outputs, "class", "DT_STRING", 1);
            tensor(outputs, "probabilities", "DT_FLOAT", classes.size());
        }
        signature.put("method_name", "tensorflow/serving/predict");
        Replies.json(context, model, reply);
    }

    private static void tensor(ObjectNode into, String name, String type, int width) {
        ObjectNode tensor = into.putObject(name).put("dtype", type).put("name", name);
        ArrayNode dimensions = tensor.putObject("tensor_shape").putArray("dim");
        dimensions.addObject().put("size", "-1").put("name", "");
        dimensions.addObject().put("size", Integer.toString(width)).put("name", "");
    }

    void predict(Context context) throws InterruptedException {
        ServedModel model = ModelPath.model(answers, context);
        ObjectNode body = Answers.object(bodies.read(context));
        JsonNode signature = body.path("signature_name");
        if (!signature.isMissingNode() && !signature.equals(Answers.JSON.getNodeFactory().stringNode(SIGNATURE))) {
            throw Refusal.badRequest("unknown_signature", "signature_name", "found " + signature + ", allowed is \"" + SIGNATURE + '"');
        }
        if (body.has("instances") == body.has("inputs")) {
            throw Refusal.badRequest("malformed", "instances", "needed is exactly one of instances and inputs");
        }
        ObjectNode reply = Answers.JSON.createObjectNode().put("model", model.name()).put("version", model.version());
        if (body.has("instances")) {
            List<float[]> rows = Answers.ask(model, instances(model, body.path("instances"), "instances"), "instances");
            reply.set("predictions", byRow(Answers.classes(model), rows));
        } else {
            JsonNode inputs = body.path("inputs");
            ArrayNode asked = inputs instanceof ObjectNode columns ? transposed(model, columns) : instances(model, inputs, "inputs");
            reply.set("outputs", byColumn(Answers.classes(model), Answers.ask(model, asked, "inputs")));
        }
        Replies.json(context, model, reply);
    }

    private static ArrayNode instances(ServedModel model, JsonNode instances, String member) {
        if (!(instances instanceof ArrayNode rows)) {
            throw Refusal.badRequest("wrong_type", member, "needed is an array of rows");
        }
        for (int i = 0; i < rows.size(); i++) {
            String row = member + "[" + i + "]";
            rows.get(i).propertyNames().forEach(name -> Answers.field(model, name, row));
        }
        return rows;
    }

    private static ArrayNode transposed(ServedModel model, ObjectNode columns) {
        ArrayNode rows = Answers.JSON.createArrayNode();
        boolean first = true;
        for (Map.Entry<String, JsonNode> column : columns.properties()) {
            RecordSchema.Field field = Answers.field(model, column.getKey(), "inputs");
            if (!(column.getValue() instanceof ArrayNode values)) {
                throw Refusal.badRequest("wrong_type", "inputs." + field.name(), "needed is an array with one value for each row");
            }
            for (int i = 0; first && i < values.size(); i++) {
                rows.addObject();
            }
            first = false;
            if (values.size() != rows.size()) {
                throw Refusal.badRequest("wrong_width", "inputs." + field.name(),
                        "found " + values.size() + " values, and " + rows.size() + " before; all columns need as many");
            }
            for (int i = 0; i < values.size(); i++) {
                JsonNode value = values.get(i);
                boolean boxed = !field.array() && value.isArray() && value.size() == 1; // of a tensor of shape [n, 1]
                ((ObjectNode) rows.get(i)).set(field.name(), boxed ? value.get(0) : value);
            }
        }
        return rows;
    }

    private static ArrayNode byRow(List<String> classes, List<float[]> answers) {
        ArrayNode rows = Answers.JSON.createArrayNode();
        for (float[] answer : answers) {
            if (classes.isEmpty()) {
                rows.add(Answers.numbers(answer));
            } else {
                rows.addObject().put("class", Answers.best(classes, answer)).set("probabilities", Answers.numbers(answer));
            }
        }
        return rows;
    }

    private static JsonNode byColumn(List<String> classes, List<float[]> answers) {
        ArrayNode values = Answers.JSON.createArrayNode();
        answers.forEach(answer -> values.add(Answers.numbers(answer)));
        if (classes.isEmpty()) {
            return values;
        }
        ObjectNode columns = Answers.JSON.createObjectNode();
        ArrayNode best = columns.putArray("class");
        answers.forEach(answer -> best.add(Answers.best(classes, answer)));
        columns.set("probabilities", values);
        return columns;
    }
}
