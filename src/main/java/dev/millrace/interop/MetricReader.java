package dev.millrace.interop;

import dev.millrace.nn.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The metrics a model was compiled with: identifiers, objects, or, as a model with one output may have them, these in a list or under
 * the output's name. What is not understood is kept word for word.
 */
final class MetricReader {
    private MetricReader() {
    }

    static List<Metric> read(JsonPlace value) {
        List<Metric> metrics = new ArrayList<>();
        collect(value, metrics);
        return metrics;
    }

    private static void collect(JsonPlace value, List<Metric> metrics) {
        if (!value.given()) {
            return;
        }
        if (value.node().isArray()) {
            value.elements().forEach(element -> collect(element, metrics));
        } else if (value.isText()) {
            metrics.add(Metric.of(value.text()).orElseGet(() -> unknown(value.text(), value)));
        } else if (value.node().isObject() && !value.get("class_name").given()) {
            value.node().propertyNames().forEach(output -> collect(value.get(output), metrics));
        } else {
            metrics.add(object(value.object()));
        }
    }

    private static Metric object(JsonPlace value) {
        String className = value.get("class_name").text();
        JsonPlace config = value.get("config");
        if (className.equals("function")) { // Keras 3 gives the function's name for a configuration
            return config.isText() ? Metric.of(config.text()).orElseGet(() -> unknown(config.text(), value)) : unknown(className, value);
        }
        String name = config.get("name").optionalText().orElse(className);
        // Keras 2 wraps functions; its name says which.
        String identifier = className.equals("MeanMetricWrapper") ? config.get("fn").optionalText().orElse("") : className;
        try {
            return Metric.of(identifier, name).flatMap(keras -> arguments(keras, config)).orElseGet(() -> unknown(name, value));
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(value.path(), String.valueOf(e.getMessage()), e);
        }
    }

    private static Metric unknown(String name, JsonPlace value) {
        return new Metric.NotComputed(name, value.node().toString());
    }

    /** Nothing if there are arguments that would have to be understood. */
    private static Optional<Metric> arguments(Metric keras, JsonPlace config) {
        return switch (keras) {
            case Metric.BinaryAccuracy m -> Optional.of(new Metric.BinaryAccuracy(m.name(), config.get("threshold").number(m.threshold())));
            case Metric.Precision m -> threshold(config).map(threshold -> new Metric.Precision(m.name(), threshold));
            case Metric.Recall m -> threshold(config).map(threshold -> new Metric.Recall(m.name(), threshold));
            case Metric.TopKCategoricalAccuracy m -> Optional.of(new Metric.TopKCategoricalAccuracy(m.name(), k(config, m.k())));
            case Metric.SparseTopKCategoricalAccuracy m ->
                Optional.of(new Metric.SparseTopKCategoricalAccuracy(m.name(), k(config, m.k())));
            case Metric.Auc m -> plainArea(config).map(count -> new Metric.Auc(m.name(), count));
            case Metric.Mean m -> Optional.of(new Metric.Mean(m.name(), CompileConfigReader.arguments(m.loss(), config)));
            case Metric.R2Score _ -> Optional.of(keras).filter(_ -> config.get("class_aggregation").optionalText()
                    .orElse("uniform_average").equals("uniform_average") && config.get("num_regressors").number(0f) == 0);
            case Metric.Accuracy _,Metric.Crossentropy _,Metric.NotComputed _ -> Optional.empty();
            case Metric.CategoricalAccuracy _,Metric.SparseCategoricalAccuracy _,Metric.CosineSimilarity _ -> Optional.of(keras);
            case Metric.RootMeanSquaredError _ -> Optional.of(keras);
        };
    }

    /** One threshold for all outputs; Keras can also have several, or one output only. */
    private static Optional<Float> threshold(JsonPlace config) {
        JsonPlace thresholds = config.get("thresholds");
        JsonPlace only = thresholds.node().isArray() && thresholds.node().size() == 1 ? thresholds.get(0) : thresholds;
        boolean understood = !config.get("top_k").given() && !config.get("class_id").given() && !only.node().isArray();
        return understood ? Optional.of(only.number(0.5f)) : Optional.empty();
    }

    /** The number of thresholds of an area under a receiver's curve; Keras can do others, of which nothing is understood here. */
    private static Optional<Integer> plainArea(JsonPlace config) {
        boolean plain = config.get("curve").optionalText().orElse("ROC").equals("ROC")
                && config.get("summation_method").optionalText().orElse("interpolation").equals("interpolation")
                && !config.get("multi_label").truth(false) && !config.get("from_logits").truth(false)
                && !config.get("thresholds").given() && !config.get("label_weights").given();
        JsonPlace count = config.get("num_thresholds");
        return plain ? Optional.of(count.given() ? count.integer(2, 1_000_000) : 200) : Optional.empty();
    }

    private static int k(JsonPlace config, int keras) {
        return config.get("k").given() ? config.get("k").integer(1, Integer.MAX_VALUE) : keras;
    }
}
