package dev.millrace.cli;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.Evaluation;
import dev.millrace.snapshot.Snapshot;
import dev.millrace.stream.SnapshotReader;
import dev.millrace.stream.StartException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code millrace snapshots}: the models in the snapshot topic. */
@Command(name = "snapshots", mixinStandardHelpOptions = true, description = "Look at the models in the snapshot topic.", subcommands = SnapshotsCommand.Show.class, synopsisSubcommandLabel = "COMMAND")
final class SnapshotsCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "Missing command: show.");
        }
    }

    /** Shows the newest snapshot. */
    @Command(name = "show", mixinStandardHelpOptions = true, description = "Show the newest snapshot of a configuration's model.")
    static final class Show implements Runnable {
        @Mixin
        private final ConfigOption config = new ConfigOption();

        @Option(names = "--json", description = "one JSON object in one line instead of text")
        private boolean json;

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public void run() {
            ApplicationConfig application = config.load();
            Snapshot snapshot = SnapshotReader.latest(application)
                    .orElseThrow(() -> new StartException("There is no snapshot in " + application.topics().snapshots()
                            + " yet. The first one is written after " + application.snapshots().everySteps() + " steps or "
                            + application.snapshots().everySeconds() + " seconds with steps (0: not by that)."));
            PrintWriter out = Output.of(spec);
            out.print(json ? json(snapshot) + "\n" : text(snapshot));
            out.flush();
        }
    }

    static String text(Snapshot snapshot) {
        StringBuilder text = new StringBuilder();
        row(text, "name", snapshot.name());
        row(text, "version", Long.toString(snapshot.version()));
        row(text, "parameters", Integer.toString(snapshot.learner().network().layout().parameterCount()));
        row(text, "weights_sha256", snapshot.weightsSha256());
        row(text, "bytes", Integer.toString(snapshot.byteLength()));
        new TreeMap<>(snapshot.sourceOffsets()).forEach((partition, offset) -> row(text, "next offset", partition + " " + offset));
        Evaluation evaluation = snapshot.learner().evaluation();
        text.append(String.format(Locale.ROOT, "\n%-28s %14s %14s\n", "evaluation", "stream", "window"));
        Map<String, Double> window = evaluation.figures(Evaluation.Span.WINDOW);
        evaluation.figures(Evaluation.Span.STREAM).forEach((name, value) -> text.append(
                String.format(Locale.ROOT, "%-28s %14.6g %14.6g\n", name, value, window.getOrDefault(name, Double.NaN))));
        return text.toString();
    }

    static ObjectNode json(Snapshot snapshot) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", snapshot.name()).put("version", snapshot.version())
                .put("weights_sha256", snapshot.weightsSha256())
                .put("parameters", snapshot.learner().network().layout().parameterCount()).put("bytes", snapshot.byteLength());
        ObjectNode offsets = json.putObject("source_offsets");
        new TreeMap<>(snapshot.sourceOffsets()).forEach(offsets::put);
        ObjectNode evaluation = json.putObject("evaluation");
        for (Evaluation.Span span : Evaluation.Span.values()) {
            ObjectNode figures = evaluation.putObject(span.name().toLowerCase(Locale.ROOT));
            snapshot.learner().evaluation().figures(span).forEach((name, value) -> {
                // JSON has no NaN; a figure that is not yet defined is null.
                if (Double.isFinite(value)) {
                    figures.put(name, value);
                } else {
                    figures.putNull(name);
                }
            });
        }
        return json;
    }

    private static void row(StringBuilder text, String what, String value) {
        text.append(String.format(Locale.ROOT, "%-15s %s\n", what, value));
    }
}
