package dev.millrace.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Configurations for tests: a valid one, and ways to change it. */
final class Configurations {
    static final String VALID = """
            name: demo
            features: [a, b]
            label: { field: y }
            model: { preset: dnn_regressor, hidden_units: [4] }
            """;

    private Configurations() {
    }

    static ApplicationConfig read(String yaml) {
        return read(yaml, Map.of());
    }

    static ApplicationConfig read(String yaml, Map<String, String> environment) {
        return ConfigurationReader.read(file(yaml), environment);
    }

    /** The valid configuration with sections changed or added; each line replaces the one with the same key. */
    static String with(String... lines) {
        String yaml = VALID;
        for (String line : lines) {
            String key = line.substring(0, line.indexOf(':') + 1);
            yaml = yaml.replaceAll("(?m)^" + key + ".*\n", "") + line + "\n";
        }
        return yaml;
    }

    static Path file(String yaml) {
        try {
            Path file = Files.createTempFile("millrace", ".yaml");
            file.toFile().deleteOnExit();
            return Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
