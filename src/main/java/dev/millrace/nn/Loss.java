package dev.millrace.nn;

/**
 * What a network is trained to make small; a closed family with the definitions of Keras 3 ({@code keras/src/losses}). The
 * value of a sample is the mean over its outputs, unless it says otherwise.
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

    /** {@code ln cosh(p - y)}: {@code e²/2} near 0, {@code |e| - ln 2} far away. */
    record LogCosh() implements Loss {
    }

    /** {@code p - y ln(p + 1e-7)}; p has to be positive. */
    record Poisson() implements Loss {
    }

    /** {@code Σ y ln(y / p)} over the outputs, both cut to {@code [1e-7, 1]}. */
    record KlDivergence() implements Loss {
    }

    /** {@code 100 |y - p| / max(|y|, 1e-7)}. */
    record MeanAbsolutePercentageError() implements Loss {
    }

    /** {@code (ln(1 + y) - ln(1 + p))²}, both at least 1e-7. */
    record MeanSquaredLogarithmicError() implements Loss {
    }

    /** {@code max(1 - y p, 0)} for labels -1 and 1; a batch with nothing but 0 and 1 has its zeros taken for -1. */
    record Hinge() implements Loss {
    }

    /** {@code max(1 - y p, 0)²}, with labels as for {@link Hinge}. */
    record SquaredHinge() implements Loss {
    }

    /** {@code max(1 + max((1 - y) p) - Σ y p, 0)} over the outputs; the target is a row with a 1 at the class. */
    record CategoricalHinge() implements Loss {
    }

    /** {@code -Σ y p / (|y| |p|)} over the outputs: -1 where the directions agree. */
    record CosineSimilarity() implements Loss {
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
            case LogCosh _ -> "log_cosh";
            case Poisson _ -> "poisson";
            case KlDivergence _ -> "kl_divergence";
            case MeanAbsolutePercentageError _ -> "mean_absolute_percentage_error";
            case MeanSquaredLogarithmicError _ -> "mean_squared_logarithmic_error";
            case Hinge _ -> "hinge";
            case SquaredHinge _ -> "squared_hinge";
            case CategoricalHinge _ -> "categorical_hinge";
            case CosineSimilarity _ -> "cosine_similarity";
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
            case MeanSquaredError _,MeanAbsoluteError _,Huber _,LogCosh _,Poisson _,KlDivergence _ -> false;
            case MeanAbsolutePercentageError _,MeanSquaredLogarithmicError _ -> false;
            case Hinge _,SquaredHinge _,CategoricalHinge _,CosineSimilarity _ -> false;
        };
    }

    /** Whether this is a cross-entropy, the losses that are made for classes. */
    default boolean isCrossentropy() {
        return this instanceof BinaryCrossentropy || this instanceof CategoricalCrossentropy
                || this instanceof SparseCategoricalCrossentropy;
    }

    private static void requireSmoothing(float value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("label_smoothing must be between 0 and 1, found " + value);
        }
    }
}
