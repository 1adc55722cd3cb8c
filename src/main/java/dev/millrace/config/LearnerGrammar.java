package dev.millrace.config;

import dev.millrace.learn.Feature;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Missing;
import dev.millrace.learn.StartingState;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Layer;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Metric;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The sections that describe a learner: {@code seed}, {@code features}, {@code missing}, {@code standardize}, {@code label},
 * {@code weight}, {@code model}, {@code training} and {@code evaluation}. The same in a user's file and in a snapshot.
 */
final class LearnerGrammar {
    private static final long DEFAULT_SEED = 42;
    private static final int DEFAULT_BATCH_SIZE = 32;
    private static final int DEFAULT_WINDOW = 1000;
    private static final Range BATCH_SIZE = Range.between(1, 1_000_000);
    private static final Range WINDOW = Range.between(1, Integer.MAX_VALUE);
    private static final String FIELD = "the name of a field";
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s?(ms|s|m|h)");
    private static final String DURATION_ALLOWED = "a duration such as 500ms, 2s, 1m or 1h";
    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);

    private final Problems problems;
    private final boolean checkSense;
    private final StartingModels models;
    private Optional<StartingState> start = Optional.empty();

    /**
     * @param checkSense whether combinations that are well-formed but never work, such as logits after a softmax, are problems; a
     *            snapshot's learner has run already
     */
    LearnerGrammar(Problems problems, boolean checkSense) {
        this(problems, checkSense, file -> {
            throw new IllegalArgumentException("a file cannot be read here");
        });
    }

    /** @param models opens the file of {@code model: keras:} */
    LearnerGrammar(Problems problems, boolean checkSense, StartingModels models) {
        this.problems = problems;
        this.checkSense = checkSense;
        this.models = models;
    }

    /** What the learner that was read starts with, if the model is given as a file with weights. */
    Optional<StartingState> start() {
        return start;
    }

    private Optional<StartingModel> startingModel(Value file) {
        String name = file.text("the path of a .keras, .h5, .json or .safetensors file").orElse("");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(models.open(Path.of(name)));
        } catch (RuntimeException e) {
            problems.add(file.path(), String.valueOf(e.getMessage()), "a model file that this program can continue");
            return Optional.empty();
        }
    }

    /** The learner; empty if any problem has been reported so far. */
    Optional<LearnerSpec> read(Section root) {
        long seed = root.get("seed").longInteger(Range.ANY, DEFAULT_SEED);
        List<Feature> features = FeatureGrammar.read(root.get("features"));
        Missing missing = root.get("missing").oneOf(LayerGrammar.lowerCase(Missing.values()), Missing.REJECT);
        boolean standardize = root.get("standardize").truth(true);
        LabelSection label = LabelSection.read(root.get("label"));
        Value modelValue = root.get("model");
        Optional<StartingModel> file = modelValue.isMap() && modelValue.section().has("keras")
                ? startingModel(modelValue.section().get("keras"))
                : Optional.empty();
        ModelSection model = modelValue.isMap() && modelValue.section().has("keras")
                ? ModelSection.ofFile(modelValue, file.map(opened -> opened.network().layers()).orElse(List.of()))
                : ModelSection.read(modelValue);
        label.refuseLabelAmong(features, root.get("features"));
        label = label.withVocabulary(model.vocabulary());
        Optional<String> weight = weight(root.get("weight"), model.weightColumn(), label, features);

        Section training = root.get("training").section();
        int batchSize = training.get("batch_size").integer(BATCH_SIZE, DEFAULT_BATCH_SIZE);
        long maxWait = duration(training.get("max_wait"));
        Value lossValue = training.get("loss");
        Optional<TrainingSpec> compiled = file.flatMap(StartingModel::training);
        Optional<Loss> givenLoss = TrainingGrammar.loss(lossValue, model.logitsByDefault()).or(() -> compiled.map(TrainingSpec::loss));
        Loss.Reduction reduction = training.get("reduction").oneOf(reductions(),
                compiled.map(TrainingSpec::reduction).orElse(Loss.Reduction.SUM_OVER_BATCH_SIZE));
        List<Metric> metrics = MetricGrammar.read(training.get("metrics"), compiled.map(TrainingSpec::metrics).orElse(List.of()));
        List<Metric> weighted = MetricGrammar.read(training.get("weighted_metrics"),
                compiled.map(TrainingSpec::weightedMetrics).orElse(List.of()));
        Optimizer optimizer = TrainingGrammar.optimizer(training.get("optimizer"),
                compiled.map(TrainingSpec::optimizer).orElse(defaultOptimizer(model)));
        training.refuseUnknownKeys();

        Section evaluation = root.get("evaluation").section();
        int window = evaluation.get("window").integer(WINDOW, DEFAULT_WINDOW);
        evaluation.refuseUnknownKeys();

        LabelAndLoss resolved = LabelAndLoss.resolve(label, model, givenLoss);
        TrainingSpec trainingSpec = new TrainingSpec(resolved.loss(), reduction, optimizer, metrics, weighted);
        int outputs = LearnerSpec.outputsFor(resolved.label(), trainingSpec);
        List<Layer> layers = model.layers(outputs);
        Crosschecks checks = new Crosschecks(problems, label, model, resolved, layers);
        checks.shapes(outputs, FeatureGrammar.width(features));
        if (file.isPresent() && file.get().network().inputs() != FeatureGrammar.width(features)) {
            problems.add(modelValue.path() + ".keras", "a network of " + file.get().network().inputs() + " inputs",
                    "one for each of the " + FeatureGrammar.width(features) + " columns of the features");
        }
        if (checkSense) {
            checks.sense(lossValue);
        }
        if (!problems.isEmpty()) {
            return Optional.empty();
        }
        start = file.flatMap(opened -> opened.stateFor(trainingSpec));
        NetworkSpec network = new NetworkSpec((int) FeatureGrammar.width(features), layers);
        return Optional.of(new LearnerSpec(features, missing, standardize, resolved.label(), network, trainingSpec, batchSize, maxWait,
                seed, window, weight));
    }

    /** {@code weight} and the presets' {@code weight_column} are one thing. */
    private static Optional<String> weight(Value value, Value column, LabelSection label, List<Feature> features) {
        Optional<String> top = value.text(FIELD);
        Optional<String> preset = column.text(FIELD);
        if (top.isPresent() && preset.isPresent() && !top.equals(preset)) {
            column.refuse("\"" + top.get() + "\" as weight says, or nothing");
        }
        Value used = top.isPresent() ? value : column;
        Optional<String> weight = top.or(() -> preset);
        weight.ifPresent(field -> {
            boolean vector = features.stream().anyMatch(feature -> feature instanceof Feature.Vector v && v.field().equals(field));
            if (field.equals(label.field())) {
                used.refuse("a field other than label.field");
            } else if (vector) {
                used.refuse("a field with a number, and this is the array of a feature");
            }
        });
        return weight;
    }

    /** Writes a learner with every default spelled out. */
    static ObjectNode write(LearnerSpec learner) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("seed", learner.seed());
        root.set("features", FeatureGrammar.write(learner.features()));
        root.put("missing", LayerGrammar.lowerCase(learner.missing()));
        root.put("standardize", learner.standardize());
        root.set("label", LabelSection.write(learner.label()));
        learner.weight().ifPresent(field -> root.put("weight", field));
        root.putObject("model").set("layers", LayerGrammar.write(learner.network().layers()));
        ObjectNode training = root.putObject("training");
        training.put("batch_size", learner.batchSize());
        training.put("max_wait", learner.maxWaitMillis() + "ms");
        training.set("loss", TrainingGrammar.write(learner.training().loss()));
        training.put("reduction", LayerGrammar.lowerCase(learner.training().reduction()));
        training.set("optimizer", TrainingGrammar.write(learner.training().optimizer()));
        if (!learner.training().metrics().isEmpty()) {
            training.set("metrics", MetricGrammar.write(learner.training().metrics()));
        }
        if (!learner.training().weightedMetrics().isEmpty()) {
            training.set("weighted_metrics", MetricGrammar.write(learner.training().weightedMetrics()));
        }
        root.putObject("evaluation").put("window", learner.window());
        return root;
    }

    /** Keras says {@code mean} for the same division too. */
    private static Map<String, Loss.Reduction> reductions() {
        Map<String, Loss.Reduction> names = LayerGrammar.lowerCase(Loss.Reduction.values());
        names.put("mean", Loss.Reduction.SUM_OVER_BATCH_SIZE);
        return names;
    }

    /** Keras has no default optimizer for a bare network but rmsprop; estimators have Adagrad with a rate of 0.05. */
    private static Optimizer defaultOptimizer(ModelSection model) {
        return model.isPreset()
                ? new Optimizer.Adagrad(new LearningRate.Constant(0.05f), 0.1f, 1e-7f, Clipping.NONE)
                : new Optimizer.RmsProp(new LearningRate.Constant(0.001f), 0.9f, 0, 1e-7f, false, Clipping.NONE);
    }

    private static long duration(Value value) {
        Optional<String> text = value.text(DURATION_ALLOWED);
        if (text.isEmpty()) {
            return 0;
        }
        Matcher matcher = DURATION.matcher(text.get());
        if (!matcher.matches()) {
            value.refuse(DURATION_ALLOWED);
            return 0;
        }
        return Long.parseLong(matcher.group(1)) * MILLIS.getOrDefault(matcher.group(2), 1L);
    }
}
