package dev.millrace.nn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One recorded training run: network, loss, optimizer and what came of each step. To support more of Keras, extend
 * {@link #layer}, {@link #loss}, {@link #optimizer} and {@link #learningRate}; what they refuse with {@link Unsupported} is skipped
 * and named.
 */
final class GoldenCase {
    /** Says what a case needs that the network does not have. */
    static final class Unsupported extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unsupported(String what) {
            super(what);
        }
    }

    private static final Path RESOURCES = Path.of("src/test/resources/golden");

    final String id;
    final JsonNode json;

    private GoldenCase(JsonNode json) {
        this.id = json.get("id").asString();
        this.json = json;
    }

    /** The cases in the directory of the system property golden.dir, or else in the test resources. */
    static List<GoldenCase> all() {
        List<GoldenCase> cases = new ArrayList<>();
        for (JsonNode json : documents()) {
            if (json.isObject() && json.path("schema").asString("").equals("keras-golden/1")) {
                cases.add(new GoldenCase(json));
            }
        }
        return cases;
    }

    /** One of the other golden documents of the test resources, by name. */
    static JsonNode document(String name) {
        try {
            return JsonMapper.shared().readTree(Files.readString(RESOURCES.resolve(name)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<JsonNode> documents() {
        List<JsonNode> documents = new ArrayList<>();
        try (var files = Files.newDirectoryStream(directory(), "*.json")) {
            List<Path> paths = new ArrayList<>();
            files.forEach(paths::add);
            paths.sort(null);
            for (Path path : paths) {
                documents.add(JsonMapper.shared().readTree(Files.readString(path)));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return documents;
    }

    private static Path directory() {
        String property = System.getProperty("golden.dir", "");
        return property.isEmpty() ? RESOURCES : Path.of(property);
    }

    NetworkSpec network() {
        List<Layer> layers = new ArrayList<>();
        for (JsonNode layer : json.get("layers")) {
            layers.add(layer(layer, layers.size()));
        }
        return new NetworkSpec(json.get("input_dim").asInt(), layers);
    }

    private static Layer layer(JsonNode layer, int index) {
        String activation = layer.get("activation").asString();
        return new Dense("dense_" + index, layer.get("units").asInt(),
                Activation.of(activation).orElseThrow(() -> new Unsupported("activation " + activation)), layer.get("use_bias").asBoolean(),
                Initializer.ZEROS, Initializer.ZEROS, regularizer(layer.path("kernel_regularizer")),
                regularizer(layer.path("bias_regularizer")));
    }

    private static Regularizer regularizer(JsonNode node) {
        return new Regularizer((float) node.path("l1").asDouble(0), (float) node.path("l2").asDouble(0));
    }

    TrainingSpec training() {
        return new TrainingSpec(loss(), Loss.Reduction.valueOf(json.at("/loss/reduction").asString().toUpperCase(Locale.ROOT)),
                optimizer());
    }

    Loss loss() {
        String name = json.at("/loss/name").asString();
        JsonNode args = json.at("/loss/args");
        boolean fromLogits = args.path("from_logits").asBoolean(false);
        float labelSmoothing = (float) args.path("label_smoothing").asDouble(0);
        Loss loss = KerasNames.loss(name).orElseThrow(() -> new Unsupported("loss " + name));
        return switch (loss) {
            case Loss.Huber huber -> new Loss.Huber((float) args.path("delta").asDouble(huber.delta()));
            case Loss.BinaryCrossentropy _ -> new Loss.BinaryCrossentropy(fromLogits, labelSmoothing);
            case Loss.CategoricalCrossentropy _ -> new Loss.CategoricalCrossentropy(fromLogits, labelSmoothing);
            case Loss.SparseCategoricalCrossentropy _ -> new Loss.SparseCategoricalCrossentropy(fromLogits);
            case Loss.MeanSquaredError _,Loss.MeanAbsoluteError _ -> loss;
        };
    }

    private Optimizer optimizer() {
        String name = json.at("/optimizer/name").asString();
        JsonNode args = json.at("/optimizer/all_args");
        LearningRate rate = learningRate(args.get("learning_rate"));
        Clipping clipping = clipping(args);
        return switch (name) {
            case "SGD" -> new Optimizer.Sgd(rate, number(args, "momentum"), args.get("nesterov").asBoolean(), clipping);
            case "Adagrad" ->
                new Optimizer.Adagrad(rate, number(args, "initial_accumulator_value"), number(args, "epsilon"), clipping);
            case "RMSprop" -> new Optimizer.RmsProp(rate, number(args, "rho"), number(args, "momentum"), number(args, "epsilon"),
                    args.get("centered").asBoolean(), clipping);
            case "Adam" -> new Optimizer.Adam(rate, number(args, "beta_1"), number(args, "beta_2"), number(args, "epsilon"),
                    args.get("amsgrad").asBoolean(), clipping);
            default -> throw new Unsupported("optimizer " + name);
        };
    }

    private static float number(JsonNode args, String name) {
        return (float) args.get(name).asDouble();
    }

    private static LearningRate learningRate(JsonNode rate) {
        if (rate.isObject()) {
            throw new Unsupported("schedule " + rate.get("name").asString());
        }
        return new LearningRate.Constant((float) rate.asDouble());
    }

    private static Clipping clipping(JsonNode args) {
        if (args.has("clipnorm")) {
            return new Clipping(Clipping.Kind.NORM, number(args, "clipnorm"));
        }
        if (args.has("global_clipnorm")) {
            return new Clipping(Clipping.Kind.GLOBAL_NORM, number(args, "global_clipnorm"));
        }
        if (args.has("clipvalue")) {
            return new Clipping(Clipping.Kind.VALUE, number(args, "clipvalue"));
        }
        return Clipping.NONE;
    }
}
