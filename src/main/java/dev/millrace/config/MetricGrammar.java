package dev.millrace.config;

import dev.millrace.nn.Loss;
import dev.millrace.nn.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The lists {@code training.metrics} and {@code training.weighted_metrics}: Keras's identifiers, or maps with a {@code name} and
 * arguments. The figures of the stream are reported anyway, so two that Keras does not have may stand there without effect.
 */
final class MetricGrammar {
    private static final List<String> FIGURES = List.of("log_loss", "kappa");
    private static final String ALLOWED = "a metric of Keras such as mae, mse, rmse, r2_score, mape, msle, log_cosh, poisson, "
            + "kl_divergence, cosine_similarity, hinge, squared_hinge, categorical_hinge, accuracy, binary_accuracy, "
            + "categorical_accuracy, sparse_categorical_accuracy, top_k_categorical_accuracy, sparse_top_k_categorical_accuracy, "
            + "crossentropy, binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy, precision, recall, auc";
    private static final String DEFINITION = "definition";

    private MetricGrammar() {
    }

    /** @param fallback if there is no list */
    static List<Metric> read(Value list, List<Metric> fallback) {
        if (!list.given()) {
            return fallback;
        }
        List<Metric> metrics = new ArrayList<>();
        for (Value element : list.elements("a list of metrics: " + ALLOWED)) {
            if (!element.isText() && !element.isMap()) {
                element.refuse(ALLOWED);
            } else if (!(element.isText() && FIGURES.contains(LayerGrammar.snakeCase(element.node().stringValue())))) {
                metric(element).ifPresent(metrics::add);
            }
        }
        return metrics;
    }

    private static Optional<Metric> metric(Value value) {
        Section map = value.named();
        Value nameValue = map.get("name");
        String name = nameValue.text(ALLOWED).orElse("");
        if (map.has(DEFINITION)) { // what a file had and a snapshot keeps
            return definition(map.get(DEFINITION)).map(definition -> new Metric.NotComputed(name, definition));
        }
        String identifier = map.get("metric").text(ALLOWED).orElse(name);
        Optional<Metric> keras = Metric.of(LayerGrammar.snakeCase(identifier), name).or(() -> Metric.of(identifier, name));
        if (keras.isEmpty()) {
            if (!identifier.isBlank() || !nameValue.given()) {
                nameValue.refuse(ALLOWED);
            }
            return keras;
        }
        Metric metric = withArguments(keras.get(), map);
        map.refuseUnknownKeys();
        return Optional.of(metric);
    }

    private static Optional<String> definition(Value value) {
        Optional<String> text = value.text("the JSON of a metric");
        try {
            text.ifPresent(JsonMapper.shared()::readTree);
            return text;
        } catch (JacksonException e) {
            value.refuse("the JSON of a metric");
            return Optional.empty();
        }
    }

    private static Metric withArguments(Metric metric, Section map) {
        Range threshold = Range.ANY;
        return switch (metric) {
            case Metric.BinaryAccuracy m -> new Metric.BinaryAccuracy(m.name(), map.get("threshold").number(threshold, m.threshold()));
            case Metric.Precision m -> new Metric.Precision(m.name(), map.get("threshold").number(threshold, m.threshold()));
            case Metric.Recall m -> new Metric.Recall(m.name(), map.get("threshold").number(threshold, m.threshold()));
            case Metric.TopKCategoricalAccuracy m -> new Metric.TopKCategoricalAccuracy(m.name(), k(map, m.k()));
            case Metric.SparseTopKCategoricalAccuracy m -> new Metric.SparseTopKCategoricalAccuracy(m.name(), k(map, m.k()));
            case Metric.Auc m ->
                new Metric.Auc(m.name(), map.get("num_thresholds").integer(Range.between(2, 1_000_000), m.numThresholds()));
            case Metric.Mean m -> new Metric.Mean(m.name(), TrainingGrammar.arguments(m.loss(), map, false));
            case Metric.Accuracy _,Metric.Crossentropy _,Metric.CategoricalAccuracy _,Metric.SparseCategoricalAccuracy _ -> metric;
            case Metric.CosineSimilarity _,Metric.RootMeanSquaredError _,Metric.R2Score _,Metric.NotComputed _ -> metric;
        };
    }

    private static int k(Section map, int keras) {
        return map.get("k").integer(Range.between(1, Integer.MAX_VALUE), keras);
    }

    static ArrayNode write(List<Metric> metrics) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        metrics.forEach(metric -> list.add(write(metric)));
        return list;
    }

    private static JsonNode write(Metric metric) {
        if (Metric.of(metric.name()).filter(metric::equals).isPresent()) {
            return JsonNodeFactory.instance.stringNode(metric.name());
        }
        ObjectNode map = JsonNodeFactory.instance.objectNode().put("name", metric.name());
        return switch (metric) {
            case Metric.NotComputed m -> map.put(DEFINITION, m.definition());
            case Metric.Accuracy _,Metric.Crossentropy _ -> throw new IllegalStateException(metric.name() + " is its identifier");
            case Metric.BinaryAccuracy m -> map.put("metric", "binary_accuracy").put("threshold", m.threshold());
            case Metric.CategoricalAccuracy _ -> map.put("metric", "categorical_accuracy");
            case Metric.SparseCategoricalAccuracy _ -> map.put("metric", "sparse_categorical_accuracy");
            case Metric.TopKCategoricalAccuracy m -> map.put("metric", "top_k_categorical_accuracy").put("k", m.k());
            case Metric.SparseTopKCategoricalAccuracy m -> map.put("metric", "sparse_top_k_categorical_accuracy").put("k", m.k());
            case Metric.Precision m -> map.put("metric", "precision").put("threshold", m.threshold());
            case Metric.Recall m -> map.put("metric", "recall").put("threshold", m.threshold());
            case Metric.Auc m -> map.put("metric", "auc").put("num_thresholds", m.numThresholds());
            case Metric.CosineSimilarity _ -> map.put("metric", "cosine_similarity");
            case Metric.RootMeanSquaredError _ -> map.put("metric", "root_mean_squared_error");
            case Metric.R2Score _ -> map.put("metric", "r2_score");
            case Metric.Mean m -> mean(m.loss(), map);
        };
    }

    /** The arguments of a loss are those of its metric. */
    private static ObjectNode mean(Loss loss, ObjectNode map) {
        map.put("metric", loss.kerasName());
        TrainingGrammar.write(loss).properties().stream().filter(entry -> !entry.getKey().equals("name"))
                .forEach(entry -> map.set(entry.getKey(), entry.getValue()));
        return map;
    }
}
