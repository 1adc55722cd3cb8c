package dev.millrace.nn;

/** One layer of a {@link NetworkSpec}; a closed family. */
public sealed interface Layer permits Dense {
    /** Unique within the network, as Keras names layers: {@code dense}, {@code dense_1}, … */
    String name();
}
