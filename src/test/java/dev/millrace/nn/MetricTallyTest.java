package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Metrics against their definitions, written down once more in double, and against recorded ones. */
class MetricTallyTest {
    private static final int N = 41;
    private static final int WIDTH = 4;

    /** Rows that look like probabilities, targets with one 1, and weights with zeros among them. */
    private final float[] p = new float[N * WIDTH];
    private final float[] y = new float[N * WIDTH];
    private final float[] weights = new float[N];
    private final float[] classes = new float[N];

    MetricTallyTest() {
        RandomStream random = new RandomStream(7, 7);
        for (int i = 0; i < N; i++) {
            double sum = 0;
            for (int j = 0; j < WIDTH; j++) {
                p[i * WIDTH + j] = (float) (0.05 + random.nextUniform());
                sum += p[i * WIDTH + j];
            }
            for (int j = 0; j < WIDTH; j++) {
                p[i * WIDTH + j] /= (float) sum;
            }
            classes[i] = (int) (WIDTH * random.nextUniform());
            y[i * WIDTH + (int) classes[i]] = 1;
            weights[i] = i % 5 == 0 ? 0 : (float) (2 * random.nextUniform());
        }
    }

    private double[] row(float[] values, int i) {
        return IntStream.range(0, WIDTH).mapToDouble(j -> values[i * WIDTH + j]).toArray();
    }

    private double mean(float @Nullable [] w, ToDoubleFunction<Integer> value) {
        double sum = 0;
        double total = 0;
        for (int i = 0; i < N; i++) {
            double weight = w == null ? 1 : w[i];
            sum += weight * value.applyAsDouble(i);
            total += weight;
        }
        return sum / total;
    }

    private double rowMean(int i, java.util.function.DoubleBinaryOperator ofLabelAndAnswer) {
        return IntStream.range(0, WIDTH)
                .mapToDouble(j -> ofLabelAndAnswer.applyAsDouble(y[i * WIDTH + j], p[i * WIDTH + j])).sum() / WIDTH;
    }

    private static int rank(double[] row, int index) {
        return (int) Arrays.stream(row).filter(value -> value > row[index]).count();
    }

    /** The part of the outputs with that target that are above a threshold. */
    private double share(float @Nullable [] w, int target, double threshold) {
        return mean(w, i -> rowMean(i, (t, a) -> t == target && a > threshold ? 1 : 0))
                / mean(w, i -> rowMean(i, (t, _) -> t == target ? 1 : 0));
    }

