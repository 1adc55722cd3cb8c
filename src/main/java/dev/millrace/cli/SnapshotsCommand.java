package dev.millrace.cli;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.Evaluation;
import dev.millrace.snapshot.Snapshot;
import dev.millrace.stream.SnapshotReader;
import dev.millrace.stream.StartException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code millrace snapshots}: the models in the snapshot topic. */
@Command(name = "snapshots", mixinStandardHelpOptions = true, description = "Look at the models in the snapshot topic, and go back to one.", synopsisSubcommandLabel = "COMMAND")
final class SnapshotsCommand implements Runnable {
    private static final Set<String> SHOWN = Set.of("rmse", "baseline_mean_rmse", "accuracy", "baseline_majority_accuracy");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "Missing command: list, show, diff or rollback.");
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "List the versions that can be gone back to, the newest last.")
    void list(@Mixin ConfigOption config,
            @Option(names = "--json", description = "one JSON array in one line instead of a table") boolean json) {
        ApplicationConfig application = config.load();
        List<SnapshotReader.Past> history = SnapshotReader.history(application);
        PrintWriter out = Output.of(spec);
        if (json) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            history.forEach(past -> all.add(past.json()));
            out.println(all);
        } else if (history.isEmpty()) {
            throw none(application);
        } else {
            out.print(table(history));
        }
        out.flush();
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Show a snapshot of a configuration's model, by default the newest.")
    void show(@Mixin ConfigOption config,
            @Parameters(paramLabel = "VERSION", arity = "0..1", description = "a version that is kept") @Nullable Long version,
            @Option(names = "--json", description = "one JSON object in one line instead of text") boolean json) {
        ApplicationConfig application = config.load();
        Snapshot snapshot = version == null
                ? SnapshotReader.latest(application).orElseThrow(() -> none(application))
                : find(application, version);
        PrintWriter out = Output.of(spec);
        out.print(json ? json(snapshot) + "\n" : text(snapshot));
        out.flush();
    }

    @Command(name = "diff", mixinStandardHelpOptions = true, description = "Compare two snapshots: what lies between them, and how far their weights are apart.")
    void diff(@Mixin ConfigOption config, @Parameters(paramLabel = "A", description = "a version that is kept") long a,
            @Parameters(paramLabel = "B", description = "another one") long b,
            @Option(names = "--json", description = "one JSON object in one line instead of text") boolean json) {
        ApplicationConfig application = config.load();
        SnapshotDifference difference = SnapshotDifference.of(find(application, a), find(application, b));
        PrintWriter out = Output.of(spec);
        out.print(json ? difference.json() + "\n" : difference.text());
        out.flush();
    }

    @Command(name = "rollback", mixinStandardHelpOptions = true, description = "The same as 'millrace control rollback': a running learner goes back to a version.")
    int rollBack(@Mixin ControlCommand.Sending sending,
            @Parameters(paramLabel = "VERSION", description = "a version that is kept") long version)
            throws InterruptedException {
        return sending.rollBack(version);
    }

    private static StartException none(ApplicationConfig application) {
        return new StartException("There is no snapshot in " + application.topics().snapshots() + " yet. The first one is written after "
                + application.snapshots().everySteps() + " steps or " + application.snapshots().everySeconds()
                + " seconds with steps (0: not by that).");
    }

    private static Snapshot find(ApplicationConfig application, long version) {
        return SnapshotReader.find(application, version)
                .orElseThrow(
                        () -> new StartException("There is no snapshot of version " + version + " in " + application.topics().snapshots()
                                + ". Those that are there: millrace snapshots list --config FILE"));
    }

    /** With one error or hit rate beside a trivial guess's: what a decision to go back needs. */
    static String table(List<SnapshotReader.Past> history) {
        List<String> figures = history.getLast().window().keySet().stream().filter(SHOWN::contains).toList();
        StringBuilder text = new StringBuilder(
                String.format(Locale.ROOT, "%10s  %-20s %12s %10s", "VERSION", "WRITTEN", "LABELLED", "BYTES"));
        figures.forEach(figure -> text.append(String.format(Locale.ROOT, "  %" + Math.max(8, figure.length()) + "s", figure)));
        text.append("  NEXT OFFSET\n");
        for (SnapshotReader.Past past : history) {
            text.append(
                    String.format(Locale.ROOT, "%10d  %-20s %12d %10d", past.version(), written(past), past.labelled(), past.byteLength()));
            figures.forEach(figure -> text.append(String.format(Locale.ROOT, "  %" + Math.max(8, figure.length()) + "s",
                    String.format(Locale.ROOT, "%.4g", past.window().getOrDefault(figure, Double.NaN)))));
            String offsets = String.join(" ", new TreeMap<>(past.sourceOffsets()).entrySet().stream()
                    .map(entry -> entry.getKey() + " " + entry.getValue()).toList());
            text.append("  ").append(offsets.isEmpty() ? "-" : offsets).append('\n');
        }
        return text.toString();
    }

    private static String written(SnapshotReader.Past past) {
        return past.timestamp() < 0 ? "-" : Instant.ofEpochMilli(past.timestamp()).truncatedTo(ChronoUnit.SECONDS).toString();
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
        json.set("evaluation", Snapshot.evaluation(snapshot.learner().evaluation()));
        return json;
    }

    private static void row(StringBuilder text, String what, String value) {
        text.append(String.format(Locale.ROOT, "%-15s %s\n", what, value));
    }
}
