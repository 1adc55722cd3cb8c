package dev.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What is written is what is read, bit for bit. */
class ModelFilesPropertiesTest {
    @Property(tries = 500)
    void kerasKeepsEverything(@ForAll long seed) throws IOException {
        assertThat(Differences.between(RandomModels.normalized(seed), throughFile(RandomModels.normalized(seed), ".keras"))).isEmpty();
    }

    @Property(tries = 500)
    void h5KeepsEverything(@ForAll long seed) throws IOException {
        KerasModel model = RandomModels.normalized(RandomModels.ofKeras2(seed), seed);
        assertThat(Differences.between(model, throughFile(model, ".h5"))).isEmpty();
    }

    @Property(tries = 500)
    void jsonKeepsTheArchitecture(@ForAll long seed) throws IOException {
        assertThat(Differences.architecture(RandomModels.normalized(seed), throughFile(RandomModels.normalized(seed), ".json"))).isEmpty();
    }

    @Property(tries = 500)
    void safetensorsKeepsTheNumbers(@ForAll long seed) throws IOException {
        KerasModel model = RandomModels.of(seed);
        KerasModel read = throughFile(model, ".safetensors");
        assertThat(Differences.weightsOnly(model, read)).isEmpty();
        assertThat(read.network()).isEqualTo(model.network());
        assertThat(read.training()).isEqualTo(model.training());
    }

    @Property(tries = 500)
    void weightsKeepTheNumbers(@ForAll long seed) throws IOException {
        KerasModel model = RandomModels.of(seed);
        Path json = Files.createTempFile("architecture", ".json");
        Path weights = Files.createTempFile("weights", ".weights.h5");
        try {
            ModelFiles.write(model, json);
            ModelFiles.write(model, weights);
            assertThat(Differences.between(model, ModelFiles.read(json, weights, _ -> {
            }))).isEmpty();
        } finally {
            Files.delete(json);
            Files.delete(weights);
        }
    }

    private static KerasModel throughFile(KerasModel model, String ending) throws IOException {
        Path file = Files.createTempFile("model", ending);
        try {
            ModelFiles.write(model, file);
            return Samples.read(file);
        } finally {
            Files.delete(file);
        }
    }
}
