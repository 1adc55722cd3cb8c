package dev.millrace.cli;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.interop.KerasModel;
import dev.millrace.interop.LearnerModels;
import dev.millrace.interop.ModelFiles;
import dev.millrace.snapshot.Snapshot;
import dev.millrace.stream.SnapshotReader;
import dev.millrace.stream.StartException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace export}: the newest snapshot as a file for Keras or ONNX. */
@Command(name = "export", mixinStandardHelpOptions = true, description = "Write the newest snapshot to a model file.", footer = { "",
        "The file standardizes its inputs as the learner does, by a Normalization layer, or with --fold inside its first layer.",
        "It answers in the label's scaled unit, as the learner does."})
final class ExportCommand implements Runnable {
    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(names = { "-o",
            "--out"}, required = true, paramLabel = "FILE", description = "target: .keras, .h5, .weights.h5, .json, .safetensors or .onnx")
    private Path target = Path.of("model.keras");

    @Option(names = "--fold", description = "put the normalization of the inputs into the first layer")
    private boolean fold;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        ApplicationConfig application = config.load();
        Snapshot snapshot = SnapshotReader.latest(application)
                .orElseThrow(() -> new StartException("There is no snapshot in " + application.topics().snapshots() + " yet."));
        KerasModel model = LearnerModels.of(snapshot.name(), snapshot.learner());
        ModelFiles.write(fold ? ModelFiles.fold(model) : model, target);
        PrintWriter out = Output.of(spec);
        out.println("Wrote version " + snapshot.version() + " of " + snapshot.name() + " to " + target);
        out.flush();
    }
}
