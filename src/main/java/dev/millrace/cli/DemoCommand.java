package dev.millrace.cli;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.demo.DataException;
import dev.millrace.demo.DemoResult;
import dev.millrace.demo.DemoRun;
import dev.millrace.demo.LivePage;
import dev.millrace.demo.MomentLine;
import dev.millrace.demo.ProgressLine;
import dev.millrace.demo.Replay;
import dev.millrace.learn.Label;
import dev.millrace.metrics.ProcessMetrics;
import dev.millrace.server.HttpServer;
import dev.millrace.server.page.PageSource;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.ObjectMapper;

/** {@code millrace demo}: broker, data and learner in one process, with nothing to install and nothing left behind. */
@Command(name = "demo", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "See it learn: starts a Kafka broker inside this process, streams data through it and learns from it.",
        "Without options it invents a stream of house prices that jump half-way."})
public final class DemoCommand implements Callable<Integer> {
    /** Pace of the invented stream: slow enough to watch, 25 s for the default number of records. */
    private static final double WATCHABLE_RATE = 8_000;
    /** Share of the invented stream that asks for a prediction. */
    private static final double INVENTED_UNLABELLED = 0.1;
    private static final long INVENTED_SEED = 1990;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration. Default: a built-in one for house prices.")
    private @Nullable Path configFile;

    @Option(names = "--data", paramLabel = "CSV", description = "Rows to learn from (.csv, .csv.gz). Default: an invented stream.")
    private @Nullable Path data;

