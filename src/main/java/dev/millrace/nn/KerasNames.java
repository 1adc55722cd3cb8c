package dev.millrace.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The identifiers by which Keras knows initializers and losses, each with Keras's default arguments. {@code glorot_uniform} and
 * {@code GlorotUniform} name the same thing.
 */
public final class KerasNames {
    private static final Map<String, Initializer> INITIALIZERS = initializers();
    private static final Map<String, Loss> LOSSES = losses();

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
        names.put("binary_crossentropy", new Loss.BinaryCrossentropy(false, 0));
        names.put("categorical_crossentropy", new Loss.CategoricalCrossentropy(false, 0));
        names.put("sparse_categorical_crossentropy", new Loss.SparseCategoricalCrossentropy(false));
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

    private static <T> Optional<T> find(Map<String, T> names, String identifier) {
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
