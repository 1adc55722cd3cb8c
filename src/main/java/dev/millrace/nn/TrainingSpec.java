package dev.millrace.nn;

/** How a network is trained: what Keras's {@code compile} takes. */
public record TrainingSpec(Loss loss, Loss.Reduction reduction, Optimizer optimizer) {
}