    @Option(names = "--test", paramLabel = "CSV", description = "Rows to test the final weights on.")
    private @Nullable Path test;

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "1", description = "Passes over the data. Default: ${DEFAULT-VALUE}.")
    private int epochs;

    @Option(names = "--shuffle", paramLabel = "SEED", description = "Random order, another one in each pass. Default: the order of the file.")
    private @Nullable Long shuffle;

    @Option(names = "--unlabelled", paramLabel = "F", description = {
            "Fraction of records, evenly spread, sent without their label: these are answered with a prediction.",
            "Default: 0 for a file, 0.1 for the invented stream."})
    private @Nullable Double unlabelled;

    @Option(names = "--records", paramLabel = "N", defaultValue = "200000", description = "Length of the invented stream. Default: ${DEFAULT-VALUE}.")
    private long records;

    @Option(names = "--rate", paramLabel = "R", description = "Records per second; 0: as fast as it goes. Default: 0 for a file, 8000 for the invented stream.")
    private @Nullable Double rate;

    @Option(names = "--partitions", paramLabel = "N", defaultValue = "1", description = "Of the features topic. Default: ${DEFAULT-VALUE}.")
    private int partitions;

    @Option(names = "--port", paramLabel = "N", defaultValue = "0", description = "HTTP port of the page; 0: any free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = "--keep", description = "Leave it running after the data ends, until Ctrl-C.")
    private boolean keep;

    @Option(names = "--json", description = "End with one JSON object on standard output; progress goes to standard error.")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    /** For picocli, which sets the options. */
    public DemoCommand() {
    }

    @Override
    public Integer call() throws Exception {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        try {
            DemoRun.Options options = options(command);
            SlowMachine.warn(err);
            QuietLogs.ofEmbeddedBroker();
            return run(options, out, json ? err : out);
        } catch (DataException | HttpServer.AddressException | IllegalStateException e) {
            err.println("millrace demo: " + e.getMessage());
            err.flush();
            return 1;
        }
    }

    private DemoRun.Options options(CommandSpec command) {
        ApplicationConfig config = configFile != null ? ConfigOption.load(configFile, spec) : builtIn();
        boolean invented = data == null;
        try {
            Replay.Options replay = new Replay.Options(epochs, shuffle == null ? OptionalLong.empty() : OptionalLong.of(shuffle),
                    unlabelled != null ? unlabelled : invented ? INVENTED_UNLABELLED : 0,
                    rate != null ? rate : invented ? WATCHABLE_RATE : 0, 0);
            Replay rows = data != null
                    ? Replay.ofCsv(data, config, Optional.empty(), replay)
                    : Replay.ofHousing(INVENTED_SEED, records, config, replay);
            return new DemoRun.Options(config, rows, Optional.ofNullable(test), partitions, port);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** Read from a copy, because a resource inside a jar is not a file. */
    private static ApplicationConfig builtIn() {
        try (InputStream resource = Objects.requireNonNull(DemoCommand.class.getResourceAsStream("/demo/california.yaml"))) {
            Path copy = Files.createTempFile("millrace-demo-", ".yaml");
            try {
                Files.copy(resource, copy, StandardCopyOption.REPLACE_EXISTING);
                return ConfigurationReader.read(copy, System.getenv());
            } finally {
                Files.delete(copy);
            }
        } catch (IOException e) {
            throw new IllegalStateException("no temporary file: " + e.getMessage(), e);
        }
    }

    private int run(DemoRun.Options options, PrintWriter out, PrintWriter status) {
        Thread worker = Thread.currentThread();
        CountDownLatch closed = new CountDownLatch(1);
        Thread onSignal = new Thread(() -> interruptAndWait(worker, closed), "millrace-demo-signal");
        Runtime.getRuntime().addShutdownHook(onSignal);
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (DemoRun run = new DemoRun(options, registry, page(registry)); ProcessMetrics _ = new ProcessMetrics(registry)) {
            out.println(run.address());
            out.flush();
            status.println("Kafka at " + run.bootstrapServers() + ", model " + options.config().name());
            status.flush();
            DemoResult result = run.run(watcher(status));
            if (json) {
                out.println(new ObjectMapper().writeValueAsString(result.json()));
            } else {
                out.print(summary(options, result));
            }
            out.flush();
            if (keep) {
                status.println("Running on at " + run.address() + " until Ctrl-C");
                status.flush();
                run.keepRunning();
            }
            return 0;
        } catch (InterruptedException e) {
            // Ctrl-C: the signal decides the exit code.
            return keep ? 0 : 1;
        } finally {
            registry.close();
            closed.countDown();
            removeHook(onSignal);
        }
    }

    private static void interruptAndWait(Thread worker, CountDownLatch closed) {
        worker.interrupt();
        try {
            closed.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is running already: the JVM is on its way down.
        }
    }

    private static LivePage page(PrometheusMeterRegistry registry) {
        return (config, application, _) -> {
            HttpServer server = new HttpServer(config.http(), registry, application::live, application::ready,
                    config.name(), application::model, PageSource.of(config, application));
            return LivePage.opened(server.url(), server::close);
        };
    }

    private static Consumer<DemoRun.Moment> watcher(PrintWriter status) {
        ProgressLine progress = ProgressLine.on(status);
        MomentLine lines = new MomentLine();
        return moment -> {
            lines.remember(moment);
            progress.show(() -> ProgressLine.bar(moment.replay().fraction(), 12) + " " + lines.line(moment));
            if (moment.last()) {
                progress.end();
            }
        };
    }

    private static String summary(DemoRun.Options options, DemoResult result) {
        ApplicationConfig config = options.config();
        StringBuilder text = new StringBuilder();
        line(text, "");
        line(text, "%-26s %,d labelled, %,d unlabelled", "Records", result.labelled(), result.unlabelled());
        line(text, "%-26s %,d", "Predictions", result.predictions());
        line(text, "%-26s %,d", "Dead letters", result.deadLetters());
        line(text, "%-26s %,d of %,d records each", "Optimizer steps", result.steps(), config.learner().batchSize());
        line(text, "%-26s %,.1f s, %,.0f records/s", "Time", result.seconds(), result.recordsPerSecond());
        line(text, "");
        line(text, "Each record tested before it was learned from%s:", unit(config.learner().label()));
        figures(text, result.prequential());
        if (!result.test().isEmpty()) {
            line(text, "");
            line(text, "The final weights on the test rows:");
            figures(text, result.test());
        }
        line(text, "");
        line(text, "%-26s %s", "Weights, SHA-256", result.weightsSha256());
        line(text, "");
        line(text, "Topics: %s → %s, %s, %s", config.topics().features(), config.topics().predictions(), config.topics().snapshots(),
                config.topics().deadLetters());
        line(text, "Next:   millrace demo --keep                      leaves broker and page open to look at");
        line(text, "        millrace demo --config FILE --data CSV    learns from your own rows");
        line(text, "        millrace run --config FILE                learns from your own Kafka");
        return text.toString();
    }

    private static String unit(Label label) {
        return label instanceof Label.Regression regression && regression.scale() != 1
                ? String.format(Locale.ROOT, " (errors in %s × %s)", label.field(), regression.scale())
                : "";
    }

    private static void figures(StringBuilder text, Map<String, Double> figures) {
        figures.forEach((name, value) -> line(text, "  %-28s %10s", name, MomentLine.figure(value)));
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency of its own
    private static void line(StringBuilder text, String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append(System.lineSeparator());
    }
}
