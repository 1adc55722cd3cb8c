package dev.millrace.nn;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The sums behind one {@link Metric} over a stream of batches. A mean is {@code Σ w v / Σ w} over the samples' values, 0 while
 * there is no weight, as in Keras.
 */
public final class MetricTally {
    private final Metric metric;
    private final int width;
    private final int targetWidth;
    private final float[] gradient; // [width], written by losses and read by nobody
    /** Of a mean: weighted values and weights. Of precision and recall: right ones and wrong ones. */
    private double first;
    private double second;
    /** R2: per output weights, labels, squared labels, squared errors. AUC: weights per bucket of answers, [0: no, 1: yes][bucket]. */
    private final double[] columns;

    /**
     * A tally of nothing yet.
     *
     * @param width outputs of the network
     * @param targetWidth values of a sample's target: a row of {@code width}, or a class index
     * @throws IllegalArgumentException if the metric cannot be computed from them; see {@link #obstacle}
     */
    public MetricTally(Metric metric, int width, int targetWidth) {
        obstacle(metric, width, targetWidth).ifPresent(why -> {
            throw new IllegalArgumentException("metric " + metric.name() + ": " + why);
        });
        this.metric = fitting(metric, width, targetWidth);
        this.width = width;
        this.targetWidth = targetWidth;
        this.gradient = new float[width];
        this.columns = new double[metric instanceof Metric.R2Score
                ? 4 * width
                : metric instanceof Metric.Auc auc ? 2 * auc.numThresholds() : 0];
    }

    /** Why a metric cannot be computed, if it cannot. */
    public static Optional<String> obstacle(Metric metric, int width, int targetWidth) {
        Metric fitting = fitting(metric, width, targetWidth);
        if (fitting instanceof Metric.NotComputed) {
            return Optional.of("this program does not compute it");
        }
        boolean index = fitting instanceof Metric.SparseCategoricalAccuracy || fitting instanceof Metric.SparseTopKCategoricalAccuracy
                || (fitting instanceof Metric.Mean mean && mean.loss() instanceof Loss.SparseCategoricalCrossentropy);
        boolean fits = targetWidth == (index ? 1 : width) && !(index && width == 1);
        return fits
                ? Optional.empty()
                : Optional.of("it needs " + (index ? "several outputs and a class index" : "a target for each of the outputs")
                        + ", there are " + width + " outputs and " + (targetWidth == 1 ? "one target" : targetWidth + " targets"));
    }

    /** What Keras means by {@code accuracy} and {@code crossentropy}. */
    private static Metric fitting(Metric metric, int width, int targetWidth) {
        boolean index = targetWidth == 1;
        if (metric instanceof Metric.Accuracy) {
            return width == 1
                    ? new Metric.BinaryAccuracy(metric.name(), 0.5f)
                    : index ? new Metric.SparseCategoricalAccuracy(metric.name()) : new Metric.CategoricalAccuracy(metric.name());
        }
        if (metric instanceof Metric.Crossentropy) {
            return new Metric.Mean(metric.name(), width == 1
                    ? new Loss.BinaryCrossentropy(false, 0)
                    : index ? new Loss.SparseCategoricalCrossentropy(false) : new Loss.CategoricalCrossentropy(false, 0));
        }
        return metric;
    }

    /**
     * Adds a batch.
     *
     * @param outputs row-major {@code [n][width]}; read
     * @param targets row-major {@code [n][targetWidth]}; read
     * @param weights {@code [n]} or null for all ones; read
     */
    public void add(float[] outputs, float[] targets, float @Nullable [] weights, int n) {
        Network.requireValues("outputs", outputs, n, width);
        Network.requireValues("targets", targets, n, targetWidth);
        SampleLoss loss = SampleLoss.of(meanOf(metric), meanOf(metric).isFromLogits(), Losses.zerosAndOnes(targets, n * targetWidth));
        for (int i = 0; i < n; i++) {
            double weight = weights == null ? 1 : weights[i];
            int p = i * width;
            int y = i * targetWidth;
            switch (metric) {
                case Metric.Mean _,Metric.RootMeanSquaredError _ ->
                    mean(weight, loss.evaluate(row(outputs, p), 0, targets, y, width, gradient));
                case Metric.CosineSimilarity _ -> mean(weight, -loss.evaluate(row(outputs, p), 0, targets, y, width, gradient));
                case Metric.BinaryAccuracy m -> mean(weight, sides(m.threshold(), outputs, p, targets, y));
                case Metric.CategoricalAccuracy _ -> hit(weight, largest(outputs, p, width) == largest(targets, y, width));
                case Metric.SparseCategoricalAccuracy _ -> hit(weight, largest(outputs, p, width) == targets[y]);
                case Metric.TopKCategoricalAccuracy m -> hit(weight, larger(outputs, p, largest(targets, y, width)) < m.k());
                case Metric.SparseTopKCategoricalAccuracy m -> hit(weight, larger(outputs, p, (int) targets[y]) < m.k());
                case Metric.Precision m -> confusion(weight, m.threshold(), true, outputs, p, targets, y);
                case Metric.Recall m -> confusion(weight, m.threshold(), false, outputs, p, targets, y);
                case Metric.Auc m -> buckets(weight, m.numThresholds(), outputs, p, targets, y);
                case Metric.R2Score _ -> columns(weight, outputs, p, targets, y);
                case Metric.Accuracy _,Metric.Crossentropy _,Metric.NotComputed _ -> throw new IllegalStateException(metric.name());
            }
        }
    }

