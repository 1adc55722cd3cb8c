package dev.millrace.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Values from environment variables, which win over the file.
 * <ul>
 * <li>{@code MILLRACE_<PATH>}: any value; the path in capitals with {@code .} → {@code _} and either {@code _} → {@code ___}, as
 * Confluent's images have it, or {@code _} kept: {@code MILLRACE_TRAINING_BATCH_SIZE}. Lists and maps as YAML or JSON.
 * <li>{@code KAFKA_<NAME>}: a setting of Kafka's clients; {@code _} → {@code .}, {@code __} → {@code -}, {@code ___} → {@code _}.
 * <li>{@code …_FILE}: the value is the content of that file, without its last line feed; for secrets.
 * </ul>
 * An empty variable counts as unset, because that is what {@code ${VAR:-}} in a compose file gives. Variables that name nothing
 * are ignored: Kubernetes sets {@code MILLRACE_PORT} for a service of that name, Kafka's scripts have {@code KAFKA_OPTS}.
 */
final class Environment {
    private static final String MILLRACE = "MILLRACE_";
    private static final String KAFKA = "KAFKA_";
    private static final String FILE = "_FILE";
    private static final int MAX_FILE_BYTES = 1 << 16;

    /** Paths whose value is text, so that {@code MILLRACE_NAME=123} is not a number. */
    private static final Set<String> TEXTS = Set.of("name", "topics.features", "topics.predictions", "topics.snapshots",
            "topics.dead_letters", "topics.evaluation", "topics.control", "topics.labelled", "label.field", "weight", "model.weight_column",
            "http.host", "http.token");
    private static final List<String> PATHS = List.of("name", "seed", "kafka", "topics", "topics.features", "topics.predictions",
            "topics.snapshots", "topics.dead_letters", "topics.evaluation", "topics.control", "topics.labelled", "features", "missing",
            "standardize",
            "label", "label.field",
            "label.scale", "label.classes", "weight", "model", "model.preset", "model.hidden_units", "model.activation_fn",
            "model.n_classes",
            "model.label_dimension", "model.label_vocabulary",
            "model.weight_column", "model.layers", "training", "training.batch_size", "training.max_wait", "training.loss",
            "training.loss.name", "training.loss.delta", "training.loss.from_logits", "training.loss.label_smoothing",
            "training.reduction", "training.metrics", "training.weighted_metrics", "training.optimizer", "training.optimizer.name",
            "training.optimizer.learning_rate", "training.optimizer.momentum", "training.optimizer.nesterov",
            "training.optimizer.initial_accumulator_value", "training.optimizer.rho", "training.optimizer.centered",
            "training.optimizer.beta_1", "training.optimizer.beta_2", "training.optimizer.epsilon", "training.optimizer.amsgrad",
            "training.optimizer.clipnorm", "training.optimizer.clipvalue", "training.optimizer.global_clipnorm", "evaluation",
            "evaluation.window", "snapshots", "snapshots.every_steps", "snapshots.every_seconds", "snapshots.keep", "guard", "http",
            "http.host",
            "http.port", "http.token", "http.max_body");
    private static final Map<String, String> VARIABLES = variables();

    private final Map<String, String> environment;
    private final Problems problems;
    private final Consumer<String> warnings;

    Environment(Map<String, String> environment, Problems problems, Consumer<String> warnings) {
        // Sorted, so that a variable of a whole section comes before those of its values.
        this.environment = new TreeMap<>(environment);
        this.problems = problems;
        this.warnings = warnings;
    }

    /** Puts the environment's values into the tree of a file. */
    void applyTo(ObjectNode root) {
        Set<String> given = new LinkedHashSet<>();
        environment.forEach((variable, value) -> {
            if (value.isEmpty()) {
                return;
            }
            Optional<String> path = path(variable);
            boolean file = false;
            if (path.isEmpty() && variable.endsWith(FILE)) {
                path = path(variable.substring(0, variable.length() - FILE.length()));
                file = true;
            }
            if (path.isEmpty()) {
                warnAbout(variable);
            } else if (!given.add(path.get())) {
                problems.add(path.get(), "a second variable, " + variable, "one variable for each value");
            } else if (file) {
                String target = path.get();
                content(variable, value).ifPresent(content -> set(root, target, variable, content));
            } else {
                set(root, path.get(), variable, value);
            }
        });
    }

