package dev.millrace.cli;

import dev.millrace.bench.PipelineBench;
import dev.millrace.bench.PipelineResult;
import dev.millrace.bench.PredictionLatency;
import dev.millrace.bench.StateCost;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code millrace bench pipeline}: records per second from topic to committed consequence. */
@Command(name = "pipeline", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Measure records per second on a broker of its own: plain reading, a topology that parses, one that parses and answers, and"
                + " the learner, on the same records in turns; then latency, commits and restores."})
final class BenchPipelineCommand implements Runnable {
    @Option(names = "--records", paramLabel = "N", defaultValue = "3000000", description = "Records of each topic. Default: ${DEFAULT-VALUE}.")
    private long records;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "8", description = "Rounds that count, after one that warms up. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--json", description = "End with one line of JSON on standard output.")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = Output.of(spec);
        PrintWriter err = Output.errorsOf(spec);
        PipelineBench.Options options = options();
        QuietLogs.ofBenchmark();
        PipelineResult result;
        try (PipelineBench bench = new PipelineBench(options)) {
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

    private static void print(PipelineResult result, PrintWriter out) {
        Map<String, Long> rates = result.recordsPerSecond();
        out.printf("%n%-24s %12s%n", "records of one partition", "records/s");
        rates.forEach((name, rate) -> out.printf(Locale.ROOT, "%-24s %,12d%n", name, rate));
        out.printf("%n%-24s %12s%n", "ratios of turns", "median");
        result.ratios().forEach((name, ratio) -> out.printf(Locale.ROOT, "%-24s %12.2f%n", name, ratio));
        PredictionLatency latency = result.latency();
        out.printf(Locale.ROOT, "%nA prediction at %,d records/s takes %.0f ms until it is committed, one in a hundred %.0f ms.%n%n",
                latency.rate(), latency.p50Millis(), latency.p99Millis());
        out.printf("%12s %11s %18s %11s %14s%n", "model bytes", "commit ms", "changelog B/record", "restore ms", "from bytes");
        for (StateCost state : result.states()) {
            out.printf(Locale.ROOT, "%,12d %11.1f %18.1f %11.0f %,14d%n", state.modelBytes(), state.commitMillis(),
                    state.changelogBytesPerRecord(), state.restoreMillis(), state.restoredBytes());
        }
    }

    private static ObjectNode json(PipelineResult result) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ObjectNode rates = root.putObject("records_per_second");
        result.recordsPerSecond().forEach(rates::put);
        ObjectNode ratios = root.putObject("ratios");
        result.ratios().forEach(ratios::put);
        ObjectNode latency = root.putObject("prediction_latency");
        latency.put("rate", result.latency().rate());
        latency.put("p50_ms", result.latency().p50Millis());
        latency.put("p99_ms", result.latency().p99Millis());
        ArrayNode models = root.putArray("models");
        for (StateCost state : result.states()) {
            ObjectNode model = models.addObject();
            model.put("model_bytes", state.modelBytes());
            model.put("commit_ms", rounded(state.commitMillis()));
            model.put("changelog_bytes_per_record", rounded(state.changelogBytesPerRecord()));
            model.put("restore_ms", rounded(state.restoreMillis()));
            model.put("restored_bytes", state.restoredBytes());
        }
        return root;
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }

    private PipelineBench.Options options() {
        try {
            return new PipelineBench.Options(records, rounds);
        } catch (IllegalArgumentException e) {
            if (spec == null) {
                throw e;
            }
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
