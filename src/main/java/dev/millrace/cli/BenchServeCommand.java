package dev.millrace.cli;

import dev.millrace.bench.ServeBench;
import dev.millrace.bench.ServeResult;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code millrace bench serve}: answers over HTTP beside training at full rate. */
@Command(name = "serve", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Measure how long :predict takes at a fixed rate while the learner trains as fast as it can, and how much slower it trains then,"
                + " on a broker of its own in turns of half a second."})
final class BenchServeCommand implements Runnable {
    @Option(names = "--records", paramLabel = "N", defaultValue = "4000000", description = "Records to train on, each round. Default: ${DEFAULT-VALUE}.")
    private long records;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "5", description = "Rounds that count, after two that warm up. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--rate", paramLabel = "N", defaultValue = "500", description = "Requests per second. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(names = "--json", description = "End with one line of JSON on standard output.")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = Output.of(spec);
        PrintWriter err = Output.errorsOf(spec);
        ServeBench.Options options = options();
        QuietLogs.ofBenchmark();
        ServeResult result;
        try (ServeBench bench = new ServeBench(options)) {
            result = bench.run(line -> {
                err.println(line);
                err.flush();
            });
        }
        if (json) {
            out.println(json(result));
        } else {
            print(result, out);
        }
        out.flush();
    }

    private static void print(ServeResult result, PrintWriter out) {
        out.printf(Locale.ROOT, "%n%,d answers at %,d requests/s took %.1f ms, one in a hundred %.1f ms; %,d requests failed.%n",
                result.answered(),
                result.rate(), result.p50Millis(), result.p99Millis(), result.failed());
        out.printf(Locale.ROOT, "Training went on at %,d records/s, alone at %,d: %.2f of it.%n", result.recordsPerSecondAsked(),
                result.recordsPerSecondAlone(), result.askedToAlone());
    }

    private static ObjectNode json(ServeResult result) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("requests_per_second", result.rate()).put("answered", result.answered()).put("failed", result.failed());
        root.put("p50_ms", rounded(result.p50Millis())).put("p99_ms", rounded(result.p99Millis()));
        root.putObject("records_per_second").put("alone", result.recordsPerSecondAlone()).put("asked", result.recordsPerSecondAsked());
        return root.put("asked_to_alone", result.askedToAlone());
    }

    private static double rounded(double millis) {
        return Math.round(millis * 100) / 100.0;
    }

    private ServeBench.Options options() {
        try {
            return new ServeBench.Options(records, rounds, rate);
        } catch (IllegalArgumentException e) {
            if (spec == null) {
                throw e;
            }
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
