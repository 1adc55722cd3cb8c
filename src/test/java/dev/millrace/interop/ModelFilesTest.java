package dev.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModelFilesTest {
    @TempDir
    private Path directory;

    static List<String> names() throws IOException {
        return Samples.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void aModelTravelsThroughAllFormatsBitForBit(String name) {
        KerasModel model = Samples.read(Samples.file(name, ".keras"));
        KerasModel travelled = model;
        for (String ending : List.of(".h5", ".keras", ".safetensors", ".keras")) {
            Path file = directory.resolve(name + ending);
            ModelFiles.write(travelled, file);
            travelled = Samples.read(file);
        }
        assertThat(Differences.weightsOnly(model, travelled)).isEmpty();
        assertThat(travelled.network()).isEqualTo(model.network());
        assertThat(travelled.training()).isEqualTo(model.training());
    }

    @ParameterizedTest
    @MethodSource("names")
    void ourWeightsLieWhereThoseOfKerasLie(String name) throws IOException {
        KerasModel model = Samples.read(Samples.file(name, ".keras"));
        Path ours = directory.resolve("m.weights.h5");
        ModelFiles.write(model, ours);
        Map<String, String> real = datasets(Samples.file(name, ".weights.h5"));
        assertThat(datasets(ours)).containsExactlyEntriesOf(real);
    }

    @Test
    void theArchiveHasThePartsOfKeras() throws IOException {
        Path file = directory.resolve("m.keras");
        ModelFiles.write(Samples.read(Samples.file("keras32", ".keras")), file);
        try (java.util.zip.ZipFile ours = new java.util.zip.ZipFile(file.toFile());
                java.util.zip.ZipFile real = new java.util.zip.ZipFile(Samples.file("keras32", ".keras").toFile())) {
            assertThat(ours.stream().map(java.util.zip.ZipEntry::getName))
                    .containsExactlyElementsOf(real.stream().map(java.util.zip.ZipEntry::getName).toList());
            assertThat(ours.stream()).allSatisfy(entry -> assertThat(entry.getMethod()).isEqualTo(java.util.zip.ZipEntry.STORED));
        }
    }

    @Test
    void theSameModelGivesTheSameBytes() throws IOException {
        KerasModel model = Samples.read(Samples.file("binary_rmsprop", ".keras"));
        for (String ending : List.of(".keras", ".h5", ".weights.h5", ".onnx", ".json", ".safetensors")) {
            Path one = directory.resolve("one" + ending);
            Path two = directory.resolve("two" + ending);
            ModelFiles.write(model, one);
            ModelFiles.write(model, two);
            assertThat(one).hasSameBinaryContentAs(two);
        }
    }

    @Test
    void h5HasTheAttributesOfKeras2() throws IOException {
        Path file = directory.resolve("m.h5");
        ModelFiles.write(Samples.read(Samples.file("binary_rmsprop", ".keras")), file);
        try (HdfFile h5 = new HdfFile(file)) {
            assertThat(h5.getAttributes()).containsKeys("backend", "keras_version", "model_config", "training_config");
            assertThat(h5.getAttribute("keras_version").getData()).isEqualTo("2.10.0");
            assertThat((String) h5.getAttribute("model_config").getData())
                    .contains("\"batch_input_shape\":[null,4]", "\"dtype\":\"float32\"").doesNotContain("module", "registered_name");
            assertThat((String) h5.getAttribute("training_config").getData()).contains("\"loss\":\"binary_crossentropy\"",
                    "\"optimizer_config\":{\"class_name\":\"RMSprop\"");
            assertThat((String[]) h5.getByPath("/model_weights").getAttribute("layer_names").getData()).containsExactly("dense", "dense_1");
            assertThat((String[]) h5.getByPath("/model_weights/dense").getAttribute("weight_names").getData())
                    .containsExactly("dense/kernel:0", "dense/bias:0");
        }
    }

    @Test
    void manyLayersAreSplitOrRefused() {
        List<dev.millrace.nn.Layer> layers = new java.util.ArrayList<>();
        for (int i = 0; i < 200; i++) {
            layers.add(new dev.millrace.nn.Dense("a_layer_with_quite_a_long_name_" + i, 1, dev.millrace.nn.Activation.LINEAR));
        }
        KerasModel model = OnnxTest.withWeights(new dev.millrace.nn.NetworkSpec(1, layers), 1);
        Path file = directory.resolve("m.keras");
        ModelFiles.write(model, file);
        assertThat(Differences.between(model, Samples.read(file))).isEmpty();
        assertThatThrownBy(() -> ModelFiles.write(model, directory.resolve("m.h5"))).isInstanceOf(ModelFileException.class)
                .hasMessageContaining("too many layers");
        assertThat(directory.resolve("m.h5")).doesNotExist();
    }

    @Test
    void longListsAreSplitAsKerasSplitsThem() {
        HdfWriter writer = new HdfWriter();
        List<String> names = java.util.stream.IntStream.range(0, 3000).mapToObj(i -> "a_name_of_some_length_" + i).toList();
        writer.texts("layer_names", names);
        writer.put("x", new float[]{ 1});
        List<String> read = HdfReader.read("h5", writer.bytes(), root -> root.texts("layer_names"));
        assertThat(read).isEqualTo(names);
    }

    @Test
    void foldingChangesNoAnswer() {
        KerasModel model = OnnxTest.withWeights(new dev.millrace.nn.NetworkSpec(2, List.of(
                new dev.millrace.nn.Dense("a", 3, dev.millrace.nn.Activation.TANH))), 4).withNormalization(
                        Optional.of(new Normalization(10, new double[]{ 5, -2}, new double[]{ 4, 0.25})));
        KerasModel folded = ModelFiles.fold(model);
        float[] answer = Samples.predict(folded, new float[]{ 7, -2.5f});
        assertThat(answer).usingComparatorWithPrecision(1e-6f).containsExactly(Samples.predict(model, new float[]{ 1, -1}));
        assertThat(folded.normalization()).isEmpty();
    }

    @Test
    void nothingIsLeftWhereWritingFails() {
        KerasModel architecture = Samples.read(Samples.file("momentum", ".config.json"));
        assertThatThrownBy(() -> ModelFiles.write(architecture, directory.resolve("m.keras"))).isInstanceOf(ModelFileException.class)
                .hasMessageContaining("no weights");
        assertThatThrownBy(() -> ModelFiles.write(architecture, directory.resolve("m.pb")))
                .hasMessageContaining(".keras, .weights.h5, .h5");
        assertThat(directory).isEmptyDirectory();
    }

    /** Every dataset's path with its shape. */
    private static Map<String, String> datasets(Path file) {
        Map<String, String> found = new TreeMap<>();
        try (HdfFile h5 = new HdfFile(file)) {
            collect(h5, found);
        }
        return found;
    }

    private static void collect(Group group, Map<String, String> found) {
        for (Node node : group) {
            if (node instanceof Dataset dataset) {
                found.put(dataset.getPath(), Arrays.toString(dataset.getDimensions()));
            } else if (node instanceof Group child) {
                collect(child, found);
            }
        }
    }
}