    private static Optional<String> path(String variable) {
        String known = VARIABLES.get(variable);
        if (known != null) {
            return Optional.of(known);
        }
        String millraceKafka = MILLRACE + KAFKA;
        if (variable.startsWith(millraceKafka)) {
            return kafkaPath(variable.substring(millraceKafka.length()));
        }
        return variable.startsWith(KAFKA) ? kafkaPath(variable.substring(KAFKA.length())) : Optional.empty();
    }

    private static Optional<String> kafkaPath(String name) {
        String setting = kafkaName(name);
        return KafkaSettings.isKnown(setting) ? Optional.of("kafka." + setting) : Optional.empty();
    }

    private static String kafkaName(String name) {
        return name.toLowerCase(Locale.ROOT).replace("___", "\0").replace("__", "-").replace('_', '.').replace('\0', '_');
    }

    private void warnAbout(String variable) {
        Optional<String> near = Optional.empty();
        if (variable.startsWith(MILLRACE)) {
            near = Nearest.of(variable, VARIABLES.keySet()).filter(name -> name.length() > MILLRACE.length() + 6);
        } else if (variable.startsWith(KAFKA)) {
            near = KafkaSettings.nearest(kafkaName(variable.substring(KAFKA.length()))).filter(name -> name.length() > 10)
                    .map(name -> KAFKA + name.toUpperCase(Locale.ROOT).replace('.', '_'));
        }
        near.ifPresent(name -> warnings.accept("the variable " + variable + " is ignored; did you mean " + name + "?"));
    }

    private Optional<String> content(String variable, String file) {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length <= MAX_FILE_BYTES) {
                return Optional.of(new String(bytes, StandardCharsets.UTF_8).replaceFirst("\\r?\\n\\z", ""));
            }
            problems.add(variable, "a file of more than 64 KB", "a smaller file");
        } catch (IOException | InvalidPathException _) {
            problems.add(variable, "\"" + file + "\"", "a file that can be read");
        }
        return Optional.empty();
    }

    private void set(ObjectNode root, String path, String variable, String text) {
        if (path.startsWith("kafka.")) {
            child(root, "kafka").put(path.substring("kafka.".length()), text);
        } else {
            Optional<JsonNode> value = TEXTS.contains(path)
                    ? Optional.of(JsonNodeFactory.instance.stringNode(text))
                    : yaml(path, variable, text);
            if (value.isEmpty()) {
                return;
            }
            String[] keys = path.split("\\.", -1);
            ObjectNode parent = root;
            for (int i = 0; i < keys.length - 1; i++) {
                parent = child(parent, keys[i]);
            }
            parent.set(keys[keys.length - 1], value.get());
        }
        problems.cameFrom(path, variable);
    }

    private Optional<JsonNode> yaml(String path, String variable, String text) {
        Problems own = new Problems();
        Optional<JsonNode> value = YamlTree.read(text, path, own);
        if (!own.isEmpty()) {
            problems.add(variable, "a value that cannot be read", "YAML or JSON");
            return Optional.empty();
        }
        return value;
    }

    /** The map under a key, a copy so that the caller's tree stays as it is; a bare name becomes a map with that name. */
    private static ObjectNode child(ObjectNode parent, String key) {
        JsonNode old = parent.path(key);
        ObjectNode child = JsonNodeFactory.instance.objectNode();
        if (old instanceof ObjectNode map) {
            child.setAll(map);
        } else if (old.isString()) {
            child.set("name", old);
        }
        parent.set(key, child);
        return child;
    }

    private static Map<String, String> variables() {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String path : PATHS) {
            String capitals = path.toUpperCase(Locale.ROOT);
            variables.put(MILLRACE + capitals.replace('.', '_'), path);
            variables.put(MILLRACE + capitals.replace("_", "___").replace('.', '_'), path);
        }
        return variables;
    }
}
