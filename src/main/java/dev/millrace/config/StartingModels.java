package dev.millrace.config;

import java.nio.file.Path;

/** Opens the file that {@code model: keras:} names; how such files are read is not this package's business. */
@FunctionalInterface
public interface StartingModels {
    /**
     * Opens a file.
     *
     * @throws RuntimeException with a message for the user if it cannot be used
     */
    StartingModel open(Path file);
}
