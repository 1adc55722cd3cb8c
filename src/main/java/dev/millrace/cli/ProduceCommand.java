package dev.millrace.cli;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.demo.DataException;
import dev.millrace.demo.ProgressLine;
import dev.millrace.demo.Replay;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.ObjectMapper;

/** {@code millrace produce}: sends the rows of a CSV file, or invented ones, to the features topic. */
@Command(name = "produce", mixinStandardHelpOptions = true, sortOptions = false, description = "Send the rows of a CSV file, or invented ones, to the features topic.")
public final class ProduceCommand implements Callable<Integer> {
    private static final int DEMO_RECORDS = 100_000;

    @Option(names = "--config", paramLabel = "FILE", required = true, description = "Configuration.")
    private @Nullable Path configFile;

    @Option(names = "--data", paramLabel = "CSV", description = "Rows to send (.csv, .csv.gz).")
    private @Nullable Path data;

    @Option(names = "--demo", description = "Instead of a file: the invented house prices of 'millrace demo', over and over until stopped.")
    private boolean demo;

    @Option(names = "--topic", paramLabel = "T", description = "Another topic than the configured features topic.")
    private @Nullable String topic;

    @Option(names = "--key", paramLabel = "COLUMN", description = "Column that becomes the records' key. Default: no key.")
    private @Nullable String key;

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the rows. Default: 1, with --demo no end.")
    private @Nullable Integer epochs;

    @Option(names = "--shuffle", paramLabel = "SEED", description = "Random order, another one in each pass. Default: the order of the file.")
    private @Nullable Long shuffle;

    @Option(names = "--unlabelled", paramLabel = "F", defaultValue = "0", description = {
            "Fraction of records, evenly spread, sent without their label. Default: ${DEFAULT-VALUE}."})
    private double unlabelled;

    @Option(names = "--rate", paramLabel = "R", defaultValue = "0", description = "Records per second; 0: as fast as it goes. Default: ${DEFAULT-VALUE}.")
    private double rate;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "0", description = "Records at most; 0: all. Default: ${DEFAULT-VALUE}.")
    private long limit;

    @Option(names = "--json", description = "End with one JSON object on standard output.")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    /** For picocli, which sets the options. */
    public ProduceCommand() {
    }

    @Override
    public Integer call() throws Exception {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        try {
            ApplicationConfig config = ConfigOption.load(Objects.requireNonNull(configFile), command);
            return send(config, replay(command, config), out, err);
        } catch (DataException e) {
            err.println("millrace produce: " + e.getMessage());
            err.flush();
            return 1;
        }
    }

    private Replay replay(CommandSpec command, ApplicationConfig config) {
        try {
            Path file = data;
            if (demo == (file != null)) {
                throw new IllegalArgumentException("Give either --data CSV or --demo.");
            }
            int passes = epochs != null ? epochs : demo ? Integer.MAX_VALUE : 1;
            Replay.Options options = new Replay.Options(passes, shuffle == null ? OptionalLong.empty() : OptionalLong.of(shuffle),
                    unlabelled, rate, limit);
            return file == null
                    ? Replay.ofHousing(config.learner().seed(), DEMO_RECORDS, config, options)
                    : Replay.ofCsv(file, config, Optional.ofNullable(key), options);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    private int send(ApplicationConfig config, Replay replay, PrintWriter out, PrintWriter err) throws InterruptedException {
        String target = topic != null ? topic : config.topics().features();
        long start = System.nanoTime();
        ProgressLine progress = ProgressLine.on(err);
        Thread watcher = Thread.ofPlatform().daemon().name("millrace-progress").start(() -> watch(replay, progress, start));
        try {
            replay.run(config, target, OptionalLong.empty());
        } finally {
            watcher.interrupt();
            watcher.join();
            progress.end();
        }
        if (Thread.interrupted()) {
            err.println("millrace produce: interrupted after " + replay.sent() + " records");
            err.flush();
            return 1;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("topic", target);
            result.put("labelled", replay.labelled());
            result.put("unlabelled", replay.unlabelled());
            result.put("seconds", Math.round(seconds * 1000) / 1000.0);
            result.put("records_per_second", Math.round(replay.sent() / seconds * 10) / 10.0);
            out.println(new ObjectMapper().writeValueAsString(result));
        } else {
            out.println(
                    String.format(Locale.ROOT, "Sent %,d records (%,d labelled, %,d unlabelled) to %s in %.1f s, %,.0f/s", replay.sent(),
                            replay.labelled(), replay.unlabelled(), target, seconds, replay.sent() / seconds));
        }
        out.flush();
        return 0;
    }

    private static void watch(Replay replay, ProgressLine progress, long start) {
        while (!Thread.currentThread().isInterrupted()) {
            progress.show(() -> String.format(Locale.ROOT, "%s %3.0f %%  %,d records  %,.0f/s", ProgressLine.bar(replay.fraction(), 30),
                    100 * replay.fraction(), replay.sent(), replay.sent() / ((System.nanoTime() - start) / 1e9)));
            try {
                Thread.sleep(Duration.ofMillis(100));
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
