package dev.millrace.learn;

import java.util.Arrays;
import java.util.Map;

/**
 * Prequential quality (Gama, Sebastião and Rodrigues 2013): each labelled example is predicted before it is learned from. Every
 * figure exists over the whole stream and over a fading window, and stands beside the trivial baselines that saw the same
 * examples.
 *
 * <p>
 * Definitions: {@code r2} is 1 - squared errors / squared deviations of the labels from their mean in the same span; the mean
 * baseline predicts the mean of all earlier labels and the majority baseline the class seen most often so far, in both spans;
 * {@code log_loss} is natural, of probabilities cut to [1e-7, 1 - 1e-7]. Before the first label the numeric baselines predict
 * 0, those for classes are wrong. With several outputs a figure is the average of the outputs' figures.
 */
public final class Evaluation {
    /** Over which part of the stream. */
    public enum Span {
        STREAM, WINDOW
    }

    private final Tally tally;
    private final Targets targets;
    private final RecentExamples recent;
    private final Answers answers;
    private final float[] answer; // [label width]

    Evaluation(LearnerSpec spec, Targets targets, RecentExamples recent) {
        this.tally = switch (spec.label()) {
            case Label.Regression regression -> new RegressionTally(regression.width(), spec.window());
            case Label.Classification classification -> new ClassificationTally(classification.width(), spec.window());
        };
        this.targets = targets;
        this.recent = recent;
        this.answers = new Answers(spec);
        this.answer = new float[spec.label().width()];
    }

    /**
     * Adds a tested batch. An example whose outputs are not finite, which happens in refused steps only, is left out.
     *
     * @param outputs {@code [n][outputs]} of the network before it learned from the batch; read
     * @param labels {@code [n][target width]}; read
     */
    void add(float[] outputs, float[] labels, int n, int outputWidth) {
        switch (tally) {
            case RegressionTally regression -> add(regression, outputs, labels, n, outputWidth);
            case ClassificationTally classification -> add(classification, outputs, labels, n, outputWidth);
        }
    }

    private void add(RegressionTally regression, float[] outputs, float[] labels, int n, int outputWidth) {
        for (int i = 0; i < n; i++) {
            if (answers.put(outputs, i * outputWidth, answer)) {
                int at = i * targets.width();
                regression.add(answer, labels, at);
                recent.tested(answer[0], labels[at]);
            }
        }
    }

    private void add(ClassificationTally classification, float[] outputs, float[] labels, int n, int outputWidth) {
        for (int i = 0; i < n; i++) {
            if (answers.put(outputs, i * outputWidth, answer)) {
                int label = targets.classOf(labels, i * targets.width());
                recent.tested(classification.add(answer, label), label);
            }
        }
    }

    /** Examples evaluated so far. */
    public long examples() {
        return (long) tally.state()[0];
    }

    /**
     * Whether the model is worse over the window than the better trivial guess: by its root mean squared error beside that of the mean
     * and of the last value, or by its accuracy beside that of the commonest and of the last class. False while one of them is not known.
     */
    public boolean worseThanBaseline() {
        Map<String, Double> figures = figures(Span.WINDOW);
        double accuracy = figures.getOrDefault("accuracy", Double.NaN);
        if (!Double.isNaN(accuracy)) {
            return accuracy < Math.max(figures.getOrDefault("baseline_majority_accuracy", Double.NaN),
                    figures.getOrDefault("baseline_last_accuracy", Double.NaN));
        }
        return figures.getOrDefault("rmse", Double.NaN) > Math.min(figures.getOrDefault("baseline_mean_rmse", Double.NaN),
                figures.getOrDefault("baseline_last_rmse", Double.NaN));
    }

    /**
     * All figures by name, in a fixed order. Regression: mae, rmse, r2, baseline_mean_mae, baseline_mean_rmse, baseline_last_mae,
     * baseline_last_rmse. Classification: accuracy, log_loss, kappa, kappa_temporal, baseline_majority_accuracy,
     * baseline_last_accuracy. NaN where not yet defined.
     */
    public Map<String, Double> figures(Span span) {
        return tally.figures(span);
    }

    /**
     * One figure by its name in {@link #figures}.
     *
     * @throws IllegalArgumentException if there is no such figure for this kind of label
     */
    public double figure(String name, Span span) {
        Map<String, Double> figures = figures(span);
        Double value = figures.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no figure is named " + name + "; there are " + figures.keySet());
        }
        return value;
    }

    /** Live. */
    double[] state() {
        return tally.state();
    }

    void reset() {
        Arrays.fill(tally.state(), 0);
    }
}
