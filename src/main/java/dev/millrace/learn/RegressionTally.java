package dev.millrace.learn;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Errors of numeric predictions and of two baselines: the mean of all earlier labels, and the last label; both predict 0
 * before the first label. With several outputs each figure is computed per output and averaged. A float's square fits 10²³⁰
 * times into a double, so no sum overflows.
 */
final class RegressionTally implements Tally {
    // state: examples, faded weight, then per output: last label, sums over the stream, faded sums
    private static final int EXAMPLES = 0;
    private static final int FADED_WEIGHT = 1;
    private static final int HEAD = 2;
    // within a block of sums; MEAN and DEVIATION describe the labels
    private static final int MEAN = 0;
    private static final int DEVIATION = 1;
    private static final int ABSOLUTE = 2;
    private static final int SQUARED = 3;
    private static final int MEAN_ABSOLUTE = 4;
    private static final int MEAN_SQUARED = 5;
    private static final int LAST_ABSOLUTE = 6;
    private static final int LAST_SQUARED = 7;
    private static final int SUMS = 8;
    private static final int PER_OUTPUT = 1 + 2 * SUMS;

    private final int outputs;
    private final double fading;
    private final double[] state;

    RegressionTally(int outputs, int window) {
        this.outputs = outputs;
        this.fading = 1 - 1.0 / window;
        this.state = new double[HEAD + outputs * PER_OUTPUT];
    }

    /**
     * Adds one example.
     *
     * @param answer {@code [outputs]}; finite; read
     * @param targets the labels are {@code [at, at + outputs)}; finite; read
     */
    void add(float[] answer, float[] targets, int at) {
        state[EXAMPLES]++;
        state[FADED_WEIGHT] = state[FADED_WEIGHT] * fading + 1;
        for (int output = 0; output < outputs; output++) {
            int base = HEAD + output * PER_OUTPUT;
            double label = targets[at + output];
            double error = label - answer[output];
            double lastError = label - state[base];
            double meanError = label - state[base + 1 + MEAN];
            add(base + 1, 1, state[EXAMPLES], label, error, meanError, lastError);
            add(base + 1 + SUMS, fading, state[FADED_WEIGHT], label, error, meanError, lastError);
            state[base] = label;
        }
    }

    /** @param weight of all examples in this block, the new one included */
    private void add(int block, double factor, double weight, double label, double error, double meanError, double lastError) {
        double deviation = label - state[block + MEAN];
        // With a single example the mean is the label itself; computing it would leave a rounding error in the deviation.
        state[block + MEAN] = weight == 1 ? label : state[block + MEAN] + deviation / weight;
        accumulate(block + DEVIATION, factor, weight == 1 ? 0 : deviation * (label - state[block + MEAN]));
        accumulate(block + ABSOLUTE, factor, Math.abs(error));
        accumulate(block + SQUARED, factor, error * error);
        accumulate(block + MEAN_ABSOLUTE, factor, Math.abs(meanError));
        accumulate(block + MEAN_SQUARED, factor, meanError * meanError);
        accumulate(block + LAST_ABSOLUTE, factor, Math.abs(lastError));
        accumulate(block + LAST_SQUARED, factor, lastError * lastError);
    }

    private void accumulate(int index, double factor, double amount) {
        state[index] = Tally.fade(state[index], factor) + Math.max(amount, 0);
    }

    @Override
    public Map<String, Double> figures(Evaluation.Span span) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("mae", mean(span, ABSOLUTE));
        figures.put("rmse", rootMean(span, SQUARED));
        figures.put("r2", r2(span));
        figures.put("baseline_mean_mae", mean(span, MEAN_ABSOLUTE));
        figures.put("baseline_mean_rmse", rootMean(span, MEAN_SQUARED));
        figures.put("baseline_last_mae", mean(span, LAST_ABSOLUTE));
        figures.put("baseline_last_rmse", rootMean(span, LAST_SQUARED));
        return Collections.unmodifiableMap(figures);
    }

    private double mean(Evaluation.Span span, int sum) {
        double total = 0;
        for (int output = 0; output < outputs; output++) {
            total += state[block(span, output) + sum] / weight(span);
        }
        return total / outputs;
    }

    private double rootMean(Evaluation.Span span, int sum) {
        double total = 0;
        for (int output = 0; output < outputs; output++) {
            total += Math.sqrt(state[block(span, output) + sum] / weight(span));
        }
        return total / outputs;
    }

    /** {@code 1 - Σ(y - p)² / Σ(y - mean y)²}; not defined while an output's labels are all equal. */
    private double r2(Evaluation.Span span) {
        double total = 0;
        for (int output = 0; output < outputs; output++) {
            int block = block(span, output);
            double explainable = state[block + DEVIATION];
            total += explainable == 0 ? Double.NaN : 1 - Math.min(state[block + SQUARED] / explainable, Double.MAX_VALUE / outputs);
        }
        return total / outputs;
    }

    private double weight(Evaluation.Span span) {
        return switch (span) {
            case STREAM -> state[EXAMPLES];
            case WINDOW -> state[FADED_WEIGHT];
        };
    }

    private static int block(Evaluation.Span span, int output) {
        int stream = HEAD + output * PER_OUTPUT + 1;
        return switch (span) {
            case STREAM -> stream;
            case WINDOW -> stream + SUMS;
        };
    }

    @Override
    public double[] state() {
        return state;
    }
}
