package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.learn.Evaluation.Span;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Loss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compared with the definitions, written down over the whole list of examples. */
class EvaluationTest {
    private static final int EXAMPLES = 700;
    private final Random random = new Random(7);

    /** {@code Σ w_i value(i) / Σ w_i}, where example i of n has the weight {@code fading^(n-1-i)}. */
    private static double average(int n, double fading, IntToDoubleFunction value) {
        double sum = 0;
        double weights = 0;
        for (int i = 0; i < n; i++) {
            double weight = Math.pow(fading, n - 1 - i);
            sum += weight * value.applyAsDouble(i);
            weights += weight;
        }
        return sum / weights;
    }

    private static double fading(Span span, int window) {
        return span == Span.STREAM ? 1 : 1 - 1.0 / window;
    }

    private static Evaluation evaluation(Learners learners) {
        LearnerSpec spec = learners.spec();
        return new Evaluation(spec, new Targets(spec), new RecentExamples(1));
    }

    private static void assertClose(Map<String, Double> actual, Map<String, Double> expected) {
        expected.forEach((name, value) -> assertThat(actual.get(name)).as(name).isCloseTo(value, within(1e-9 * (1 + Math.abs(value)))));
        assertThat(actual.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    }

    @ParameterizedTest
    @ValueSource(ints = { 1, 2, 50, 100_000})
    void numbersFollowTheirDefinitionsPerOutputAveraged(int window) {
        int outputs = 3;
        Evaluation evaluation = evaluation(Learners.picking(1).outputs(outputs).window(window));
        float[][] labels = new float[EXAMPLES][outputs];
        float[][] predictions = new float[EXAMPLES][outputs];
        for (int i = 0; i < EXAMPLES; i++) {
            for (int o = 0; o < outputs; o++) {
                labels[i][o] = (float) (100 * o + i * 0.01 + random.nextGaussian());
                predictions[i][o] = labels[i][o] + (float) random.nextGaussian() / 2;
            }
            evaluation.add(predictions[i], labels[i], 1, outputs);
        }
        for (Span span : Span.values()) {
            if (span == Span.WINDOW && window == 1) {
                assertThat(evaluation.figure("r2", span)).isNaN();
                assertThat(evaluation.figure("mae", span)).isCloseTo(meanAbsolute(labels[EXAMPLES - 1], predictions[EXAMPLES - 1]),
                        within(1e-9));
                continue;
            }
            assertClose(evaluation.figures(span), regressionReference(labels, predictions, fading(span, window)));
        }
        assertThat(evaluation.examples()).isEqualTo(EXAMPLES);
    }

    private static double meanAbsolute(float[] labels, float[] predictions) {
        return average(labels.length, 1, i -> Math.abs((double) labels[i] - predictions[i]));
    }

    private static Map<String, Double> regressionReference(float[][] labels, float[][] predictions, double fading) {
        int n = labels.length;
        int outputs = labels[0].length;
        double[] sums = new double[7];
        for (int o = 0; o < outputs; o++) {
            double[] y = new double[n];
            double[] p = new double[n];
            double[] mean = new double[n];
            double[] last = new double[n];
            for (int i = 0; i < n; i++) {
                y[i] = labels[i][o];
                p[i] = predictions[i][o];
                mean[i] = i == 0 ? 0 : Arrays.stream(y, 0, i).average().orElseThrow();
                last[i] = i == 0 ? 0 : y[i - 1];
            }
            double labelMean = average(n, fading, i -> y[i]);
            sums[0] += average(n, fading, i -> Math.abs(y[i] - p[i]));
            sums[1] += Math.sqrt(average(n, fading, i -> Math.pow(y[i] - p[i], 2)));
            sums[2] += 1 - average(n, fading, i -> Math.pow(y[i] - p[i], 2)) / average(n, fading, i -> Math.pow(y[i] - labelMean, 2));
            sums[3] += average(n, fading, i -> Math.abs(y[i] - mean[i]));
            sums[4] += Math.sqrt(average(n, fading, i -> Math.pow(y[i] - mean[i], 2)));
            sums[5] += average(n, fading, i -> Math.abs(y[i] - last[i]));
            sums[6] += Math.sqrt(average(n, fading, i -> Math.pow(y[i] - last[i], 2)));
        }
        return Map.of("mae", sums[0] / outputs, "rmse", sums[1] / outputs, "r2", sums[2] / outputs, "baseline_mean_mae", sums[3] / outputs,
                "baseline_mean_rmse", sums[4] / outputs, "baseline_last_mae", sums[5] / outputs, "baseline_last_rmse", sums[6] / outputs);
    }

    @ParameterizedTest
    @ValueSource(ints = { 2, 50, 100_000})
    void classesFollowTheirDefinitions(int window) {
        int classes = 3;
        Evaluation evaluation = evaluation(Learners.picking(1).classes("a", "b", "c").loss(new Loss.SparseCategoricalCrossentropy(false))
                .outputActivation(Activation.SOFTMAX).window(window));
        List<Integer> labels = new ArrayList<>();
        List<float[]> probabilities = new ArrayList<>();
        int label = 0;
        for (int i = 0; i < EXAMPLES; i++) {
            label = random.nextInt(3) > 0 ? label : random.nextInt(classes);
            float[] row = new float[classes];
            row[random.nextInt(2) > 0 ? label : random.nextInt(classes)] = i % 10 == 0 ? 1 : 0.6f;
            row[label] += i % 10 == 0 ? 0 : 0.2f;
            labels.add(label);
            probabilities.add(row);
            evaluation.add(row, new float[]{ label}, 1, classes);
        }
        for (Span span : Span.values()) {
            assertClose(evaluation.figures(span), classificationReference(labels, probabilities, fading(span, window)));
        }
    }

    private static Map<String, Double> classificationReference(List<Integer> labels, List<float[]> probabilities, double fading) {
        int n = labels.size();
        int classes = probabilities.getFirst().length;
        int[] predicted = new int[n];
        int[] majority = new int[n];
        int[] counts = new int[classes];
        majority[0] = -1;
        for (int i = 0; i < n; i++) {
            for (int c = 1; c < classes; c++) {
                predicted[i] = probabilities.get(i)[c] > probabilities.get(i)[predicted[i]] ? c : predicted[i];
            }
            counts[labels.get(i)]++;
            if (i + 1 < n) {
                int before = majority[i];
                majority[i + 1] = before < 0 || counts[labels.get(i)] > counts[before] ? labels.get(i) : before;
            }
        }
        double accuracy = average(n, fading, i -> labels.get(i) == predicted[i] ? 1 : 0);
        double lastAccuracy = average(n, fading, i -> i > 0 && labels.get(i).equals(labels.get(i - 1)) ? 1 : 0);
        double chance = 0;
        for (int c = 0; c < classes; c++) {
            int current = c;
            chance += average(n, fading, i -> labels.get(i) == current ? 1 : 0) * average(n, fading, i -> predicted[i] == current ? 1 : 0);
        }
        double logLoss = average(n, fading, i -> -Math.log(Math.min(Math.max(probabilities.get(i)[labels.get(i)], 1e-7), 1 - 1e-7)));
        return Map.of("accuracy", accuracy, "log_loss", logLoss, "kappa", (accuracy - chance) / (1 - chance), "kappa_temporal",
                (accuracy - lastAccuracy) / (1 - lastAccuracy), "baseline_majority_accuracy",
                average(n, fading, i -> labels.get(i) == majority[i] ? 1 : 0), "baseline_last_accuracy", lastAccuracy);
    }

    @Test
    void isUndefinedBeforeTheFirstExample() {
        for (Span span : Span.values()) {
            assertThat(evaluation(Learners.picking(1)).figures(span).values()).isNotEmpty().containsOnly(Double.NaN);
            assertThat(evaluation(Learners.picking(1).classes("a", "b")).figures(span).values()).isNotEmpty().containsOnly(Double.NaN);
        }
    }

    @Test
    void countsTheBaselinesOfTheFirstExampleAsZeroAndAsWrong() {
        Evaluation numbers = evaluation(Learners.picking(1));
        numbers.add(new float[]{ 2}, new float[]{ 5}, 1, 1);
        assertThat(numbers.figures(Span.STREAM)).containsEntry("mae", 3.0).containsEntry("baseline_mean_mae", 5.0)
                .containsEntry("baseline_last_mae", 5.0).containsEntry("r2", Double.NaN);

        Evaluation classes = evaluation(Learners.picking(1).classes("a", "b"));
        classes.add(new float[]{ 3, 0}, new float[]{ 0}, 1, 2);
        assertThat(classes.figures(Span.STREAM)).containsEntry("accuracy", 1.0).containsEntry("baseline_majority_accuracy", 0.0)
                .containsEntry("baseline_last_accuracy", 0.0).containsEntry("kappa", Double.NaN).containsEntry("kappa_temporal", 1.0);
    }

    @Test
    void leavesOutExamplesWhoseOutputsAreNotFinite() {
        Evaluation evaluation = evaluation(Learners.picking(1));
        evaluation.add(new float[]{ 1, Float.NaN, Float.POSITIVE_INFINITY, 2}, new float[]{ 1, 1, 1, 1}, 4, 1);
        assertThat(evaluation.examples()).isEqualTo(2);
        assertThat(evaluation.figure("mae", Span.STREAM)).isEqualTo(0.5);
    }

    @Test
    void staysFiniteWithTheLargestErrors() {
        Evaluation evaluation = evaluation(Learners.picking(1).outputs(2));
        for (int i = 0; i < 1000; i++) {
            float sign = i % 2 == 0 ? 1 : -1;
            evaluation.add(new float[]{ -sign * Float.MAX_VALUE, sign * Float.MAX_VALUE},
                    new float[]{ sign * Float.MAX_VALUE, i % 3 == 0 ? Float.MIN_VALUE : 0}, 1, 2);
        }
        for (Span span : Span.values()) {
            assertThat(evaluation.figures(span).values()).allSatisfy(figure -> assertThat(figure).isFinite());
        }
        assertThat(evaluation.state()).doesNotContain(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
    }

    @Test
    void forgetsALongGoneClassWithoutLosingSense() {
        Evaluation evaluation = evaluation(Learners.picking(1).classes("a", "b").window(10));
        evaluation.add(new float[]{ 9, 0}, new float[]{ 1}, 1, 2);
        for (int i = 0; i < 20_000; i++) {
            evaluation.add(new float[]{ 9, 0}, new float[]{ 0}, 1, 2);
        }
        assertThat(evaluation.figures(Span.WINDOW)).containsEntry("accuracy", 1.0).containsEntry("kappa", Double.NaN)
                .containsEntry("kappa_temporal", Double.NaN);
        assertThat(evaluation.state()).satisfies(state -> assertThat(Arrays.stream(state).filter(s -> s > 0 && s < 1e-140)).isEmpty());
    }

    @Test
    void namesTheFiguresItHas() {
        assertThatThrownBy(() -> evaluation(Learners.picking(1)).figure("kappa", Span.STREAM)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("kappa").hasMessageContaining("baseline_last_rmse");
    }
}
