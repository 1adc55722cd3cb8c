package dev.millrace.interop;

import dev.millrace.nn.Layer;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Losses;
import dev.millrace.nn.TrainingSpec;
import dev.millrace.nn.VariableSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code model.evaluate} of Keras reports: the mean loss of a sample with the regularizers' penalty, and the metrics. Accuracy
 * is Keras's: an output above 0.5 for one output, the largest output for several.
 */
public final class KerasEvaluation {
    private final KerasModel model;
    private final Loss loss;
    private final int width;
    private final int targetWidth;
    private final List<float[]> outputs = new ArrayList<>();
    private final List<float[]> targets = new ArrayList<>();

    /** @throws ModelFileException if the model was not compiled, so that nobody knows what to measure */
    public KerasEvaluation(KerasModel model) {
        this.model = model;
        this.loss = model.training().map(TrainingSpec::loss)
                .orElseThrow(() -> new ModelFileException("compile_config", "the model was not compiled: it has no loss to measure"));
        this.width = model.network().outputs();
        this.targetWidth = loss.targetWidth(width);
    }

    /** Number of target values of a sample. */
    public int targetWidth() {
        return targetWidth;
    }

    /** Adds a sample; both arrays are copied. */
    public void add(float[] output, float[] target) {
        outputs.add(output.clone());
        targets.add(target.clone());
    }

    /** All figures by Keras's names, the loss first. */
    public Map<String, Double> figures() {
        int n = outputs.size();
        float[] p = flat(outputs, width);
        float[] y = flat(targets, targetWidth);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("loss", Losses.mean(loss, p, y, n, width) + penalty());
        boolean classes = loss instanceof Loss.BinaryCrossentropy || loss instanceof Loss.CategoricalCrossentropy
                || loss instanceof Loss.SparseCategoricalCrossentropy;
        if (classes) {
            figures.put("accuracy", accuracy(p, y, n));
        }
        if (targetWidth == width) {
            double squares = Losses.mean(new Loss.MeanSquaredError(), p, y, n, width);
            figures.put("mae", Losses.mean(new Loss.MeanAbsoluteError(), p, y, n, width));
            figures.put("mse", squares);
            figures.put("root_mean_squared_error", Math.sqrt(squares));
        }
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

    private double accuracy(float[] p, float[] y, int n) {
        int hits = 0;
        boolean independent = loss instanceof Loss.BinaryCrossentropy || width == 1;
        int values = 0;
        for (int i = 0; i < n; i++) {
            if (independent) {
                for (int j = 0; j < width; j++) {
                    hits += (p[i * width + j] > 0.5f ? 1 : 0) == y[i * targetWidth + j] ? 1 : 0;
                    values++;
                }
            } else {
                int truth = targetWidth == 1 ? (int) y[i] : argmax(y, i * width, width);
                hits += argmax(p, i * width, width) == truth ? 1 : 0;
                values++;
            }
        }
        return (double) hits / values;
    }

    private static int argmax(float[] values, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (values[from + i] > values[from + best]) {
                best = i;
            }
        }
        return best;
    }

    private static float[] flat(List<float[]> rows, int width) {
        float[] flat = new float[Math.multiplyExact(rows.size(), width)];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, flat, i * width, width);
        }
        return flat;
    }
}
