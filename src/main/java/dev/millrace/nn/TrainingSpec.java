package dev.millrace.nn;

import java.util.List;

/**
 * How a network is trained: what Keras's {@code compile} takes.
 *
 * @param metrics measured beside the loss, every sample alike
 * @param weightedMetrics measured with the samples' weights
 */
public record TrainingSpec(Loss loss, Loss.Reduction reduction, Optimizer optimizer, List<Metric> metrics, List<Metric> weightedMetrics) {
    public TrainingSpec {
        metrics = List.copyOf(metrics);
        weightedMetrics = List.copyOf(weightedMetrics);
    }

    /** Without metrics. */
    public TrainingSpec(Loss loss, Loss.Reduction reduction, Optimizer optimizer) {
        this(loss, reduction, optimizer, List.of(), List.of());
    }

    /** The same with other metrics. */
    public TrainingSpec withMetrics(List<Metric> others, List<Metric> weightedOthers) {
        return new TrainingSpec(loss, reduction, optimizer, others, weightedOthers);
    }
}