    /** The loss whose samples' values are averaged; of no meaning for other metrics. */
    private static Loss meanOf(Metric metric) {
        if (metric instanceof Metric.Mean mean) {
            return mean.loss();
        }
        return metric instanceof Metric.CosineSimilarity ? new Loss.CosineSimilarity() : new Loss.MeanSquaredError();
    }

    private float[] row(float[] outputs, int at) {
        return Arrays.copyOfRange(outputs, at, at + width);
    }

    private void mean(double weight, double value) {
        first += weight * value;
        second += weight;
    }

    private void hit(double weight, boolean right) {
        mean(weight, right ? 1 : 0);
    }

    private double sides(float threshold, float[] outputs, int p, float[] targets, int y) {
        int right = 0;
        for (int j = 0; j < width; j++) {
            right += (outputs[p + j] > threshold ? 1 : 0) == targets[y + j] ? 1 : 0;
        }
        return (double) right / width;
    }

    private static int largest(float[] values, int from, int count) {
        int best = 0;
        for (int j = 1; j < count; j++) {
            if (values[from + j] > values[from + best]) {
                best = j;
            }
        }
        return best;
    }

    private int larger(float[] outputs, int p, int right) {
        int larger = 0;
        for (int j = 0; j < width; j++) {
            larger += outputs[p + j] > outputs[p + right] ? 1 : 0;
        }
        return larger;
    }

    /** @param precision whether false alarms count as wrong, or else what was overlooked */
    private void confusion(double weight, float threshold, boolean precision, float[] outputs, int p, float[] targets, int y) {
        for (int j = 0; j < width; j++) {
            boolean found = outputs[p + j] > threshold;
            boolean there = targets[y + j] != 0;
            first += found && there ? weight : 0;
            second += found != there && found == precision ? weight : 0;
        }
    }

    /**
     * The thresholds are {@code i / (count - 1)}, the first a little below 0 and the last above 1. Bucket k has the answers above
     * threshold k and no later one.
     */
    private void buckets(double weight, int count, float[] outputs, int p, float[] targets, int y) {
        for (int j = 0; j < width; j++) {
            float answer = Math.clamp(outputs[p + j], 0f, 1f);
            int bucket = Math.max((int) Math.ceil(answer * (count - 1)) - 1, 0);
            columns[(targets[y + j] != 0 ? count : 0) + bucket] += weight;
        }
    }

    private double area(int count) {
        double hits = 0; // at the threshold
        double no = Arrays.stream(columns, 0, count).sum();
        double yes = Arrays.stream(columns, count, 2 * count).sum();
        double area = 0;
        for (int k = count - 1; k >= 0; k--) {
            double wider = ratio(columns[k], no);
            double before = ratio(hits, yes);
            hits += columns[count + k];
            area += wider * (before + ratio(hits, yes)) / 2;
        }
        return area;
    }

    private void columns(double weight, float[] outputs, int p, float[] targets, int y) {
        for (int j = 0; j < width; j++) {
            double label = targets[y + j];
            double error = label - outputs[p + j];
            columns[4 * j] += weight;
            columns[4 * j + 1] += weight * label;
            columns[4 * j + 2] += weight * label * label;
            columns[4 * j + 3] += weight * error * error;
        }
    }

    /** The value over everything that was added. */
    public double result() {
        return switch (metric) {
            case Metric.RootMeanSquaredError _ -> Math.sqrt(ratio(first, second));
            case Metric.Precision _,Metric.Recall _ -> ratio(first, first + second);
            case Metric.R2Score _ -> r2();
            case Metric.Auc m -> area(m.numThresholds());
            case Metric.Mean _,Metric.CosineSimilarity _,Metric.BinaryAccuracy _ -> ratio(first, second);
            case Metric.CategoricalAccuracy _,Metric.SparseCategoricalAccuracy _ -> ratio(first, second);
            case Metric.TopKCategoricalAccuracy _,Metric.SparseTopKCategoricalAccuracy _ -> ratio(first, second);
            case Metric.Accuracy _,Metric.Crossentropy _,Metric.NotComputed _ -> throw new IllegalStateException(metric.name());
        };
    }

    private static double ratio(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }

    /** Where all labels are equal, Keras takes an infinite score for 0. */
    private double r2() {
        double sum = 0;
        for (int j = 0; j < width; j++) {
            double total = columns[4 * j + 2] - columns[4 * j + 1] * columns[4 * j + 1] / columns[4 * j];
            double score = 1 - columns[4 * j + 3] / total;
            sum += Double.isInfinite(score) ? 0 : score;
        }
        return sum / width;
    }
}
