package dev.millrace.interop;

import dev.millrace.nn.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Files written by real Keras 3.9.2, with what Keras computed from them. */
final class Samples {
    static final Path DIRECTORY = Path.of("src/test/resources/keras-samples");

    private Samples() {
    }

    /** All names, also of those this version cannot read. */
    static List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".keras"))
                    .map(name -> name.substring(0, name.length() - 6)).sorted().toList();
        }
    }

    static Path file(String name, String ending) {
        return DIRECTORY.resolve(name + ending);
    }

    static KerasModel read(Path file) {
        return ModelFiles.read(file, warning -> {
            throw new AssertionError(warning);
        });
    }

    static JsonNode io(String name) throws IOException {
        return new JsonMapper().readTree(Files.readString(file(name, ".io.json")));
    }

    /** A matrix, row by row. */
    static float[] floats(JsonNode matrix) {
        int width = matrix.path(0).isArray() ? matrix.path(0).size() : 1;
        float[] values = new float[matrix.size() * width];
        for (int i = 0; i < values.length; i++) {
            JsonNode row = matrix.get(i / width);
            values[i] = (float) (row.isArray() ? row.get(i % width) : row).asDouble();
        }
        return values;
    }

    static float[] predict(KerasModel model, float[] x) {
        Network network = new Network(model.network());
        int n = x.length / model.network().inputs();
        float[] outputs = new float[n * model.network().outputs()];
        network.predict(model.flatWeights(network.layout()), x, n, outputs, network.workspace(n));
        return outputs;
    }
}
