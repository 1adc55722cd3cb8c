package dev.millrace.server;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.server.page.PageSource;
import dev.millrace.stream.LearnerWatch;
import dev.millrace.stream.Progress;
import dev.millrace.stream.ServedModel;
import dev.millrace.stream.SnapshotPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What a page shows of an application in which nothing has happened yet. */
final class StillSource implements PageSource {
    private final ApplicationConfig config;
    private final LearnerWatch watch = new LearnerWatch();

    StillSource(String yaml) {
        try {
            Path file = Files.createTempFile("still", ".yaml");
            config = ConfigurationReader.read(Files.writeString(file, yaml), Map.of());
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ApplicationConfig config() {
        return config;
    }

    @Override
    public boolean ready() {
        return false;
    }

    @Override
    public Progress progress() {
        return new Progress(0, 0, 0, 0, Map.of());
    }

    @Override
    public OptionalLong lag() {
        return OptionalLong.empty();
    }

    @Override
    public Optional<ServedModel> model() {
        return Optional.empty();
    }

    @Override
    public Optional<SnapshotPlace> snapshot() {
        return Optional.empty();
    }

    @Override
    public LearnerWatch watch() {
        return watch;
    }
}
