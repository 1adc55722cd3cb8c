package dev.millrace.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Removing what a run left behind. */
public final class Directories {
    private Directories() {
    }

    /**
     * Deletes a directory and everything in it, as far as possible: what cannot be deleted stays, because a leftover in the
     * temporary directory must not hide why the run ended.
     */
    public static void delete(Path directory) {
        List<Path> found;
        try (Stream<Path> walk = Files.walk(directory)) {
            found = walk.sorted(Comparator.reverseOrder()).toList();
        } catch (IOException | UncheckedIOException e) {
            return;
        }
        for (Path path : found) {
            path.toFile().delete();
        }
    }
}
