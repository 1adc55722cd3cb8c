package dev.millrace.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The identifiers by which Keras knows initializers, losses, optimizers and constraints, each with Keras's default arguments.
 * {@code glorot_uniform} and {@code GlorotUniform} name the same thing. Activations have their names in {@link Activation}, schedules
 * in {@link LearningRate}.
 */
public final class KerasNames {
    private static final Map<String, Initializer> INITIALIZERS = initializers();
    private static final Map<String, Loss> LOSSES = losses();
    private static final Map<String, Optimizer> OPTIMIZERS = optimizers();
    private static final Map<String, Constraint> CONSTRAINTS = constraints();
    /** Class names that are not their snake case with capitals. */
    private static final Map<String, String> CLASS_NAMES = Map.of("KLDivergence", "kl_divergence", "SGD", "sgd", "RMSprop", "rmsprop",
            "RMSProp", "rmsprop", "AdamW", "adamw");

    private KerasNames() {
    }

    private static Map<String, Initializer> initializers() {
        Map<String, Initializer> names = new LinkedHashMap<>();
        names.put("zeros", Initializer.ZEROS);
        names.put("ones", Initializer.ONES);
        names.put("constant", Initializer.ZEROS);
        names.put("random_normal", new Initializer.RandomNormal(0, 0.05f));
        names.put("random_uniform", new Initializer.RandomUniform(-0.05f, 0.05f));
        names.put("truncated_normal", new Initializer.TruncatedNormal(0, 0.05f));
        names.put("glorot_uniform", Initializer.GLOROT_UNIFORM);
        names.put("glorot_normal", Initializer.GLOROT_NORMAL);
        names.put("he_uniform", Initializer.HE_UNIFORM);
        names.put("he_normal", Initializer.HE_NORMAL);
        names.put("lecun_uniform", Initializer.LECUN_UNIFORM);
        names.put("lecun_normal", Initializer.LECUN_NORMAL);
        names.put("orthogonal", new Initializer.Orthogonal(1));
        names.put("identity", new Initializer.Identity(1));
        names.put("variance_scaling",
                new Initializer.VarianceScaling(1, Initializer.Mode.FAN_IN, Initializer.Distribution.TRUNCATED_NORMAL));
        return names;
    }

    private static Map<String, Loss> losses() {
        Map<String, Loss> names = new LinkedHashMap<>();
        names.put("mean_squared_error", new Loss.MeanSquaredError());
        names.put("mse", new Loss.MeanSquaredError());
        names.put("mean_absolute_error", new Loss.MeanAbsoluteError());
        names.put("mae", new Loss.MeanAbsoluteError());
        names.put("huber", new Loss.Huber(1));
        names.put("log_cosh", new Loss.LogCosh());
        names.put("logcosh", new Loss.LogCosh());
        names.put("mean_absolute_percentage_error", new Loss.MeanAbsolutePercentageError());
        names.put("mape", new Loss.MeanAbsolutePercentageError());
        names.put("mean_squared_logarithmic_error", new Loss.MeanSquaredLogarithmicError());
        names.put("msle", new Loss.MeanSquaredLogarithmicError());
        names.put("poisson", new Loss.Poisson());
        names.put("kl_divergence", new Loss.KlDivergence());
        names.put("kld", new Loss.KlDivergence());
        names.put("hinge", new Loss.Hinge());
        names.put("squared_hinge", new Loss.SquaredHinge());
        names.put("categorical_hinge", new Loss.CategoricalHinge());
        names.put("cosine_similarity", new Loss.CosineSimilarity());
        names.put("binary_crossentropy", new Loss.BinaryCrossentropy(false, 0));
        names.put("bce", new Loss.BinaryCrossentropy(false, 0));
        names.put("categorical_crossentropy", new Loss.CategoricalCrossentropy(false, 0));
        names.put("sparse_categorical_crossentropy", new Loss.SparseCategoricalCrossentropy(false));
        return names;
    }

