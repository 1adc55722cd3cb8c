package dev.millrace.nn;

import java.util.Locale;
import java.util.Optional;

/** The function a layer applies to its weighted sums. Names are those of Keras ({@code keras/src/activations}). */
public enum Activation {
    /** {@code x}. */
    LINEAR,
    /** {@code max(x, 0)}; its derivative at 0 is 0. */
    RELU,
    /** {@code 1 / (1 + exp(-x))}. */
    SIGMOID,
    /** The hyperbolic tangent. */
    TANH,
    /** {@code exp(x - max) / sum(exp(x - max))} over the units of the layer. */
    SOFTMAX;

    /** The identifier in a Keras configuration, for example {@code "relu"}. */
    public String kerasName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The activation with that Keras identifier, if there is one. */
    public static Optional<Activation> of(String kerasName) {
        for (Activation activation : values()) {
            if (activation.kerasName().equals(kerasName)) {
                return Optional.of(activation);
            }
        }
        return Optional.empty();
    }
}
