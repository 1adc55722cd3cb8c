package dev.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.nn.Activation;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Initializer;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.Regularizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layouts of earlier versions, written as their sources say; real files of them are not at hand. */
class OldKerasTest {
    private static final float[] KERNEL = { 1, 2, 3, 4, 5, 6};
    private static final float[] BIAS = { 7, 8, 9};
    private static final float[] KERNEL_2 = { 0.1f, 0.2f, 0.3f};
    private static final float[] BIAS_2 = { 0.4f};
    private static final String KERAS_2 = """
            {"class_name":"Sequential","config":{"name":"s","layers":[
             {"class_name":"InputLayer","config":{"batch_input_shape":[null,2],"dtype":"float32","name":"in"}},
             {"class_name":"Dense","config":{"name":"a","dtype":"float32","units":3,"activation":"relu","use_bias":true,
              "kernel_initializer":{"class_name":"VarianceScaling","config":{"scale":1.0,"mode":"fan_avg","distribution":"uniform","seed":null}}}},
             {"class_name":"Dense","config":{"name":"b","units":1,"activation":"linear"}}]}}""";
    private static final String ADAM = """
            {"loss":["mse"],"metrics":["mae"],"optimizer_config":{"class_name":"Adam","config":{"lr":0.01,"beta_1":0.9,"beta_2":0.999,
             "decay":0.0,"epsilon":1e-07,"amsgrad":false}}}""";

    @TempDir
    private Path directory;

    @Test
    void readsKeras1() throws IOException {
        Path file = h5("""
                {"class_name":"Sequential","config":[{"class_name":"Dense","config":{"name":"dense_1","output_dim":3,"input_dim":2,
                 "init":"uniform","activation":"relu","W_regularizer":{"name":"WeightRegularizer","l1":0.0,"l2":0.5},"b_regularizer":null,
                 "bias":true,"batch_input_shape":[null,2]}},
                 {"class_name":"Dense","config":{"name":"dense_2","output_dim":1,"init":"glorot_uniform","activation":"linear"}}]}""",
                null, Map.of("dense_1", List.of("dense_1_W", "dense_1_b"), "dense_2", List.of("dense_2_W", "dense_2_b")), Map.of());
        KerasModel model = Samples.read(file);
        Dense first = (Dense) model.network().layers().getFirst();
        assertThat(first.units()).isEqualTo(3);
        assertThat(first.kernelInitializer()).isEqualTo(new Initializer.RandomUniform(-0.05f, 0.05f));
        assertThat(first.kernelRegularizer()).isEqualTo(new Regularizer(0, 0.5f));
        assertNumbers(model, "dense_1", "dense_2");
        assertThat(model.training()).isEmpty();
    }

    @Test
    void readsKeras2WithTheOptimizerOfUpTo210() throws IOException {
        Map<String, Object> slots = new LinkedHashMap<>();
        slots.put("Adam/iter:0", 12L);
        for (String slot : List.of("m", "v")) {
            slots.put("Adam/a/kernel/" + slot + ":0", rows(KERNEL, 2));
            slots.put("Adam/a/bias/" + slot + ":0", BIAS);
            slots.put("Adam/b/kernel/" + slot + ":0", rows(KERNEL_2, 3));
            slots.put("Adam/b/bias/" + slot + ":0", BIAS_2);
        }
        KerasModel model = Samples.read(h5(KERAS_2, ADAM, Map.of("a", List.of("a/kernel:0", "a/bias:0"), "b",
                List.of("b/kernel:0", "b/bias:0")), slots));
        assertNumbers(model, "a", "b");
        assertThat(((Dense) model.network().layers().getFirst()).kernelInitializer()).isEqualTo(Initializer.GLOROT_UNIFORM);
        assertThat(model.training().orElseThrow().optimizer()).isInstanceOf(Optimizer.Adam.class);
        OptimizerState state = model.optimizer().orElseThrow();
        assertThat(state.iterations()).isEqualTo(12);
        assertThat(state.slots().get("velocity").get("a/kernel")).containsExactly(KERNEL);
        assertThat(state.slots().get("momentum").get("b/bias")).containsExactly(BIAS_2);
    }

    @Test
    void aStateThatIsNotUnderstoodIsLeftOutWithAWarning() throws IOException {
        Path file = h5(KERAS_2, ADAM, Map.of("a", List.of("a/kernel:0", "a/bias:0"), "b", List.of("b/kernel:0", "b/bias:0")),
                Map.of("Adam/iter:0", 12L, "Adam/odd:0", new float[]{ 1}));
        List<String> warnings = new ArrayList<>();
        assertThat(ModelFiles.read(file, warnings::add).optimizer()).isEmpty();
        assertThat(warnings).singleElement().asString().contains("optimizer_weights", "left out");
    }

