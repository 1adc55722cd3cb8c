package dev.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.nn.Loss;
import dev.millrace.nn.Metric;
import dev.millrace.nn.TrainingSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model was compiled with to be measured survives every format, understood or not. */
class MetricsInFilesTest {
    @TempDir
    private Path directory;

    private static List<Metric> read(String json) {
        return MetricReader.read(JsonPlace.parse("metrics", json));
    }

    private static Metric only(String json) {
        assertThat(read(json)).hasSize(1);
        return read(json).getFirst();
    }

    @Test
    void readsHoweverKerasWroteThem() {
        Metric mae = new Metric.Mean("mae", new Loss.MeanAbsoluteError());
        assertThat(read("null")).isEmpty();
        assertThat(read("[]")).isEmpty();
        assertThat(read("[\"mae\", \"accuracy\"]")).containsExactly(mae, new Metric.Accuracy("accuracy"));
        assertThat(read("[[\"mae\"]]")).containsExactly(mae);
        assertThat(read("{\"dense_1\": [\"mae\"]}")).containsExactly(mae);
        assertThat(only("[{\"class_name\": \"function\", \"config\": \"mean_absolute_error\"}]"))
                .isEqualTo(new Metric.Mean("mean_absolute_error", new Loss.MeanAbsoluteError()));
        assertThat(only("[{\"class_name\": \"MeanMetricWrapper\", \"config\": {\"name\": \"mae\", \"dtype\": \"float32\", "
                + "\"fn\": \"mean_absolute_error\"}}]")).isEqualTo(mae);
        assertThat(only("[{\"module\": \"keras.metrics\", \"class_name\": \"BinaryAccuracy\", \"config\": {\"name\": \"b\", "
                + "\"threshold\": 0.7}, \"registered_name\": null}]")).isEqualTo(new Metric.BinaryAccuracy("b", 0.7f));
        assertThat(only("[{\"class_name\": \"TopKCategoricalAccuracy\", \"config\": {\"name\": \"top\", \"k\": 3}}]"))
                .isEqualTo(new Metric.TopKCategoricalAccuracy("top", 3));
        assertThat(only("[{\"class_name\": \"Precision\", \"config\": {\"name\": \"p\", \"thresholds\": [0.4], \"top_k\": null}}]"))
                .isEqualTo(new Metric.Precision("p", 0.4f));
    }

    @Test
    void readsTheAreaUnderAReceiversCurve() {
        assertThat(only("[{\"class_name\": \"AUC\", \"config\": {\"name\": \"auc\", \"num_thresholds\": 50, \"curve\": \"ROC\", "
                + "\"summation_method\": \"interpolation\", \"multi_label\": false, \"num_labels\": null, \"label_weights\": null, "
                + "\"from_logits\": false}}]")).isEqualTo(new Metric.Auc("auc", 50));
    }

    @Test
    void keepsWhatItDoesNotUnderstandWordForWord() {
        String auc = "{\"module\":\"keras.metrics\",\"class_name\":\"AUC\",\"config\":{\"name\":\"auc\",\"curve\":\"PR\"}}";
        assertThat(only("[" + auc + "]")).isEqualTo(new Metric.NotComputed("auc", auc));
        assertThat(only("[\"FBetaScore\"]")).isEqualTo(new Metric.NotComputed("FBetaScore", "\"FBetaScore\""));
        assertThat(only("[{\"class_name\": \"Accuracy\", \"config\": {\"name\": \"a\"}}]")).isInstanceOf(Metric.NotComputed.class);
        assertThat(only("[{\"class_name\": \"Recall\", \"config\": {\"name\": \"r\", \"class_id\": 2}}]"))
                .isInstanceOf(Metric.NotComputed.class);
    }

    @Test
    void everyFormatBringsThemBack() {
        List<Metric> metrics = List.of(new Metric.Accuracy("acc"), new Metric.Mean("mae", new Loss.MeanAbsoluteError()),
                new Metric.Mean("MSE", new Loss.MeanSquaredError()), new Metric.Mean("mean_squared_error", new Loss.MeanSquaredError()),
                new Metric.Mean("far", new Loss.LogCosh()), new Metric.RootMeanSquaredError("rmse"), new Metric.R2Score("r2_score"),
                new Metric.TopKCategoricalAccuracy("top_k_categorical_accuracy", 5), new Metric.BinaryAccuracy("b", 0.7f),
                new Metric.Precision("precision", 0.5f), new Metric.CosineSimilarity("cosine_similarity"),
                new Metric.Mean("ce", new Loss.CategoricalCrossentropy(true, 0.1f)),
                new Metric.Auc("auc", 200), new Metric.Auc("area", 50),
                new Metric.NotComputed("f", "{\"module\":\"keras.metrics\",\"class_name\":\"FBetaScore\",\"config\":{\"name\":\"f\"}}"));
        KerasModel model = RandomModels.ofKeras2(5);
        TrainingSpec training = model.training().orElseThrow().withMetrics(metrics, List.of(metrics.getFirst(), metrics.getLast()));
        KerasModel measured = new KerasModel(model.name(), model.network(), Optional.of(training), model.weights(), model.optimizer(),
                model.normalization(), model.metadata());
        Path before = directory.resolve("m.keras");
        ModelFiles.write(measured, before);
        for (String ending : List.of(".h5", ".safetensors", ".json", ".keras")) {
            Path after = directory.resolve("n" + ending);
            ModelFiles.write(Samples.read(before), after);
            assertThat(Samples.read(after).training()).as(ending).contains(training);
            before = ending.equals(".json") ? before : after;
        }
    }
}
