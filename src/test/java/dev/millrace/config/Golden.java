package dev.millrace.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Recorded texts among the test resources. */
final class Golden {
    private Golden() {
    }

    /** A file without its last line feed. */
    static String text(String name) {
        try {
            return Files.readString(Path.of("src/test/resources", name)).stripTrailing();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