    private double definition(String name, float @Nullable [] w) {
        double fuzz = 1e-7;
        return switch (name) {
            case "mean_absolute_error" -> mean(w, i -> rowMean(i, (t, a) -> Math.abs(t - a)));
            case "mean_squared_error" -> mean(w, i -> rowMean(i, (t, a) -> (t - a) * (t - a)));
            case "root_mean_squared_error" -> Math.sqrt(mean(w, i -> rowMean(i, (t, a) -> (t - a) * (t - a))));
            case "mean_squared_logarithmic_error" ->
                mean(w, i -> rowMean(i, (t, a) -> Math.pow(Math.log(Math.max(t, fuzz) + 1) - Math.log(a + 1), 2)));
            case "mean_absolute_percentage_error" ->
                mean(w, i -> rowMean(i, (t, a) -> 100 * Math.abs(t - a) / Math.max(Math.abs(t), fuzz)));
            case "log_cosh" -> mean(w, i -> rowMean(i, (t, a) -> Math.log(Math.cosh(a - t))));
            case "poisson" -> mean(w, i -> rowMean(i, (t, a) -> a - t * Math.log(a + fuzz)));
            case "kl_divergence" -> mean(w, i -> WIDTH * rowMean(i, (t, a) -> Math.max(t, fuzz) * Math.log(Math.max(t, fuzz) / a)));
            case "hinge" -> mean(w, i -> rowMean(i, (t, a) -> Math.max(0, 1 - (2 * t - 1) * a)));
            case "squared_hinge" -> mean(w, i -> rowMean(i, (t, a) -> Math.pow(Math.max(0, 1 - (2 * t - 1) * a), 2)));
            case "categorical_hinge" -> mean(w, i -> Math.max(0, 1 + IntStream.range(0, WIDTH)
                    .mapToDouble(j -> (1 - row(y, i)[j]) * row(p, i)[j]).max().orElseThrow() - row(p, i)[(int) classes[i]]));
            case "cosine_similarity" ->
                mean(w, i -> row(p, i)[(int) classes[i]] / Math.sqrt(Arrays.stream(row(p, i)).map(a -> a * a).sum()));
            case "binary_crossentropy" -> mean(w, i -> -rowMean(i, (t, a) -> t * Math.log(a) + (1 - t) * Math.log(1 - a)));
            case "categorical_crossentropy", "sparse_categorical_crossentropy" -> mean(w, i -> -Math.log(row(p, i)[(int) classes[i]]));
            case "binary_accuracy" -> mean(w, i -> rowMean(i, (t, a) -> (a > 0.5) == (t == 1) ? 1 : 0));
            case "accuracy", "categorical_accuracy", "sparse_categorical_accuracy" ->
                mean(w, i -> rank(row(p, i), (int) classes[i]) == 0 ? 1 : 0);
            case "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy" ->
                mean(w, i -> rank(row(p, i), (int) classes[i]) < 2 ? 1 : 0);
            case "precision" -> mean(w, i -> rowMean(i, (t, a) -> a > 0.3 && t == 1 ? 1 : 0))
                    / mean(w, i -> rowMean(i, (_, a) -> a > 0.3 ? 1 : 0));
            case "recall" -> mean(w, i -> rowMean(i, (t, a) -> a > 0.3 && t == 1 ? 1 : 0)) / mean(w, i -> rowMean(i, (t, _) -> t));
            case "auc" -> {
                double area = 0;
                for (int k = 0; k < 20; k++) { // thresholds below 0, 0.05, 0.1, …, 0.95, above 1
                    double low = k == 0 ? -1 : k / 20.0;
                    double high = k == 19 ? 2 : (k + 1) / 20.0;
                    area += (share(w, 0, low) - share(w, 0, high)) * (share(w, 1, low) + share(w, 1, high)) / 2;
                }
                yield area;
            }
            case "r2_score" -> IntStream.range(0, WIDTH).mapToDouble(j -> {
                double center = mean(w, i -> row(y, i)[j]);
                return 1 - mean(w, i -> Math.pow(row(y, i)[j] - row(p, i)[j], 2)) / mean(w, i -> Math.pow(row(y, i)[j] - center, 2));
            }).average().orElseThrow();
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Metric metric(String name) {
        return switch (name) {
            case "top_k_categorical_accuracy" -> new Metric.TopKCategoricalAccuracy(name, 2);
            case "sparse_top_k_categorical_accuracy" -> new Metric.SparseTopKCategoricalAccuracy(name, 2);
            case "precision" -> new Metric.Precision(name, 0.3f);
            case "auc" -> new Metric.Auc(name, 21);
            case "recall" -> new Metric.Recall(name, 0.3f);
            default -> Metric.of(name).orElseThrow();
        };
    }

    static Stream<Arguments> metrics() {
        return Stream.of("mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "mean_squared_logarithmic_error",
                "mean_absolute_percentage_error", "log_cosh", "poisson", "kl_divergence", "hinge", "squared_hinge", "categorical_hinge",
                "cosine_similarity", "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy",
                "binary_accuracy", "accuracy", "categorical_accuracy", "sparse_categorical_accuracy", "top_k_categorical_accuracy",
                "sparse_top_k_categorical_accuracy", "precision", "recall", "auc", "r2_score")
                .flatMap(name -> Stream.of(Arguments.of(name, false), Arguments.of(name, true)));
    }

    @ParameterizedTest
    @MethodSource("metrics")
    void isWhatItsDefinitionSays(String name, boolean weighted) {
        boolean sparse = name.startsWith("sparse");
        float[] targets = sparse ? classes : y;
        int targetWidth = sparse ? 1 : WIDTH;
        MetricTally tally = new MetricTally(metric(name), WIDTH, targetWidth);
        for (int from = 0; from < N; from += 10) {
            int n = Math.min(10, N - from);
            tally.add(Arrays.copyOfRange(p, from * WIDTH, (from + n) * WIDTH),
                    Arrays.copyOfRange(targets, from * targetWidth, (from + n) * targetWidth),
                    weighted ? Arrays.copyOfRange(weights, from, from + n) : null, n);
        }
        double expected = definition(name, weighted ? weights : null);
        assertThat(expected).isNotZero();
        assertThat(tally.result()).isCloseTo(expected, within(2e-6 * Math.max(1, Math.abs(expected))));
    }

    @Test
    void recordedMetricsComeOut() {
        int checked = 0;
        for (GoldenCase golden : GoldenCase.resources()) {
            int width = golden.network().outputs();
            int targetWidth = golden.loss().targetWidth(width);
            for (JsonNode step : golden.json.get("steps")) {
                float[] outputs = GoldenTensor.floats(step.get("predictions"));
                float[] targets = GoldenTensor.floats(step.get("y"));
                float[] w = step.path("sample_weight").isArray() ? GoldenTensor.floats(step.get("sample_weight")) : null;
                for (var recorded : step.get("metrics").properties()) {
                    MetricTally tally = new MetricTally(Metric.of(recorded.getKey()).orElseThrow(), width, targetWidth);
                    tally.add(outputs, targets, w, outputs.length / width);
                    double expected = recorded.getValue().asDouble();
                    assertThat(tally.result()).as(golden.id + " " + recorded.getKey()).isCloseTo(expected,
                            within(1e-5 * Math.abs(expected) + 1e-7));
                    checked++;
                }
            }
        }
        assertThat(checked).isGreaterThanOrEqualTo(150);
    }

    @Test
    void nothingIsZeroAsInKeras() {
        for (String name : List.of("mae", "rmse", "accuracy", "precision", "recall")) {
            MetricTally tally = new MetricTally(Metric.of(name).orElseThrow(), 1, 1);
            assertThat(tally.result()).as(name).isZero();
            tally.add(new float[]{ 3}, new float[]{ 1}, new float[]{ 0}, 1);
            assertThat(tally.result()).as(name).isZero();
        }
    }

    @Test
    void accuracyIsTheOneThatFits() {
        Metric accuracy = Metric.of("accuracy").orElseThrow();
        MetricTally yesOrNo = new MetricTally(accuracy, 1, 1);
        yesOrNo.add(new float[]{ 0.5f, 0.51f}, new float[]{ 1, 1}, null, 2);
        assertThat(yesOrNo.result()).isEqualTo(0.5);
        MetricTally index = new MetricTally(accuracy, 2, 1);
        index.add(new float[]{ 0.2f, 0.3f}, new float[]{ 1}, null, 1);
        assertThat(index.result()).isEqualTo(1);
    }

    @Test
    void refusesWhatCannotBeComputed() {
        assertThatThrownBy(() -> new MetricTally(Metric.of("mae").orElseThrow(), 3, 1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("metric mae: it needs a target for each of the outputs, there are 3 outputs and one target");
        assertThat(MetricTally.obstacle(new Metric.SparseCategoricalAccuracy("s"), 3, 3))
                .contains("it needs several outputs and a class index, there are 3 outputs and 3 targets");
        assertThat(MetricTally.obstacle(new Metric.NotComputed("auc", "{}"), 1, 1)).contains("this program does not compute it");
        assertThat(Metric.of("FBetaScore")).isEmpty();
        assertThat(Metric.of("Accuracy")).as("a class of its own").isEmpty();
    }
}