    @Test
    void readsTheCheckpointLayoutOf212() throws IOException {
        HdfWriter root = new HdfWriter();
        root.put("_layer_checkpoint_dependencies/dense/vars/0", rows(KERNEL, 2));
        root.put("_layer_checkpoint_dependencies/dense/vars/1", BIAS);
        root.put("_layer_checkpoint_dependencies/dense_2/vars/0", rows(KERNEL_2, 3));
        root.put("_layer_checkpoint_dependencies/dense_2/vars/1", BIAS_2);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(KerasArchive.CONFIG, KERAS_2.getBytes(StandardCharsets.UTF_8));
        files.put(KerasArchive.WEIGHTS, root.bytes());
        assertNumbers(Samples.read(Files.write(directory.resolve("old.keras"), KerasArchive.write(files))), "a", "b");
    }

    @Test
    void readsAChainWrittenAsAFunctionalModelAndRefusesBranches() throws IOException {
        String chain = """
                {"class_name":"Functional","config":{"name":"f","layers":[
                 {"class_name":"InputLayer","config":{"batch_input_shape":[null,2],"name":"in"},"inbound_nodes":[]},
                 {"class_name":"Dense","config":{"name":"a","units":3,"activation":"relu"},"inbound_nodes":[[["in",0,0,{}]]]},
                 {"class_name":"Dense","config":{"name":"b","units":1},"inbound_nodes":[[["a",0,0,{}]]]}]}}""";
        KerasModel model = Samples.read(Files.writeString(directory.resolve("f.json"), chain));
        assertThat(model.network().layers()).extracting("name").containsExactly("a", "b");
        assertThat(model.network().layers()).extracting("activation").containsExactly(Activation.RELU, Activation.LINEAR);
        Path branch = Files.writeString(directory.resolve("g.json"), chain.replace("[[[\"a\",0,0,{}]]]", "[[[\"in\",0,0,{}]]]"));
        assertThatThrownBy(() -> Samples.read(branch)).isInstanceOf(ModelFileException.class).hasMessageContaining("branches");
    }

    @Test
    void refusesAFunctionThatChangedItsMeaning() throws IOException {
        Path file = Files.writeString(directory.resolve("m.json"), KERAS_2.replace("\"relu\"", "\"hard_sigmoid\""));
        assertThatThrownBy(() -> Samples.read(file)).isInstanceOf(ModelFileException.class).hasMessageContaining("layer a (Dense)",
                "another function in Keras 1 and 2");
    }

    @Test
    void weightsThatDoNotFitAreRefusedWithTheirShapes() throws IOException {
        Path file = h5(KERAS_2.replace("\"units\":3", "\"units\":4"), null, Map.of("a", List.of("a/kernel:0", "a/bias:0"), "b",
                List.of("b/kernel:0", "b/bias:0")), Map.of());
        assertThatThrownBy(() -> Samples.read(file)).isInstanceOf(ModelFileException.class).hasMessageContaining("kernel:0",
                "its shape is [2, 3], the network needs [2, 4]");
    }

    private Path h5(String model, String training, Map<String, List<String>> layers, Map<String, Object> slots) throws IOException {
        HdfWriter root = new HdfWriter();
        root.text("model_config", model);
        if (training != null) {
            root.text("training_config", training);
        }
        HdfWriter weights = root.group("model_weights");
        List<String> names = layers.keySet().stream().sorted().toList();
        weights.texts("layer_names", names);
        for (int i = 0; i < names.size(); i++) {
            List<String> weightNames = layers.get(names.get(i));
            HdfWriter group = weights.group(names.get(i));
            group.texts("weight_names", weightNames);
            group.put(weightNames.get(0), i == 0 ? rows(KERNEL, 2) : rows(KERNEL_2, 3));
            group.put(weightNames.get(1), i == 0 ? BIAS : BIAS_2);
        }
        if (!slots.isEmpty()) {
            HdfWriter optimizer = root.group("optimizer_weights");
            optimizer.texts("weight_names", List.copyOf(slots.keySet()));
            slots.forEach(optimizer::put);
        }
        return Files.write(directory.resolve("old.h5"), root.bytes());
    }

    private static float[][] rows(float[] values, int count) {
        float[][] rows = new float[count][values.length / count];
        for (int i = 0; i < values.length; i++) {
            rows[i / rows[0].length][i % rows[0].length] = values[i];
        }
        return rows;
    }

    private static void assertNumbers(KerasModel model, String first, String second) {
        assertThat(model.weights().get(first + "/kernel")).containsExactly(KERNEL);
        assertThat(model.weights().get(first + "/bias")).containsExactly(BIAS);
        assertThat(model.weights().get(second + "/kernel")).containsExactly(KERNEL_2);
        assertThat(model.weights().get(second + "/bias")).containsExactly(BIAS_2);
    }
}
