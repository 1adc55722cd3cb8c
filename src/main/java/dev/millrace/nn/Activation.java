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
    SOFTMAX,
    /** The logarithm of the softmax. */
    LOG_SOFTMAX,
    /** {@code x}, for negative x {@code exp(x) - 1}. */
    ELU,
    /** {@link #ELU} with the factors that keep mean and variance (Klambauer et al. 2017). */
    SELU,
    /** {@code exp(x)}. */
    EXPONENTIAL,
    /** {@code x Φ(x)}, exact. */
    GELU,
    /** {@code x sigmoid(x)}; Keras also calls it swish. */
    SILU,
    /** {@code x tanh(softplus(x))}. */
    MISH,
    /** {@code ln(1 + exp(x))}. */
    SOFTPLUS,
    /** {@code x / (1 + |x|)}. */
    SOFTSIGN,
    /** {@code min(max(x, 0), 6)}. */
    RELU6,
    /** {@code x}, for negative x {@code 0.2 x}. */
    LEAKY_RELU,
    /** {@code min(max(x/6 + 1/2, 0), 1)}, as in Keras 3. */
    HARD_SIGMOID,
    /** {@code x hard_sigmoid(x)}; Keras also calls it hard_swish. */
    HARD_SILU,
    /** {@code min(max(x, -1), 1)}. */
    HARD_TANH,
    /** {@code -ln(1 + exp(-x))}. */
    LOG_SIGMOID,
    /** {@code x - tanh(x)}. */
    TANH_SHRINK;

    /** The identifier in a Keras configuration, for example {@code "relu"}. */
    public String kerasName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The activation with that Keras identifier, if there is one; {@code swish}, {@code hard_swish} and {@code celu} are second names. */
    public static Optional<Activation> of(String identifier) {
        String kerasName = switch (identifier) {
            case "swish" -> "silu";
            case "hard_swish" -> "hard_silu";
            case "celu" -> "elu"; // the same for an α of 1, which is its default
            default -> identifier;
        };
        for (Activation activation : values()) {
            if (activation.kerasName().equals(kerasName)) {
                return Optional.of(activation);
            }
        }
        return Optional.empty();
    }
}
