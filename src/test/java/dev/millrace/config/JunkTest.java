package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Whatever a file holds, reading it gives a configuration or a {@link ConfigurationException}, and nothing else. */
class JunkTest {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String MARKS = "{}[]:,-&*!|>'\"%@`#?\n\t 0\0\u0085é";
    private static final List<String> KEYS = List.of("name", "seed", "kafka", "topics", "features", "missing", "standardize", "label",
            "model", "training", "evaluation", "snapshots", "http", "field", "scale", "classes", "preset", "layers", "hidden_units",
            "n_classes", "label_dimension", "units", "activation", "kernel_initializer", "bias_initializer", "kernel_regularizer", "l1",
            "batch_size", "max_wait", "loss", "reduction", "metrics", "weighted_metrics", "weight", "weight_column", "label_vocabulary",
            "optimizer", "learning_rate", "clipnorm", "clipvalue", "window",
            "ratio", "one_hot", "vocabulary", "cyclical", "period", "vector", "width", "port", "every_steps", "every_seconds", "junk", "");
    private static final List<String> TEXTS = List.of("", " ", "x", "sgd", "adam", "dnn_regressor", "dnn_classifier", "relu", "softmax",
            "mse", "binary_crossentropy", "sparse_categorical_crossentropy", "glorot_uniform", "orthogonal", "l2", "l1_l2", "5s", "1e-3",
            "-1e9999", "999999999999h", "sum", "zero", "\0\n", "\ud800", "a".repeat(5000));

    @Property(tries = 1000)
    void randomTreesAreReadOrRefused(@ForAll long seed) {
        readOrRefuse(junk(new Random(seed), 0));
    }

    @Property(tries = 1000)
    void validTreesWithJunkInThemAreReadOrRefused(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        Path example = Path.of("deploy/examples", random.nextBoolean() ? "california.yaml" : "electricity.yaml");
        JsonNode tree = YamlTree.read(Files.readString(example), new Problems()).orElseThrow();
        for (int i = 0; i <= random.nextInt(4); i++) {
            damage(tree, random);
        }
        readOrRefuse(tree);
    }

    @Property(tries = 1000)
    void damagedTextIsReadOrRefused(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder(Files.readString(Path.of("deploy/examples/california.yaml")));
        for (int i = 0; i <= random.nextInt(5); i++) {
            int at = random.nextInt(Math.max(1, text.length()));
            switch (random.nextInt(3)) {
                case 0 -> text.delete(at, at + 1);
                case 1 -> text.insert(at, MARKS.charAt(random.nextInt(MARKS.length())));
                default -> text.setLength(at);
            }
        }
        Problems problems = new Problems();
        YamlTree.read(text.toString(), problems).ifPresentOrElse(JunkTest::readOrRefuse,
                () -> assertThat(problems.isEmpty()).isFalse());
    }

    private static void readOrRefuse(JsonNode tree) {
        try {
            ApplicationConfig config = ConfigurationReader.read(tree, Map.of());
            assertThat(LearnerJson.read(LearnerJson.write(config.learner()))).isEqualTo(config.learner());
        } catch (ConfigurationException e) {
            assertThat(e.problems()).isNotEmpty().allSatisfy(problem -> assertThat(problem.toString()).doesNotContain("\n"));
        }
    }

    private static void damage(JsonNode tree, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(tree, containers);
        JsonNode chosen = containers.get(random.nextInt(containers.size()));
        if (chosen instanceof ObjectNode map) {
            List<String> keys = new ArrayList<>(map.propertyNames());
            String key = keys.isEmpty() || random.nextInt(4) == 0
                    ? KEYS.get(random.nextInt(KEYS.size()))
                    : keys.get(random.nextInt(keys.size()));
            if (random.nextInt(4) == 0) {
                map.remove(key);
            } else {
                map.set(key, junk(random, 2));
            }
        } else if (chosen instanceof ArrayNode list) {
            list.add(junk(random, 2));
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainer()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static JsonNode junk(Random random, int depth) {
        return switch (random.nextInt(depth > 4 ? 7 : 10)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2 -> NODES.numberNode(random.nextInt(-2, 5));
            case 3 -> NODES.numberNode(random.nextLong());
            case 4 -> NODES.numberNode(Double.longBitsToDouble(random.nextLong()));
            case 5 -> NODES.numberNode(BigInteger.TWO.pow(random.nextInt(200)));
            case 6 -> NODES.stringNode(TEXTS.get(random.nextInt(TEXTS.size())));
            case 7 -> {
                ArrayNode list = NODES.arrayNode();
                for (int i = 0; i < random.nextInt(4); i++) {
                    list.add(junk(random, depth + 1));
                }
                yield list;
            }
            default -> {
                ObjectNode map = NODES.objectNode();
                for (int i = 0; i < random.nextInt(depth == 0 ? 14 : 5); i++) {
                    map.set(KEYS.get(random.nextInt(KEYS.size())), junk(random, depth + 1));
                }
                yield map;
            }
        };
    }
}
