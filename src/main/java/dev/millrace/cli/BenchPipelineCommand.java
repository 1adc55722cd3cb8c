package dev.millrace.cli;

import dev.millrace.bench.PipelineBench;
import dev.millrace.bench.PipelineResult;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace bench pipeline}: records per second from topic to committed consequence. */
@Command(name = "pipeline", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Measure records per second on a broker of its own: plain reading, a topology that parses, one that parses and answers, and"
                + " the learner, on the same records in interleaved rounds."})
final class BenchPipelineCommand implements Runnable {
    @Option(names = "--records", paramLabel = "N", defaultValue = "600000", description = "Records of each topic. Default: ${DEFAULT-VALUE}.")
    private long records;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "5", description = "Rounds that count, after one that warms up. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--json", description = "End with one JSON object on standard output; progress goes to standard error.")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = Output.of(spec);
        PrintWriter status = json ? Output.errorsOf(spec) : out;
        QuietLogs.ofEmbeddedBroker();
        try (PipelineBench bench = new PipelineBench(options())) {
            Runtime.getRuntime().addShutdownHook(new Thread(bench::close, "bench-shutdown"));
            PipelineResult result = bench.run(line -> {
                status.println(line);
                status.flush();
            });
            out.println(JsonMapper.shared().writeValueAsString(result.json()));
            out.flush();
        }
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
