package dev.millrace.cli;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.LearnerJson;
import dev.millrace.config.Secrets;
import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.nn.Summary;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code millrace check}: validates a configuration without connecting to anything, and shows what it means. */
@Command(name = "check", mixinStandardHelpOptions = true, description = "Validate a configuration and show what it means.")
final class CheckCommand implements Runnable {
    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(names = "--json", description = "end with one JSON object on stdout")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        ApplicationConfig application = config.load();
        PrintWriter out = Output.of(spec);
        LearnerSpec learner = application.learner();
        JsonNode training = LearnerJson.write(learner).path("training");
        row(out, "name", application.name());
        row(out, "application id", application.applicationId());
        row(out, "brokers", application.bootstrapServers());
        new TreeMap<>(application.kafka()).forEach((key, value) -> {
            if (!key.equals("bootstrap.servers") && !key.equals("application.id")) {
                row(out, "kafka", key + " = " + Secrets.mask(key, value));
            }
        });
        row(out, "features", application.topics().features());
        row(out, "predictions", application.topics().predictions());
        row(out, "snapshots", application.topics().snapshots() + ", every " + application.snapshots().everySteps() + " steps or "
                + application.snapshots().everySeconds() + " s (0: never)");
        row(out, "dead letters", application.topics().deadLetters());
        row(out, "evaluation", application.topics().evaluation() + ", every " + learner.window() + " examples");
        row(out, "control", application.topics().control());
        row(out, "http", application.http().host() + ":" + application.http().port());
        for (Feature feature : learner.features()) {
            row(out, "feature", describe(feature));
        }
        row(out, "missing", learner.missing().name().toLowerCase(Locale.ROOT) + (learner.standardize() ? ", standardized" : ""));
        row(out, "label", describe(learner.label()));
        learner.weight().ifPresent(field -> row(out, "weight", field));
        row(out, "batch", learner.batchSize() + (learner.maxWaitMillis() == 0 ? "" : ", or after " + learner.maxWaitMillis() + " ms"));
        row(out, "loss", training.path("loss").toString() + ", " + training.path("reduction").stringValue());
        for (String metrics : List.of("metrics", "weighted_metrics")) {
            if (training.has(metrics)) {
                row(out, metrics.replace('_', ' '), training.path(metrics).toString());
            }
        }
        row(out, "optimizer", training.path("optimizer").toString());
        out.println();
        out.print(Summary.of(application.name(), learner.network(), Optional.of(learner.training())));
        if (json) {
            out.println(json(application));
        }
        out.flush();
    }

    private static void row(PrintWriter out, String what, String value) {
        out.printf(Locale.ROOT, "%-15s %s%n", what, value);
    }

    private static String describe(Feature feature) {
        return feature.name() + switch (feature) {
            case Feature.Pick f -> f.field().equals(f.name()) ? "" : " = " + f.field();
            case Feature.Ratio f -> " = " + f.numerator() + " / " + f.denominator();
            case Feature.Product f -> " = " + f.left() + " * " + f.right();
            case Feature.Difference f -> " = " + f.left() + " - " + f.right();
            case Feature.Log1p f -> " = ln(1 + " + f.field() + ")";
            case Feature.OneHot f -> " = " + f.field() + " one of " + f.vocabulary();
            case Feature.Cyclical f -> " = sin and cos of " + f.field() + ", period " + f.period();
            case Feature.Vector f -> " = array of " + f.width() + " in " + f.field();
        };
    }

    private static String describe(Label label) {
        return label.field() + switch (label) {
            case Label.Regression r -> (r.width() == 1 ? "" : ", array of " + r.width()) + (r.scale() == 1 ? "" : " * " + r.scale());
            case Label.Classification c -> ", one of " + c.classes();
        };
    }

    private static ObjectNode json(ApplicationConfig application) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", application.name());
        ObjectNode kafka = json.putObject("kafka");
        kafka.put("bootstrap.servers", application.bootstrapServers());
        kafka.put("application.id", application.applicationId());
        new TreeMap<>(application.kafka()).forEach((key, value) -> kafka.put(key, Secrets.mask(key, value)));
        json.putObject("topics").put("features", application.topics().features()).put("predictions", application.topics().predictions())
                .put("snapshots", application.topics().snapshots()).put("dead_letters", application.topics().deadLetters())
                .put("evaluation", application.topics().evaluation()).put("control", application.topics().control())
                .put("labelled", application.topics().labelled());
        json.putObject("snapshots").put("every_steps", application.snapshots().everySteps()).put("every_seconds",
                application.snapshots().everySeconds());
        json.putObject("http").put("host", application.http().host()).put("port", application.http().port());
        json.set("learner", LearnerJson.write(application.learner()));
        return json;
    }
}