    private static Map<String, Optimizer> optimizers() {
        LearningRate rate = new LearningRate.Constant(0.001f);
        float epsilon = 1e-7f;
        Map<String, Optimizer> names = new LinkedHashMap<>();
        names.put("sgd", new Optimizer.Sgd(new LearningRate.Constant(0.01f), 0, false, Clipping.NONE));
        names.put("rmsprop", new Optimizer.RmsProp(rate, 0.9f, 0, epsilon, false, Clipping.NONE));
        names.put("adagrad", new Optimizer.Adagrad(rate, 0.1f, epsilon, Clipping.NONE));
        names.put("adadelta", new Optimizer.Adadelta(rate, 0.95f, epsilon, Clipping.NONE, 0));
        names.put("adam", new Optimizer.Adam(rate, 0.9f, 0.999f, epsilon, false, Clipping.NONE));
        names.put("adamw", new Optimizer.AdamW(rate, 0.9f, 0.999f, epsilon, false, Clipping.NONE, 0.004f));
        names.put("adamax", new Optimizer.Adamax(rate, 0.9f, 0.999f, epsilon, Clipping.NONE, 0));
        names.put("nadam", new Optimizer.Nadam(rate, 0.9f, 0.999f, epsilon, Clipping.NONE, 0));
        names.put("ftrl", new Optimizer.Ftrl(rate, -0.5f, 0.1f, 0, 0, 0, 0, Clipping.NONE, 0));
        names.put("lion", new Optimizer.Lion(rate, 0.9f, 0.99f, Clipping.NONE, 0));
        return names;
    }

    private static Map<String, Constraint> constraints() {
        Map<String, Constraint> names = new LinkedHashMap<>();
        names.put("max_norm", new Constraint.MaxNorm(2));
        names.put("non_neg", new Constraint.NonNegative());
        names.put("unit_norm", new Constraint.UnitNorm());
        names.put("min_max_norm", new Constraint.MinMaxNorm(0, 1, 1));
        return names;
    }

    /** The initializer with that identifier, if there is one. */
    public static Optional<Initializer> initializer(String identifier) {
        return find(INITIALIZERS, identifier);
    }

    /** All identifiers {@link #initializer} knows, in snake case. */
    public static List<String> initializerNames() {
        return List.copyOf(INITIALIZERS.keySet());
    }

    /** The loss with that identifier, if there is one. */
    public static Optional<Loss> loss(String identifier) {
        return find(LOSSES, identifier);
    }

    /** All identifiers {@link #loss} knows, in snake case. */
    public static List<String> lossNames() {
        return List.copyOf(LOSSES.keySet());
    }

    /** The optimizer with that identifier, if there is one. */
    public static Optional<Optimizer> optimizer(String identifier) {
        return find(OPTIMIZERS, identifier);
    }

    /** All identifiers {@link #optimizer} knows, in snake case. */
    public static List<String> optimizerNames() {
        return List.copyOf(OPTIMIZERS.keySet());
    }

    /** The constraint with that identifier, if there is one. */
    public static Optional<Constraint> constraint(String identifier) {
        return find(CONSTRAINTS, identifier);
    }

    /** All identifiers {@link #constraint} knows, in snake case. */
    public static List<String> constraintNames() {
        return List.copyOf(CONSTRAINTS.keySet());
    }

    private static <T> Optional<T> find(Map<String, T> names, String name) {
        String identifier = CLASS_NAMES.getOrDefault(name, name);
        for (Map.Entry<String, T> entry : names.entrySet()) {
            if (entry.getKey().equals(identifier) || camelCase(entry.getKey()).equals(identifier)) {
                return Optional.of(entry.getValue());
            }
        }
        return Optional.empty();
    }

    private static String camelCase(String snakeCase) {
        StringBuilder camelCase = new StringBuilder();
        for (String word : snakeCase.split("_", -1)) {
            camelCase.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
        }
        return camelCase.toString();
    }
}
