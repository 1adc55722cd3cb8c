package dev.millrace.nn;

/**
 * What a network is trained to make small; a closed family with the definitions of Keras 3 ({@code keras/src/losses}). The
 * value of a sample is the mean over its outputs.
 */
public sealed interface Loss {
    /** {@code (y - p)²}. */
    record MeanSquaredError() implements Loss {
    }

    /** {@code |y - p|}; the gradient at 0 is 0. */
    record MeanAbsoluteError() implements Loss {
    }

    /** {@code e²/2} if {@code |e| <= delta}, else {@code delta |e| - delta²/2}. */
    record Huber(float delta) implements Loss {
        public Huber {
            if (!(delta > 0)) {
                throw new IllegalArgumentException("delta must be positive, found " + delta);
            }
        }
    }

    /** Cross-entropy of independent yes/no outputs. */
    record BinaryCrossentropy(boolean fromLogits, float labelSmoothing) implements Loss {
        public BinaryCrossentropy {
            requireSmoothing(labelSmoothing);
        }
    }

    /** Cross-entropy of one of k classes; the target is a row of k probabilities. */
    record CategoricalCrossentropy(boolean fromLogits, float labelSmoothing) implements Loss {
        public CategoricalCrossentropy {
            requireSmoothing(labelSmoothing);
        }
    }

    /** Cross-entropy of one of k classes; the target is one class index. */
    record SparseCategoricalCrossentropy(boolean fromLogits) implements Loss {
    }

    /** How the losses of the samples become one number. */
    enum Reduction {
        /** Sum divided by the number of samples (also with sample weights), Keras's default. */
        SUM_OVER_BATCH_SIZE,
        /** Plain sum, as in the first version of TensorFlow's estimators. */
        SUM
    }

    /** The name of the Keras function, for example {@code mean_squared_error}. */
    default String kerasName() {
        return switch (this) {
            case MeanSquaredError _ -> "mean_squared_error";
            case MeanAbsoluteError _ -> "mean_absolute_error";
            case Huber _ -> "huber";
            case BinaryCrossentropy _ -> "binary_crossentropy";
            case CategoricalCrossentropy _ -> "categorical_crossentropy";
            case SparseCategoricalCrossentropy _ -> "sparse_categorical_crossentropy";
        };
    }

    /** Number of target values per sample for a network with that many outputs. */
    default int targetWidth(int outputs) {
        return this instanceof SparseCategoricalCrossentropy ? 1 : outputs;
    }

    /** Whether the network's outputs are logits that become probabilities by a sigmoid or softmax. */
    default boolean isFromLogits() {
        return switch (this) {
            case BinaryCrossentropy loss -> loss.fromLogits();
            case CategoricalCrossentropy loss -> loss.fromLogits();
            case SparseCategoricalCrossentropy loss -> loss.fromLogits();
            case MeanSquaredError _,MeanAbsoluteError _,Huber _ -> false;
        };
    }

    private static void requireSmoothing(float value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("label_smoothing must be between 0 and 1, found " + value);
        }
    }
}
