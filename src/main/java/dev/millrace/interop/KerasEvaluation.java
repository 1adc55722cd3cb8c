package dev.millrace.interop;

import dev.millrace.nn.Layer;
import dev.millrace.nn.Losses;
import dev.millrace.nn.Metric;
import dev.millrace.nn.MetricTally;
import dev.millrace.nn.TrainingSpec;
import dev.millrace.nn.VariableSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code model.evaluate} of Keras reports: the loss with the regularizers' penalty, each batch weighing by its samples, and the
 * metrics the model was compiled with. Under {@code metrics} every sample counts alike, under {@code weighted_metrics} by its weight;
 * the loss always takes the weights.
 */
public final class KerasEvaluation {
    private final KerasModel model;
    private final TrainingSpec training;
    private final int width;
    private final int targetWidth;
    private final Map<String, MetricTally> plain = new LinkedHashMap<>();
    private final Map<String, MetricTally> weighted = new LinkedHashMap<>();
    private final Map<String, String> notComputed = new LinkedHashMap<>();
    private final float[] outputs; // of the batch, [batchSize][width]
    private final float[] targets; // [batchSize][targetWidth]
    private final float[] weights; // [batchSize]
    private int pending;
    private double lossSum; // of batches, times their samples
    private long samples;

    /**
     * An evaluation of nothing yet.
     *
     * @param batchSize Keras's default is 32; makes a difference to a summed loss, and to hinges, which look at a batch's labels
     * @throws ModelFileException if the model was not compiled, so that nobody knows what to measure
     */
    public KerasEvaluation(KerasModel model, int batchSize) {
        this.model = model;
        this.training = model.training()
                .orElseThrow(() -> new ModelFileException("compile_config", "the model was not compiled: it has no loss to measure"));
        this.width = model.network().outputs();
        this.targetWidth = training.loss().targetWidth(width);
        this.outputs = new float[Math.multiplyExact(batchSize, width)];
        this.targets = new float[Math.multiplyExact(batchSize, targetWidth)];
        this.weights = new float[batchSize];
        for (Metric metric : training.metrics()) {
            add(metric.name(), metric, plain);
        }
        for (Metric metric : training.weightedMetrics()) {
            add(plain.containsKey(metric.name()) ? "weighted_" + metric.name() : metric.name(), metric, weighted);
        }
    }

    private void add(String wanted, Metric metric, Map<String, MetricTally> tallies) {
        String name = wanted;
        for (int i = 1; plain.containsKey(name) || weighted.containsKey(name); i++) {
            name = wanted + "_" + i;
        }
        Optional<String> obstacle = MetricTally.obstacle(metric, width, targetWidth);
        if (obstacle.isPresent()) {
            notComputed.put(name, obstacle.get());
        } else {
            tallies.put(name, new MetricTally(metric, width, targetWidth));
        }
    }

    /** Number of target values of a sample. */
    public int targetWidth() {
        return targetWidth;
    }

    /** Metrics of the model that {@link #figures} will lack, with the reason. */
    public Map<String, String> notComputed() {
        return notComputed;
    }

    /**
     * Adds a sample; nothing is kept of the arrays.
     *
     * @param weight not negative
     */
    public void add(float[] output, float[] target, float weight) {
        System.arraycopy(output, 0, outputs, pending * width, width);
        System.arraycopy(target, 0, targets, pending * targetWidth, targetWidth);
        weights[pending++] = weight;
        if (pending == weights.length) {
            closeBatch();
        }
    }

    private void closeBatch() {
        int n = pending;
        lossSum += n * Losses.ofBatch(training.loss(), training.reduction(), outputs, targets, weights, n, width);
        plain.values().forEach(tally -> tally.add(outputs, targets, null, n));
        weighted.values().forEach(tally -> tally.add(outputs, targets, weights, n));
        samples += n;
        pending = 0;
    }

    /** All figures by the names Keras gives them, the loss first; ends the batch that is being filled. */
    public Map<String, Double> figures() {
        if (pending > 0) {
            closeBatch();
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("loss", lossSum / samples + penalty());
        plain.forEach((name, tally) -> figures.put(name, tally.result()));
        weighted.forEach((name, tally) -> figures.put(name, tally.result()));
        return figures;
    }

    private double penalty() {
        double penalty = 0;
        int inputs = model.network().inputs();
        for (Layer layer : model.network().layers()) {
            for (VariableSpec variable : layer.variables(inputs)) {
                double l1 = 0;
                double l2 = 0;
                for (float w : model.weights().getOrDefault(variable.name(), new float[0])) {
                    l1 += Math.abs(w);
                    l2 += (double) w * w;
                }
                penalty += variable.regularizer().l1() * l1 + variable.regularizer().l2() * l2;
            }
            inputs = layer.outputs(inputs);
        }
        return penalty;
    }
}
