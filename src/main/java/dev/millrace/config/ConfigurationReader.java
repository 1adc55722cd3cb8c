package dev.millrace.config;

import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.PackedRow;
import dev.millrace.learn.RecordSchema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads an application's YAML file, puts the environment's values over it (see {@link Environment}) and validates everything
 * before anything starts.
 */
public final class ConfigurationReader {
    /** Larger files are refused unread. */
    static final int MAX_BYTES = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");
    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]{1,4096}");
    private static final String TOKEN_ALLOWED = "a bearer token: 1 to 4096 of A-Z a-z 0-9 . _ ~ + / = -";
    private static final String TOPIC_ALLOWED = "a topic name: 1 to 249 of A-Z a-z 0-9 . _ -";
    private static final Range BYTES_PER_SECOND = Range.between(100_000, 1_000_000_000_000L);
    private static final Range INTERVAL = Range.between(0, 1_000_000_000);

    private final Problems problems = new Problems();

    private final StartingModels models;

    private ConfigurationReader(StartingModels models) {
        this.models = models;
    }

    /**
     * Reads a configuration.
     *
     * @param environment variables such as {@code MILLRACE_TRAINING_BATCH_SIZE} and {@code KAFKA_BOOTSTRAP_SERVERS}
     * @throws ConfigurationException with everything that is wrong
     */
    public static ApplicationConfig read(Path yaml, Map<String, String> environment) {
        return read(yaml, environment, _ -> {
        });
    }

    /**
     * Reads a configuration.
     *
     * @param warnings takes a line for each thing that is probably, but not certainly, a mistake
     * @throws ConfigurationException with everything that is wrong
     */
    public static ApplicationConfig read(Path yaml, Map<String, String> environment, Consumer<String> warnings) {
        return read(yaml, environment, warnings, file -> {
            throw new IllegalArgumentException("a file, which this command does not read");
        });
    }

    /**
     * Reads a configuration.
     *
     * @param warnings takes a line for each thing that is probably, but not certainly, a mistake
     * @param models opens the file of {@code model: keras:}; a relative path is one from the configuration's directory
     * @throws ConfigurationException with everything that is wrong
     */
    public static ApplicationConfig read(Path yaml, Map<String, String> environment, Consumer<String> warnings, StartingModels models) {
        ConfigurationReader reader = new ConfigurationReader(file -> models.open(yaml.resolveSibling(file)));
        Optional<JsonNode> tree = reader.text(yaml).flatMap(text -> YamlTree.read(text, reader.problems));
        if (tree.isEmpty()) {
            reader.problems.throwIfAny(yaml.toString());
        }
        return reader.application(tree.orElseThrow(), yaml.toString(), environment, warnings);
    }

    /** The same for a tree that has been read already. */
    static ApplicationConfig read(JsonNode tree, Map<String, String> environment) {
        return new ConfigurationReader(file -> {
            throw new IllegalArgumentException("a file, and there is no directory to look in");
        }).application(tree, "the configuration", environment, _ -> {
        });
    }

    private ApplicationConfig application(JsonNode tree, String source, Map<String, String> environment, Consumer<String> warnings) {
        ObjectNode map = JsonNodeFactory.instance.objectNode();
        if (tree instanceof ObjectNode object) {
            map.setAll(object);
        } else if (!tree.isNull()) {
            problems.add("the file", Problems.show(tree), "a map of name, features, label, model, …");
        }
        new Environment(environment, problems, warnings).applyTo(map);

        Section root = new Section("", map, "name", problems);
        Value nameValue = root.get("name");
        String nameAllowed = "1 to 100 of A-Z a-z 0-9 . _ -";
        String name = nameValue.required(nameAllowed);
        if (nameValue.isText() && !NAME.matcher(name).matches() && !name.equals("?")) {
            nameValue.refuse(nameAllowed);
        }
        Map<String, String> kafka = kafka(root.get("kafka"), warnings);
        TopicNames topics = topics(root.get("topics"), TopicNames.of(name));
        LearnerGrammar grammar = new LearnerGrammar(problems, true, models);
        Optional<LearnerSpec> learner = grammar.read(root);
        RecordFormat format = format(root.get("format"), learner);
        SnapshotPolicy snapshots = snapshots(root.get("snapshots"));
        HttpAddress http = http(root.get("http"));
        Guard guard = guard(root.get("guard"));
        long changelogRate = changelogRate(root.get("changelog"));
        root.refuseUnknownKeys();
        problems.throwIfAny(source);
        return new ApplicationConfig(name, kafka, topics, learner.orElseThrow(), snapshots, http, grammar.start(), format, guard,
                changelogRate);
    }

    private RecordFormat format(Value value, Optional<LearnerSpec> learner) {
        RecordFormat format = value.oneOf(LayerGrammar.lowerCase(RecordFormat.values()), RecordFormat.JSON);
        if (format == RecordFormat.FLOAT32 && learner.isPresent()) {
            try {
                new PackedRow(learner.get(), new RecordSchema(learner.get()));
            } catch (IllegalArgumentException e) {
                problems.add(value.path(), "float32, but " + e.getMessage(), "json, or features that fit");
            }
        }
        return format;
    }

    private Optional<String> text(Path yaml) {
        try (InputStream in = Files.newInputStream(yaml)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length <= MAX_BYTES) {
                return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
            }
            problems.add("the file", "more than 1 MB", "at most 1 MB");
        } catch (NoSuchFileException e) {
            problems.add("the file", "no file of this name", "a YAML file");
        } catch (CharacterCodingException e) {
            problems.add("the file", "bytes that are not UTF-8", "UTF-8 text");
        } catch (IOException e) {
            problems.add("the file", Files.isDirectory(yaml) ? "a directory" : "a file that cannot be read", "a readable YAML file");
        }
        return Optional.empty();
    }

    private Map<String, String> kafka(Value value, Consumer<String> warnings) {
        Map<String, String> settings = new LinkedHashMap<>();
        Section map = value.section();
        for (String key : map.keys()) {
            Value setting = map.get(key);
            if (setting.node().isContainer() || !setting.given()) {
                setting.refuse("text, a number, true or false, under Kafka's dotted name");
            } else {
                settings.put(key, setting.node().asString());
                KafkaSettings.nearest(key).ifPresent(near -> warnings
                        .accept("kafka." + key + " is not a setting of Kafka's clients; did you mean " + near + "?"));
            }
        }
        return settings;
    }

    private TopicNames topics(Value value, TopicNames defaults) {
        Section map = value.section();
        Map<String, String> taken = new LinkedHashMap<>();
        TopicNames topics = new TopicNames(topic(map.get("features"), defaults.features(), taken),
                topic(map.get("predictions"), defaults.predictions(), taken), topic(map.get("snapshots"), defaults.snapshots(), taken),
                topic(map.get("dead_letters"), defaults.deadLetters(), taken), topic(map.get("evaluation"), defaults.evaluation(), taken),
                topic(map.get("control"), defaults.control(), taken), topic(map.get("labelled"), defaults.labelled(), taken));
        map.refuseUnknownKeys();
        return topics;
    }

    private String topic(Value value, String fallback, Map<String, String> taken) {
        String topic = value.text(TOPIC_ALLOWED).orElse(fallback);
        if (value.isText() && !value.node().stringValue().isBlank()
                && (!TOPIC.matcher(topic).matches() || topic.equals(".") || topic.equals(".."))) {
            value.refuse(TOPIC_ALLOWED);
        }
        String other = taken.putIfAbsent(topic, value.path());
        if (other != null) {
            problems.add(value.path(), "\"" + topic + "\"", "a topic of its own, this is also " + other);
        }
        return topic;
    }

    private SnapshotPolicy snapshots(Value value) {
        Section map = value.section();
        long everySteps = map.get("every_steps").longInteger(INTERVAL, SnapshotPolicy.DEFAULT.everySteps());
        long everySeconds = map.get("every_seconds").longInteger(INTERVAL, SnapshotPolicy.DEFAULT.everySeconds());
        int keep = map.get("keep").integer(Range.between(1, SnapshotPolicy.MOST_KEPT), SnapshotPolicy.DEFAULT_KEEP);
        map.refuseUnknownKeys();
        if (everySteps + everySeconds == 0) {
            problems.add(value.path(), "every_steps: 0 and every_seconds: 0", "at least one of them > 0");
            return SnapshotPolicy.DEFAULT;
        }
        return new SnapshotPolicy(everySteps, everySeconds, keep);
    }

    private long changelogRate(Value value) {
        Section map = value.section();
        long rate = map.get("bytes_per_second").longInteger(BYTES_PER_SECOND, ApplicationConfig.DEFAULT_CHANGELOG_RATE);
        map.refuseUnknownKeys();
        return rate;
    }

    private Guard guard(Value value) {
        String allowed = "alert or rollback";
        String given = value.text(allowed).orElse("alert");
        return switch (given) {
            case "alert" -> Guard.ALERT;
            case "rollback" -> Guard.ROLLBACK;
            default -> {
                problems.add(value.path(), "\"" + given + "\"", allowed);
                yield Guard.ALERT;
            }
        };
    }

    private HttpAddress http(Value value) {
        Section map = value.section();
        String host = map.get("host").text("a host name or address").orElse("127.0.0.1");
        int port = map.get("port").integer(Range.between(0, 65_535), 8080);
        Value tokenValue = map.get("token");
        Optional<String> token = tokenValue.text(TOKEN_ALLOWED);
        if (token.isPresent() && !TOKEN.matcher(token.get()).matches()) {
            problems.add(tokenValue.path(), "another text", TOKEN_ALLOWED);
        }
        int maxBody = map.get("max_body").integer(Range.between(HttpAddress.MIN_MAX_BODY, HttpAddress.MAX_MAX_BODY),
                HttpAddress.DEFAULT_MAX_BODY);
        map.refuseUnknownKeys();
        return new HttpAddress(host, port, token, maxBody);
    }
}
