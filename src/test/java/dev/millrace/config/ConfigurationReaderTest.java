package dev.millrace.config;

import static dev.millrace.config.Configurations.read;
import static dev.millrace.config.Configurations.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Missing;
import dev.millrace.nn.Activation;
import dev.millrace.nn.ActivationLayer;
import dev.millrace.nn.BatchNormalization;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Constraint;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Dropout;
import dev.millrace.nn.Initializer;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Metric;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.Regularizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationReaderTest {
    private static final Map<String, String> NO_ENVIRONMENT = Map.of();

    @Test
    void fillsInDefaults() {
        ApplicationConfig config = read(Configurations.VALID);
        LearnerSpec learner = config.learner();

        assertThat(config.topics()).isEqualTo(TopicNames.of("demo"));
        assertThat(config.snapshots()).isEqualTo(new SnapshotPolicy(1000, 10));
        assertThat(config.http()).isEqualTo(new HttpAddress("127.0.0.1", 8080));
        assertThat(config.changelogRate()).isEqualTo(20_000_000);
        assertThat(learner.missing()).isEqualTo(Missing.REJECT);
        assertThat(learner.standardize()).isTrue();
        assertThat(learner.batchSize()).isEqualTo(32);
        assertThat(learner.maxWaitMillis()).isZero();
        assertThat(learner.seed()).isEqualTo(42);
        assertThat(learner.window()).isEqualTo(1000);
        assertThat(learner.training().loss()).isEqualTo(new Loss.MeanSquaredError());
        assertThat(learner.training().optimizer())
                .isEqualTo(new Optimizer.Adagrad(new LearningRate.Constant(0.05f), 0.1f, 1e-7f, Clipping.NONE));
    }

    @Test
    void readsTheCaliforniaExample() {
        ApplicationConfig config = ConfigurationReader.read(Path.of("deploy/examples/california.yaml"), NO_ENVIRONMENT);
        LearnerSpec learner = config.learner();

        assertThat(config.name()).isEqualTo("california");
        assertThat(config.bootstrapServers()).isEqualTo("localhost:9092");
        assertThat(learner.features()).hasSize(8).contains(new Feature.Ratio("rooms_per_person", "total_rooms", "population"));
        assertThat(learner.label()).isEqualTo(new Label.Regression("median_house_value", 1, 0.001));
        assertThat(learner.network().inputs()).isEqualTo(8);
        assertThat(learner.network().layers()).containsExactly(new Dense("dense", 10, Activation.RELU),
                new Dense("dense_1", 10, Activation.RELU), new Dense("dense_2", 1, Activation.LINEAR));
        assertThat(learner.batchSize()).isEqualTo(100);
        assertThat(learner.training().optimizer()).isEqualTo(
                new Optimizer.Sgd(new LearningRate.Constant(0.01f), 0, false, new Clipping(Clipping.Kind.NORM, 5)));
    }

    @Test
    void readsTheElectricityExample() {
        LearnerSpec learner = ConfigurationReader.read(Path.of("deploy/examples/electricity.yaml"), NO_ENVIRONMENT).learner();

        assertThat(learner.label()).isEqualTo(new Label.Classification("class", List.of("0", "1")));
        assertThat(learner.network().outputs()).isEqualTo(1);
        assertThat(learner.training().loss()).isEqualTo(new Loss.BinaryCrossentropy(true, 0));
        assertThat(learner.batchSize()).isEqualTo(1);
    }

    @Test
    void readsEveryExampleThatIsShipped() throws Exception {
        try (var files = Files.list(Path.of("deploy/examples"))) {
            List<Path> examples = files.filter(file -> file.toString().endsWith(".yaml")).toList();
            assertThat(examples).hasSizeGreaterThanOrEqualTo(2)
                    .allSatisfy(file -> assertThat(ConfigurationReader.read(file, NO_ENVIRONMENT).name()).isNotEmpty());
        }
    }

    @Test
    void listsAllMistakesInOneGo() {
        assertThatThrownBy(() -> ConfigurationReader.read(Path.of("src/test/resources/config/mistakes.yaml"), NO_ENVIRONMENT))
                .isInstanceOf(ConfigurationException.class).hasMessage(Golden.text("config/mistakes.txt"));
    }

    @Test
    void readsTheWeightUnderBothItsNames() {
        String preset = "model: { preset: dnn_regressor, hidden_units: [4], weight_column: w }";
        assertThat(read(with("weight: w")).learner().weight()).contains("w");
        assertThat(read(with(preset)).learner().weight()).contains("w");
        assertThat(read(with(preset, "weight: w")).learner().weight()).contains("w");
        assertThat(read(with("weight: a")).learner().weight()).as("may be a feature").contains("a");
        assertThat(read(Configurations.VALID).learner().weight()).isEmpty();
        assertThat(read(with(), Map.of("MILLRACE_WEIGHT", "7")).learner().weight()).contains("7");
    }

    @Test
    void refusesWeightsThatContradictOrTellTheLabel() {
        assertThatThrownBy(() -> read(with("model: { preset: dnn_regressor, hidden_units: [4], weight_column: v }", "weight: w")))
                .hasMessageContaining("model.weight_column: found \"v\", allowed: \"w\" as weight says, or nothing");
        assertThatThrownBy(() -> read(with("weight: y")))
                .hasMessageContaining("weight: found \"y\", allowed: a field other than label.field");
        assertThatThrownBy(() -> read(with("weight: 0.5"))).hasMessageContaining("weight: found 0.5, allowed: the name of a field");
        assertThatThrownBy(() -> read(with("weight: v", "features: [{vector: v, width: 2}]")))
                .hasMessageContaining("weight: found \"v\", allowed: a field with a number, and this is the array of a feature");
        assertThatThrownBy(() -> read(with("model: { layers: [{units: 1}], weight_column: w }")))
                .hasMessageContaining("model.weight_column: found an unknown key");
    }

    @Test
    void theVocabularyOfAPresetIsItsClasses() {
        String preset = "model: { preset: dnn_classifier, hidden_units: [4], label_vocabulary: [no, yes, 3] }";
        Label expected = new Label.Classification("y", List.of("no", "yes", "3"));
        assertThat(read(with(preset)).learner().label()).isEqualTo(expected);
        assertThat(read(with(preset)).learner().network().outputs()).isEqualTo(3);
        assertThat(read(with(preset, "label: { field: y, classes: [no, yes, 3] }")).learner().label()).isEqualTo(expected);
        assertThatThrownBy(() -> read(with(preset, "label: { field: y, classes: [yes, no, 3] }"))).hasMessageContaining(
                "model.label_vocabulary: found a list of 3, allowed: the values of label.classes in their order, or nothing");
        assertThatThrownBy(() -> read(with(preset.replace("[4]", "[4], n_classes: 2")))).hasMessageContaining("model.n_classes: found 2");
        assertThatThrownBy(() -> read(with(preset.replace("[no, yes, 3]", "[a]"))))
                .hasMessageContaining("model.label_vocabulary: found a list of 1, allowed: a list of at least 2 different values");
        assertThatThrownBy(() -> read(with(preset.replace("classifier", "regressor"))))
                .hasMessageContaining("model.label_vocabulary: found an unknown key");
    }

    @Test
    void readsMetricsByTheNamesOfKeras() {
        LearnerSpec learner = read(with("training: { metrics: [mae, RootMeanSquaredError, log_loss, {name: top, metric: "
                + "top_k_categorical_accuracy, k: 3}], weighted_metrics: [{name: binary_accuracy, threshold: .7}] }")).learner();
        assertThat(learner.training().metrics()).containsExactly(new Metric.Mean("mae", new Loss.MeanAbsoluteError()),
                new Metric.RootMeanSquaredError("RootMeanSquaredError"), new Metric.TopKCategoricalAccuracy("top", 3));
        assertThat(learner.training().weightedMetrics()).containsExactly(new Metric.BinaryAccuracy("binary_accuracy", 0.7f));
        assertThatThrownBy(() -> read(with("training: { metrics: [mae, fbeta, 3, {name: mae, k: 3}] }")))
                .hasMessageContaining("training.metrics[1]: found \"fbeta\", allowed: a metric of Keras such as mae")
                .hasMessageContaining("training.metrics[2]: found 3").hasMessageContaining("training.metrics[3].k: found an unknown key");
    }

    @Test
    void readsEveryTransformAndNamesIt() {
        LearnerSpec learner = read(with("""
                features: [a, {field: b, name: bee}, {ratio: [a, b]}, {product: [a, b]}, {difference: [a, b]}, {log1p: a}, \
                {one_hot: c, vocabulary: [red, 7, true]}, {cyclical: hour, period: 24}, {vector: v, width: 3}]""")).learner();

        assertThat(learner.features()).containsExactly(new Feature.Pick("a", "a"), new Feature.Pick("bee", "b"),
                new Feature.Ratio("a_per_b", "a", "b"), new Feature.Product("a_times_b", "a", "b"),
                new Feature.Difference("a_minus_b", "a", "b"), new Feature.Log1p("log1p_a", "a"),
                new Feature.OneHot("one_hot_c", "c", List.of("red", "7", "true")), new Feature.Cyclical("cyclical_hour", "hour", 24),
                new Feature.Vector("v", "v", 3));
        assertThat(learner.network().inputs()).isEqualTo(6 + 3 + 2 + 3);
    }

    @Test
    void readsLayersInKerasWords() {
        LearnerSpec learner = read(with("""
                model: {layers: [{units: 8, activation: tanh, use_bias: false, kernel_initializer: HeNormal, kernel_regularizer: l2}, \
                {units: 2, name: out, kernel_initializer: {name: random_normal, stddev: .1}, bias_initializer: ones, \
                bias_regularizer: {l1: 1e-3}}]}""")).learner();

        assertThat(learner.network().layers()).containsExactly(
                new Dense("dense", 8, Activation.TANH, false, Initializer.HE_NORMAL, Initializer.ZEROS, new Regularizer(0, 0.01f),
                        Regularizer.NONE),
                new Dense("out", 2, Activation.LINEAR, true, new Initializer.RandomNormal(0, 0.1f), Initializer.ONES, Regularizer.NONE,
                        new Regularizer(0.001f, 0)));
        assertThat(learner.label()).isEqualTo(new Label.Regression("y", 2, 1));
    }

    @Test
    void readsOptimizersWithTheDefaultsOfKeras() {
        LearningRate.Constant rate = new LearningRate.Constant(0.001f);
        assertThat(optimizer("sgd")).isEqualTo(new Optimizer.Sgd(new LearningRate.Constant(0.01f), 0, false, Clipping.NONE));
        assertThat(optimizer("Adagrad")).isEqualTo(new Optimizer.Adagrad(rate, 0.1f, 1e-7f, Clipping.NONE));
        assertThat(optimizer("RMSprop")).isEqualTo(new Optimizer.RmsProp(rate, 0.9f, 0, 1e-7f, false, Clipping.NONE));
        assertThat(optimizer("adam")).isEqualTo(new Optimizer.Adam(rate, 0.9f, 0.999f, 1e-7f, false, Clipping.NONE));
        assertThat(optimizer("{name: adam, learning_rate: 1e-2, beta_1: 0.5, amsgrad: true, global_clipnorm: 3}")).isEqualTo(
                new Optimizer.Adam(new LearningRate.Constant(0.01f), 0.5f, 0.999f, 1e-7f, true,
                        new Clipping(Clipping.Kind.GLOBAL_NORM, 3)));
    }

    @Test
    void readsEveryKindOfLayerAndConstraint() {
        LearnerSpec learner = read(with("""
                model: {layers: [{units: 4, kernel_constraint: max_norm, bias_constraint: {name: MinMaxNorm, max_value: 3}}, \
                {type: activation, activation: swish}, {type: dropout, rate: 0.25}, {type: batch_normalization, momentum: 0.9}, \
                {type: dropout, rate: 0.5, seed: 7}, {units: 1}]}""")).learner();
        assertThat(learner.network().layers()).containsExactly(
                new Dense("dense", 4, Activation.LINEAR, true, Initializer.GLOROT_UNIFORM, Initializer.ZEROS, Regularizer.NONE,
                        Regularizer.NONE, new Constraint.MaxNorm(2), new Constraint.MinMaxNorm(0, 3, 1)),
                new ActivationLayer("activation", Activation.SILU), new Dropout("dropout", 0.25f),
                new BatchNormalization("batch_normalization", 0.9f, 0.001f, true, true), new Dropout("dropout_1", 0.5f, 7),
                new Dense("dense_1", 1, Activation.LINEAR));
        assertRefused(with("model: { layers: [{type: dropout, rate: 0.5}] }"),
                "model.layers: found no dense layer, allowed: at least one layer of type dense");
        assertRefused(with("model: { layers: [{units: 1}, {type: dropout, rate: 1}] }"),
                "model.layers[1].rate: found 1, allowed: a number >= 0 and < 1");
        assertRefused(with("model: { layers: [{units: 1}, {type: conv, rate: 1}] }"),
                "model.layers[1].type: found \"conv\", allowed: dense, activation, dropout, batch_normalization");
        assertRefused(with("model: { layers: [{units: 1, kernel_constraint: max}] }"),
                "model.layers[0].kernel_constraint: found \"max\", allowed: max_norm, non_neg, unit_norm, min_max_norm");
        assertThat(read(with("model: { preset: dnn_regressor, hidden_units: [3], dropout: 0.5, batch_norm: true }")).learner().network()
                .layers()).hasSize(4);
    }

    @Test
    void readsEveryOptimizerAndSchedule() {
        assertThat(optimizer("{name: adamw, learning_rate: {name: ExponentialDecay, initial_learning_rate: 0.1, decay_steps: 10, "
                + "decay_rate: 0.9}}"))
                .isEqualTo(new Optimizer.AdamW(new LearningRate.ExponentialDecay(0.1f, 10, 0.9f, false), 0.9f, 0.999f, 1e-7f, false,
                        Clipping.NONE, 0.004f));
        assertThat(optimizer("{name: Lion, weight_decay: 0.5, use_ema: false}"))
                .isEqualTo(new Optimizer.Lion(new LearningRate.Constant(0.001f), 0.9f, 0.99f, Clipping.NONE, 0.5f));
        assertThat(optimizer("{name: sgd, learning_rate: {name: cosine_decay, initial_learning_rate: 0, decay_steps: 8, "
                + "warmup_target: 0.2, warmup_steps: 3}}").learningRate())
                .isEqualTo(new LearningRate.CosineDecay(0, 8, 0, Optional.of(0.2f), 3));
        assertThat(optimizer("{name: sgd, learning_rate: {name: PiecewiseConstantDecay, boundaries: [3], values: [1, 0.5]}}")
                .learningRate()).isEqualTo(new LearningRate.PiecewiseConstantDecay(List.of(3L), List.of(1f, 0.5f)));
        assertRefused(with("training: { optimizer: {name: adam, use_ema: true} }"),
                "training.optimizer.use_ema: found true, allowed: nothing: not supported");
        assertRefused(with("training: { optimizer: {name: sgd, learning_rate: {name: PiecewiseConstantDecay, boundaries: [3, 3], "
                + "values: [1, 2, 3]}} }"), "training.optimizer.learning_rate.boundaries: found a list of 2, allowed: steps that ascend");
        assertRefused(with("training: { optimizer: {name: sgd, learning_rate: {name: Fast}} }"),
                "training.optimizer.learning_rate.name: found \"Fast\", allowed: ExponentialDecay, InverseTimeDecay, "
                        + "PiecewiseConstantDecay, PolynomialDecay, CosineDecay, CosineDecayRestarts");
    }

    private static Optimizer optimizer(String yaml) {
        return read(with("training: { optimizer: " + yaml + " }")).learner().training().optimizer();
    }

    @Test
    void readsDurations() {
        assertThat(maxWait("500ms")).isEqualTo(500);
        assertThat(maxWait("2s")).isEqualTo(2_000);
        assertThat(maxWait("1m")).isEqualTo(60_000);
        assertThat(maxWait("3h")).isEqualTo(10_800_000);
    }

    private static long maxWait(String duration) {
        return read(with("training: { max_wait: " + duration + " }")).learner().maxWaitMillis();
    }

    @Test
    void aClassifierPresetCountsItsClasses() {
        LearnerSpec learner = read(with("model: { preset: dnn_classifier, hidden_units: [4], n_classes: 3 }")).learner();

        assertThat(learner.label()).isEqualTo(new Label.Classification("y", List.of("0", "1", "2")));
        assertThat(learner.network().outputs()).isEqualTo(3);
        assertThat(learner.training().loss()).isEqualTo(new Loss.SparseCategoricalCrossentropy(true));
    }

    @Test
    void classesOfTheLabelCountForThePreset() {
        LearnerSpec learner = read(with("label: { field: y, classes: [x, y, z] }", "model: { preset: dnn_classifier, hidden_units: [] }"))
                .learner();
        assertThat(learner.network().outputs()).isEqualTo(3);
    }

    @Test
    void crossEntropyMakesLayersAClassifier() {
        LearnerSpec learner = read(with("model: { layers: [{units: 1, activation: sigmoid}] }", "training: { loss: binary_crossentropy }"))
                .learner();
        assertThat(learner.label()).isEqualTo(new Label.Classification("y", List.of("0", "1")));
    }

    @Test
    void classesAndTheLastLayerChooseTheLoss() {
        assertThat(lossFor("[{units: 1, activation: sigmoid}]", "[n, y]")).isEqualTo(new Loss.BinaryCrossentropy(false, 0));
        assertThat(lossFor("[{units: 3, activation: softmax}]", "[a, b, c]")).isEqualTo(new Loss.SparseCategoricalCrossentropy(false));
        assertThat(lossFor("[{units: 3}]", "[a, b, c]")).isEqualTo(new Loss.SparseCategoricalCrossentropy(true));
    }

    private static Loss lossFor(String layers, String classes) {
        return read(with("model: { layers: " + layers + " }", "label: { field: y, classes: " + classes + " }")).learner().training().loss();
    }

    @Test
    void refusesSectionsThatDoNotFitTogether() {
        assertRefused(with("model: { layers: [{units: 2, activation: softmax}] }", "label: { field: y, classes: [a, b, c] }"),
                "model.layers[0].units: found 2, allowed: 3, for 3 classes under sparse_categorical_crossentropy");
        assertRefused(with("label: { field: y, classes: [a, b] }"),
                "model.preset: found \"dnn_regressor\", allowed: dnn_classifier, because label.classes is given");
        assertRefused(with("label: { field: y, classes: [a, b] }", "model: { preset: dnn_classifier, hidden_units: [], n_classes: 3 }"),
                "model.n_classes: found 3, allowed: 2, the number of label.classes");
        assertRefused(with("training: { loss: binary_crossentropy }"),
                "training.loss: found binary_crossentropy, allowed: a loss such as mse, mae or huber, for a label that is a number");
        assertRefused(with("model: { preset: dnn_classifier, hidden_units: [4] }", "training: { loss: mse }"),
                "training.loss: found mean_squared_error, allowed: binary_crossentropy, categorical_crossentropy or "
                        + "sparse_categorical_crossentropy, for classes");
        assertRefused(with("model: { layers: [{units: 3, activation: softmax}] }",
                "training: { loss: {name: sparse_categorical_crossentropy, from_logits: true} }"),
                "model.layers[0].activation: found softmax, allowed: linear, because training.loss has from_logits: true");
        assertRefused(with("model: { layers: [{units: 1, activation: relu}] }", "training: { loss: binary_crossentropy }"),
                "model.layers[0].activation: found relu, allowed: sigmoid or softmax, or from_logits: true in training.loss");
        assertRefused(with("label: { field: a }"),
                "features: found the label's field \"a\" in feature \"a\", allowed: fields other than label.field");
        assertRefused(with("model: { preset: dnn_classifier, hidden_units: [4] }", "label: { field: y, scale: 2 }"),
                "label.scale: found 2, allowed: nothing: classes have no scale");
        assertRefused(with("model: { preset: dnn_regressor, hidden_units: [1000000, 1000000] }"),
                "model: found 1000005000001 parameters, allowed: at most 250000000");
    }

    @Test
    void refusesTwoClipsInKerasWords() {
        assertRefused(with("training: { optimizer: {name: sgd, clipnorm: 1, global_clipnorm: 1} }"),
                "training.optimizer: found clipnorm and global_clipnorm, "
                        + "allowed: Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set");
    }

    @Test
    void refusesTwoWaysToGiveANetwork() {
        assertRefused(with("model: { preset: dnn_regressor, layers: [] }"),
                "model: found both preset and layers, allowed: preset (dnn_regressor or dnn_classifier) with hidden_units, or layers");
        assertRefused(with("model: { hidden_units: [1] }"),
                "model: found only hidden_units, allowed: preset (dnn_regressor or dnn_classifier) with hidden_units, or layers");
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> read("")).hasMessageContainingAll("name: found nothing, allowed: 1 to 100 of A-Z a-z 0-9 . _ -",
                "features: found nothing", "label: found nothing", "model: found nothing");
    }

    @Test
    void passesKafkaSettingsThroughWithTheirDigits() {
        ApplicationConfig config = read(with("kafka: { sasl.password: 0123, linger.ms: 5, enable.idempotence: true, client.id: mill }"));
        assertThat(config.kafka()).containsOnly(Map.entry("sasl.password", "0123"), Map.entry("linger.ms", "5"),
                Map.entry("enable.idempotence", "true"), Map.entry("client.id", "mill"));
    }

    @Test
    void warnsAboutAKafkaSettingThatIsProbablyMisspelled() {
        List<String> warnings = new ArrayList<>();
        ConfigurationReader.read(Configurations.file(with("kafka: { bootstrap.server: x, my.interceptor.color: red }")), NO_ENVIRONMENT,
                warnings::add);
        assertThat(warnings).containsExactly("kafka.bootstrap.server is not a setting of Kafka's clients; did you mean bootstrap.servers?");
    }

    @Test
    void refusesFilesThatCannotBeRead(@TempDir Path directory) throws Exception {
        Path absent = directory.resolve("absent.yaml");
        assertThatThrownBy(() -> ConfigurationReader.read(absent, NO_ENVIRONMENT)).isInstanceOf(ConfigurationException.class)
                .hasMessage("1 problem in " + absent + ":\n  the file: found no file of this name, allowed: a YAML file");
        assertThatThrownBy(() -> ConfigurationReader.read(directory, NO_ENVIRONMENT)).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("a directory");
        Path latin1 = Files.write(directory.resolve("latin1.yaml"), new byte[]{ 'a', ':', ' ', (byte) 0xe9});
        assertThatThrownBy(() -> ConfigurationReader.read(latin1, NO_ENVIRONMENT)).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("not UTF-8");
        Path large = Files.write(directory.resolve("large.yaml"), new byte[ConfigurationReader.MAX_BYTES + 1]);
        assertThatThrownBy(() -> ConfigurationReader.read(large, NO_ENVIRONMENT)).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("more than 1 MB");
    }

    private static void assertRefused(String yaml, String problem) {
        assertThatThrownBy(() -> read(yaml)).isInstanceOfSatisfying(ConfigurationException.class,
                e -> assertThat(e.problems()).extracting(Object::toString).containsExactly(problem));
    }
}
