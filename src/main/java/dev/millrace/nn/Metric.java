package dev.millrace.nn;

import java.util.Locale;
import java.util.Optional;

/**
 * What is measured beside the loss; a closed family with the definitions and defaults of Keras 3 ({@code keras/src/metrics}). A
 * metric that stands under {@code weighted_metrics} counts each sample by its weight, one under {@code metrics} does not.
 */
public sealed interface Metric {
    /** Under which it is reported: the identifier it was asked for by, or a name of its own. */
    String name();

    /** The mean of a loss over the samples. */
    record Mean(String name, Loss loss) implements Metric {
    }

    /** The mean of {@code Σ y p / (|y| |p|)}: 1 where the directions agree, unlike the loss. */
    record CosineSimilarity(String name) implements Metric {
    }

    /** The square root of the mean of all squared errors. */
    record RootMeanSquaredError(String name) implements Metric {
    }

    /** {@code 1 - Σ(y - p)² / Σ(y - mean y)²} for each output, averaged. */
    record R2Score(String name) implements Metric {
    }

    /** The accuracy that fits the shapes of outputs and targets: binary for one output, categorical for several. */
    record Accuracy(String name) implements Metric {
    }

    /** The cross-entropy of probabilities that fits the shapes. */
    record Crossentropy(String name) implements Metric {
    }

    /** How many outputs are on their target's side: {@code (p > threshold) = y}. */
    record BinaryAccuracy(String name, float threshold) implements Metric {
    }

    /** How often the largest output is where the row of targets is largest; the first of equals. */
    record CategoricalAccuracy(String name) implements Metric {
    }

    /** How often the largest output is the target's class. */
    record SparseCategoricalAccuracy(String name) implements Metric {
    }

    /** How often fewer than k outputs are larger than the right one, the largest of a row of targets. */
    record TopKCategoricalAccuracy(String name, int k) implements Metric {
        public TopKCategoricalAccuracy {
            requirePositive(k);
        }
    }

    /** How often fewer than k outputs are larger than that of the target's class. */
    record SparseTopKCategoricalAccuracy(String name, int k) implements Metric {
        public SparseTopKCategoricalAccuracy {
            requirePositive(k);
        }
    }

    /** How many of the outputs above the threshold have a target that is not 0. */
    record Precision(String name, float threshold) implements Metric {
    }

    /** How many of the targets that are not 0 have an output above the threshold. */
    record Recall(String name, float threshold) implements Metric {
    }

    /**
     * The area under the curve of recall over false alarms, by trapezoids between evenly spaced thresholds; outputs are
     * probabilities.
     *
     * @param numThresholds at least 2; Keras's default is 200
     */
    record Auc(String name, int numThresholds) implements Metric {
        public Auc {
            if (numThresholds < 2) {
                throw new IllegalArgumentException("num_thresholds must be at least 2, found " + numThresholds);
            }
        }
    }

    /**
     * A metric of a file that is kept for whoever reads the file next.
     *
     * @param definition as it stands in the file; nobody here reads it
     */
    record NotComputed(String name, String definition) implements Metric {
    }

    /** The class in Keras, or an empty text where Keras chooses it by the shapes or it is not known. */
    default String kerasClass() {
        return switch (this) {
            case Mean metric when metric.loss instanceof Loss.LogCosh -> "LogCoshError";
            case Mean metric when metric.loss instanceof Loss.KlDivergence -> "KLDivergence";
            case Mean metric -> camelCase(metric.loss.kerasName());
            case CosineSimilarity _ -> "CosineSimilarity";
            case RootMeanSquaredError _ -> "RootMeanSquaredError";
            case R2Score _ -> "R2Score";
            case BinaryAccuracy _ -> "BinaryAccuracy";
            case CategoricalAccuracy _ -> "CategoricalAccuracy";
            case SparseCategoricalAccuracy _ -> "SparseCategoricalAccuracy";
            case TopKCategoricalAccuracy _ -> "TopKCategoricalAccuracy";
            case SparseTopKCategoricalAccuracy _ -> "SparseTopKCategoricalAccuracy";
            case Precision _ -> "Precision";
            case Recall _ -> "Recall";
            case Auc _ -> "AUC";
            case Accuracy _,Crossentropy _,NotComputed _ -> "";
        };
    }

    /**
     * The metric with a Keras identifier and Keras's defaults, if there is one. {@code mae}, {@code mean_absolute_error} and
     * {@code MeanAbsoluteError} name the same thing; {@code accuracy} is none of the classes, but the one that fits.
     */
    static Optional<Metric> of(String identifier) {
        return of(identifier, identifier);
    }

    /** The same under a name of its own, which what Keras chooses by the shapes cannot have. */
    static Optional<Metric> of(String identifier, String name) {
        return switch (identifier) {
            case "accuracy", "acc" -> Optional.<Metric>of(new Accuracy(name)).filter(_ -> name.equals(identifier));
            case "crossentropy", "ce" -> Optional.<Metric>of(new Crossentropy(name)).filter(_ -> name.equals(identifier));
            default -> switch (identifier.replace("_", "").toLowerCase(Locale.ROOT)) {
                case "cosinesimilarity" -> Optional.of(new CosineSimilarity(name));
                case "rootmeansquarederror", "rmse" -> Optional.of(new RootMeanSquaredError(name));
                case "r2score" -> Optional.of(new R2Score(name));
                case "binaryaccuracy" -> Optional.of(new BinaryAccuracy(name, 0.5f));
                case "categoricalaccuracy" -> Optional.of(new CategoricalAccuracy(name));
                case "sparsecategoricalaccuracy" -> Optional.of(new SparseCategoricalAccuracy(name));
                case "topkcategoricalaccuracy" -> Optional.of(new TopKCategoricalAccuracy(name, 5));
                case "sparsetopkcategoricalaccuracy" -> Optional.of(new SparseTopKCategoricalAccuracy(name, 5));
                case "precision" -> Optional.of(new Precision(name, 0.5f));
                case "recall" -> Optional.of(new Recall(name, 0.5f));
                case "auc" -> Optional.of(new Auc(name, 200));
                case "logcosherror" -> Optional.of(new Mean(name, new Loss.LogCosh()));
                default -> KerasNames.loss(identifier).or(() -> KerasNames.loss(identifier.toLowerCase(Locale.ROOT)))
                        .filter(loss -> !(loss instanceof Loss.Huber)) // the only one of them that is no metric in Keras 3
                        .map(loss -> new Mean(name, loss));
            };
        };
    }

    private static String camelCase(String snakeCase) {
        StringBuilder camelCase = new StringBuilder();
        for (String word : snakeCase.split("_", -1)) {
            camelCase.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return camelCase.toString();
    }

    private static void requirePositive(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("k must be at least 1, found " + k);
        }
    }
}
