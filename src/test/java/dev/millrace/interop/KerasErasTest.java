package dev.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.nn.Activation;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Initializer;
import dev.millrace.nn.LearningRate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What differs from one version of Keras to the next, for a network of two inputs, three hidden units and one output. */
class KerasErasTest {
    private static final float[][] KERNEL = { { 1, 2, 3}, { 4, 5, 6}};
    private static final float[] BIAS = { 7, 8, 9};
    private static final float[][] KERNEL_2 = { { 0.1f}, { 0.2f}, { 0.3f}};
    private static final float[] BIAS_2 = { 0.4f};
    private static final String LAYERS = """
            [{"class_name":"InputLayer","config":{"batch_shape":[null,2],"name":"in"}},
             {"class_name":"Dense","config":{"name":"a","units":3,"activation":"relu"}},
             {"class_name":"Dense","config":{"name":"b","units":1,"activation":"linear"}}]""";
    private static final String SEQUENTIAL = "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"s\",\"layers\":" + LAYERS + "}}";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({ "3.9.2,true", "3.14.0,true", "2.13.1,false", "2.2.4-tf,false", "1.2.2,false"})
    void theHardSigmoidIsThatOfTheVersion(String version, boolean ours) throws IOException {
        HdfWriter root = new HdfWriter();
        root.text("keras_version", version);
        root.text("model_config", SEQUENTIAL.replace("\"relu\"", "\"hard_sigmoid\""));
        weights(root.group("model_weights"), "a/a/kernel:0", "a/a/bias:0", "b/b/kernel:0", "b/b/bias:0");
        Path h5 = Files.write(directory.resolve("m.h5"), root.bytes());
        Path keras = keras(SEQUENTIAL.replace("\"relu\"", "\"hard_sigmoid\"").replace("{\"class_name\":\"Seq",
                "{\"module\":\"keras\",\"class_name\":\"Seq"), "layers", 1, version, Map.of());
        for (Path file : List.of(h5, keras)) {
            if (ours) {
                assertThat(((Dense) Samples.read(file).network().layers().getFirst()).activation()).isEqualTo(Activation.HARD_SIGMOID);
            } else {
                assertThatThrownBy(() -> Samples.read(file)).hasMessageContaining("layer a (Dense)").hasMessageContaining("Keras 1 and 2");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "[null,2]", "[32,2]", "{\"class_name\":\"TensorShape\",\"items\":[null,2]}"})
    void aModelThatGotItsShapeFromDataTellsItInOnePlace(String shape) throws IOException {
        String config = SEQUENTIAL.replace("{\"class_name\":\"InputLayer\",\"config\":{\"batch_shape\":[null,2],\"name\":\"in\"}},", "")
                .replace("\"name\":\"s\"", "\"name\":\"s\",\"build_input_shape\":" + shape);
        assertThat(Samples.read(Files.writeString(directory.resolve("m.json"), config)).network().inputs()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({ "layers,1", "_layers,1", "_layer_checkpoint_dependencies,2"})
    void theGroupsOfLayersHadOtherNamesAndNumbers(String group, int step) throws IOException {
        String three = SEQUENTIAL.replace("\"linear\"}}]",
                "\"linear\"}},{\"class_name\":\"Dense\",\"config\":{\"name\":\"c\",\"units\":3}}]");
        KerasModel model = Samples.read(keras(three, group, step, "3.0.0", Map.of()));
        assertThat(model.weights().get("b/kernel")).containsExactly(0.1f, 0.2f, 0.3f);
        assertThat(model.weights().get("c/bias")).containsExactly(BIAS);
    }

    @Test
    void weightsOfAnotherArchitectureAreNoticed() throws IOException {
        Path file = keras(SEQUENTIAL, "layers", 1, "3.9.2", Map.of("layers/dense_2/vars/0", KERNEL));
        assertThatThrownBy(() -> Samples.read(file)).isInstanceOf(ModelFileException.class).hasMessageContaining("layers/dense_2");
    }

    @ParameterizedTest
    @ValueSource(floats = { Float.NaN, Float.NEGATIVE_INFINITY})
    void aWeightThatIsNoNumberIsRefusedWithItsPlace(float value) throws IOException {
        Path file = keras(SEQUENTIAL, "layers", 1, "3.9.2", Map.of("layers/dense/vars/1", new float[]{ 1, 2, value}));
        assertThatThrownBy(() -> Samples.read(file)).isInstanceOf(ModelFileException.class)
                .hasMessageContaining("model.weights.h5/layers/dense/vars/1: value 2 is " + value);
    }

    @Test
    void aModelThatWasNeverTrainedHasNoStateYet() throws IOException {
        for (Map<String, Object> variables : List.of(Map.<String, Object>of("optimizer/vars/0", 0L, "optimizer/vars/1", 0.001f),
                Map.<String, Object>of("optimizer/vars/0", 0L))) {
            KerasModel model = Samples.read(keras(compiled("Adam", ""), "layers", 1, "3.9.2", variables));
            assertThat(model.training()).isPresent();
            assertThat(model.optimizer()).isEmpty();
        }
        assertThat(Samples.read(h5("Adam", "", List.of("adam/iteration", "adam/learning_rate"), List.of(0L, 0.001f))).optimizer())
                .isEmpty();
    }

    @Test
    void nadamsProductStandsBeforeOrBehindTheSlots() throws IOException {
        for (boolean behind : List.of(true, false)) { // since 3.10, and before
            Map<String, Object> variables = new LinkedHashMap<>();
            List<Object> slots = new ArrayList<>(interleaved(2));
            slots.add(behind ? slots.size() : 0, 0.3f);
            slots.addFirst(0.001f);
            slots.addFirst(5L);
            IntStream.range(0, slots.size()).forEach(i -> variables.put("optimizer/vars/" + i, slots.get(i)));
            assertSlots(Samples.read(keras(compiled("Nadam", ""), "layers", 1, "3.10.0", variables)), "momentum", "velocity");
        }
    }

    @Test
    void anOptimizerWithOtherVariablesLosesItsStateAndSaysSo() throws IOException {
        Path file = keras(compiled("Adam", ""), "layers", 1, "3.9.2",
                Map.of("optimizer/vars/0", 5L, "optimizer/vars/1", 0.001f, "optimizer/vars/2", BIAS));
        List<String> warnings = new ArrayList<>();
        assertThat(ModelFiles.read(file, warnings::add).optimizer()).isEmpty();
        assertThat(warnings).singleElement().asString().contains("optimizer/vars: 1 arrays, the optimizer Adam of this network has 8");
    }

    @ParameterizedTest
    @CsvSource({ "training/Adam/Variable", "training/Adam/m", "param"})
    void earlyVersionsNumberTheSlots(String prefix) throws IOException {
        List<String> names = new ArrayList<>(List.of(prefix.equals("param") ? "param_0" : "Adam/iterations:0"));
        List<Object> values = new ArrayList<>(List.of(5f));
        for (int slot = 0; slot < 2; slot++) {
            for (int i = 0; i < 4; i++) {
                String name = prefix.endsWith("/m") && slot == 1 ? prefix.replace("/m", "/v") : prefix;
                names.add(name + "_" + (prefix.endsWith("/m") ? i : 1 + 4 * slot + i) + (prefix.equals("param") ? "" : ":0"));
                values.add(interleaved(2).get(2 * i + slot));
            }
        }
        if (!prefix.equals("param")) {
            names.add("training/Adam/vhat_0:0"); // a place for what this Adam does not keep
            values.add(new float[]{ 0});
        }
        assertSlots(Samples.read(h5("Adam", "", names, values)), "momentum", "velocity");
    }

    @Test
    void versions211To215NameTheSlotsAfterTheWeightsOfTheFile() throws IOException {
        List<String> names = new ArrayList<>(List.of("iteration:0", "learning_rate:0"));
        for (String weight : List.of("a/kernel", "a/bias", "b/kernel", "b/bias")) {
            names.add("Adam/m/" + weight + ":0");
            names.add("Adam/v/" + weight + ":0");
        }
        List<Object> values = new ArrayList<>(List.of(5L, 0.001f));
        values.addAll(interleaved(2));
        assertSlots(Samples.read(h5("Adam", "", names, values)), "momentum", "velocity");
    }

    @Test
    void anHdf5FileMayBeNamedKeras() throws IOException {
        Path file = h5("SGD", "", List.of(), List.of());
        Path named = Files.copy(file, directory.resolve("named.keras"));
        assertThat(Differences.between(Samples.read(named), Samples.read(file))).isEmpty();
        assertThat(ModelFiles.read(file, named, _ -> {
        }).weights()).containsKey("a/kernel");
    }

    @Test
    void theOldDecayIsASchedule() throws IOException {
        LearningRate rate = Samples.read(h5("SGD", "\"lr\":0.01,\"decay\":1e-6,\"momentum\":0.0,\"nesterov\":false", List.of(), List.of()))
                .training().orElseThrow().optimizer().learningRate();
        assertThat(rate).isEqualTo(new LearningRate.InverseTimeDecay(0.01f, 1, 1e-6f, false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = { "null;true", "1.0;true", "[1.0];true", "{\"b\":1};true", "0.5;false", "[0.5];false"})
    void aLossMayBeWeightedByOne(String weights, boolean allowed) throws IOException {
        Path file = Files.writeString(directory.resolve("m.json"),
                compiled("SGD", "").replace("\"loss\":", "\"loss_weights\":" + weights + ",\"loss\":"));
        if (allowed) {
            assertThat(Samples.read(file).training()).isPresent();
        } else {
            assertThatThrownBy(() -> Samples.read(file)).hasMessageContaining("loss_weights").hasMessageContaining("allowed: null or 1");
        }
    }

    @Test
    void aChainWithTwoOutputsIsNoChain() throws IOException {
        String model = """
                {"module":"keras","class_name":"Functional","config":{"name":"f","layers":[
                 {"class_name":"InputLayer","config":{"batch_shape":[null,2],"name":"in"},"name":"in","inbound_nodes":[]},
                 {"class_name":"Dense","config":{"name":"a","units":3},"name":"a","inbound_nodes":[{"args":[{"class_name":"__keras_tensor__",
                  "config":{"shape":[null,2],"dtype":"float32","keras_history":["in",0,0]}}],"kwargs":{}}]},
                 {"class_name":"Dense","config":{"name":"b","units":1},"name":"b","inbound_nodes":[{"args":[{"class_name":"__keras_tensor__",
                  "config":{"shape":[null,3],"dtype":"float32","keras_history":["a",0,0]}}],"kwargs":{}}]}],
                 "input_layers":[["in",0,0]],"output_layers":[["b",0,0]]}}""";
        assertThat(Samples.read(Files.writeString(directory.resolve("f.json"), model)).network().layers()).hasSize(2);
        Path two = Files.writeString(directory.resolve("g.json"), model.replace("[[\"b\",0,0]]", "[[\"a\",0,0],[\"b\",0,0]]"));
        assertThatThrownBy(() -> Samples.read(two)).hasMessageContaining("output_layers: found [a, b], allowed: the last layer, b");
    }

    @Test
    void aRescalingBeforeTheFirstLayerIsANormalization() throws IOException {
        String model = SEQUENTIAL.replace("{\"class_name\":\"Dense\",\"config\":{\"name\":\"a\"",
                "{\"class_name\":\"Rescaling\",\"config\":{\"name\":\"r\",\"scale\":0.25,\"offset\":-1.0}},"
                        + "{\"class_name\":\"Dense\",\"config\":{\"name\":\"a\"");
        Normalization normalization = Samples.read(Files.writeString(directory.resolve("m.json"), model)).normalization().orElseThrow();
        assertThat(normalization.mean()).containsExactly(4, 4);
        assertThat(normalization.variance()).containsExactly(16, 16);
    }

    @Test
    void anAdaptedNormalizationHasItsStatisticsAmongTheWeights() throws IOException {
        String model = SEQUENTIAL.replace("{\"class_name\":\"Dense\",\"config\":{\"name\":\"a\"",
                "{\"class_name\":\"Normalization\",\"config\":{\"name\":\"n\",\"axis\":[-1],\"mean\":null,\"variance\":null}},"
                        + "{\"class_name\":\"Dense\",\"config\":{\"name\":\"a\"");
        String group = "layers/normalization/vars/";
        KerasModel read = Samples.read(keras(model, "layers", 1, "3.9.2",
                Map.of(group + "0", new float[]{ 1, 2}, group + "1", new float[]{ 3, 4}, group + "2", 0)));
        assertThat(read.normalization().orElseThrow().mean()).containsExactly(1, 2);
        assertThat(read.normalization().orElseThrow().variance()).containsExactly(3, 4);
        assertThat(read.normalization().orElseThrow().parameters()).isEqualTo(5);
        Path again = directory.resolve("again.keras");
        ModelFiles.write(read, again);
        assertThat(Samples.read(again).normalization().orElseThrow().name()).isEqualTo("n");
        List<String> warnings = new ArrayList<>();
        assertThat(ModelFiles.read(Files.writeString(directory.resolve("m.json"), model), warnings::add).normalization()).isEmpty();
        assertThat(warnings).singleElement().asString().contains("layer n (Normalization)", "left out");
    }

    @ParameterizedTest
    @CsvSource({ "OrthogonalInitializer", "Orthogonal", "orthogonal"})
    void initializersHadOtherNames(String name) throws IOException {
        String model = SEQUENTIAL.replace("\"units\":3", "\"units\":3,\"kernel_initializer\":{\"class_name\":\"" + name
                + "\",\"config\":{\"gain\":1.0,\"seed\":null}}");
        assertThat(((Dense) Samples.read(Files.writeString(directory.resolve("m.json"), model)).network().layers().getFirst())
                .kernelInitializer()).isEqualTo(new Initializer.Orthogonal(1));
    }

    private static String compiled(String optimizer, String arguments) {
        return SEQUENTIAL.substring(0, SEQUENTIAL.length() - 1) + ",\"compile_config\":" + training("optimizer", optimizer, arguments)
                + "}";
    }

    private static String training(String key, String optimizer, String arguments) {
        return "{\"loss\":\"mse\",\"" + key + "\":{\"class_name\":\"" + optimizer + "\",\"config\":{" + arguments + "}}}";
    }

    /** All slots of all variables, alternating; those of slot number s are s + 1 times the weights. */
    private static List<Object> interleaved(int slots) {
        List<Object> values = new ArrayList<>();
        for (Object weight : List.of(KERNEL, BIAS, KERNEL_2, BIAS_2)) {
            for (int slot = 1; slot <= slots; slot++) {
                values.add(times(weight, slot));
            }
        }
        return values;
    }

    private static Object times(Object weight, int factor) {
        if (weight instanceof float[][] rows) {
            float[][] product = new float[rows.length][];
            IntStream.range(0, rows.length).forEach(i -> product[i] = (float[]) times(rows[i], factor));
            return product;
        }
        float[] product = ((float[]) weight).clone();
        IntStream.range(0, product.length).forEach(i -> product[i] *= factor);
        return product;
    }

    private static void assertSlots(KerasModel model, String first, String second) {
        OptimizerState state = model.optimizer().orElseThrow();
        assertThat(state.iterations()).isEqualTo(5);
        assertThat(state.slots().get(first).get("a/kernel")).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(state.slots().get(second).get("a/bias")).containsExactly(14, 16, 18);
        assertThat(state.slots().get(first).get("b/bias")).containsExactly(0.4f);
        assertThat(state.slots().get(second).get("b/kernel")).containsExactly(0.2f, 0.4f, 0.6f);
    }

    private Path keras(String config, String layers, int step, String version, Map<String, ?> more) throws IOException {
        HdfWriter root = new HdfWriter();
        List<Object> weights = List.of(KERNEL, BIAS, KERNEL_2, BIAS_2, new float[][]{ { 1, 2, 3}}, BIAS);
        for (int i = 0; i < (config.contains("\"c\"") ? 3 : 2); i++) {
            String group = layers + "/" + (i == 0 ? "dense" : "dense_" + i * step) + "/vars/";
            root.put(group + "0", weights.get(2 * i));
            root.put(group + "1", weights.get(2 * i + 1));
        }
        more.forEach(root::put);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(KerasArchive.METADATA, ("{\"keras_version\":\"" + version + "\"}").getBytes(StandardCharsets.UTF_8));
        files.put(KerasArchive.CONFIG, config.getBytes(StandardCharsets.UTF_8));
        files.put(KerasArchive.WEIGHTS, root.bytes());
        return Files.write(directory.resolve("m.keras"), KerasArchive.write(files));
    }

    private Path h5(String optimizer, String arguments, List<String> names, List<Object> values) throws IOException {
        HdfWriter root = new HdfWriter();
        root.text("model_config", SEQUENTIAL);
        root.text("training_config", training("optimizer_config", optimizer, arguments));
        weights(root.group("model_weights"), "a/a/kernel:0", "a/a/bias:0", "b/b/kernel:0", "b/b/bias:0");
        if (!names.isEmpty()) {
            HdfWriter group = root.group("optimizer_weights");
            group.texts("weight_names", names);
            IntStream.range(0, names.size()).forEach(i -> group.put(names.get(i), values.get(i)));
        }
        return Files.write(directory.resolve("m.h5"), root.bytes());
    }

    private static void weights(HdfWriter group, String... paths) {
        List<Object> values = List.of(KERNEL, BIAS, KERNEL_2, BIAS_2);
        group.texts("layer_names", List.of("a", "b"));
        group.group("a").texts("weight_names", List.of(paths[0].substring(2), paths[1].substring(2)));
        group.group("b").texts("weight_names", List.of(paths[2].substring(2), paths[3].substring(2)));
        IntStream.range(0, paths.length).forEach(i -> group.put(paths[i], values.get(i)));
    }
}
