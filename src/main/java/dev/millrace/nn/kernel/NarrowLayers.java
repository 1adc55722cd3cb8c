package dev.millrace.nn.kernel;

/**
 * Dense layers in a row, each but the last followed by a relu, none wider than a panel: so small that calls and waiting for stored
 * numbers would take longer than the arithmetic. {@link Kernels} has loops over all of them for a single sample.
 */
public final class NarrowLayers {
    final int[] inputs;
    final int[] units;
    final int[] kernels;
    final int[] biases;

    /**
     * The layers, first to last.
     *
     * @param inputs of each layer; of all but the first, the units of the layer before
     * @param units of each layer, at most {@link Kernels#PANEL}
     * @param kernels offset of each kernel
     * @param biases offset of each bias, or {@link Kernels#NO_BIAS}
     */
    public NarrowLayers(int[] inputs, int[] units, int[] kernels, int[] biases) {
        this.inputs = inputs.clone();
        this.units = units.clone();
        this.kernels = kernels.clone();
        this.biases = biases.clone();
    }

    int count() {
        return units.length;
    }
}
