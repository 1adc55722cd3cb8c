package dev.millrace.cli;

import dev.millrace.bench.KernelsBenchmark;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code millrace bench kernels}: training and predicting against the peak of one core and against EJML. */
@Command(name = "kernels", mixinStandardHelpOptions = true, description = "Training and predicting, beside the peak of one core and EJML.")
final class BenchKernelsCommand implements Runnable {
    @Option(names = "--nets", paramLabel = "NAME", split = ",", description = "some of N1, N2, N3, N4; default: all")
    private List<String> nets = List.of();

    @Option(names = "--rounds", defaultValue = "9", description = "over which medians are taken, default ${DEFAULT-VALUE}")
    private int rounds = 9;

    @Option(names = "--json", description = "end with one line of JSON")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        List<String> known = KernelsBenchmark.networks();
        if (spec != null && !known.containsAll(nets)) {
            throw new CommandLine.ParameterException(spec.commandLine(),
                    "--nets: found " + String.join(",", nets) + "; allowed are " + String.join(", ", known));
        }
        if (spec != null && rounds < 1) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--rounds: found " + rounds + "; allowed are 1 and more");
        }
        PrintWriter out = Output.of(spec);
        PrintWriter err = Output.errorsOf(spec);
        KernelsBenchmark.Report report = KernelsBenchmark.run(nets, rounds, what -> {
            err.println(what);
            err.flush();
        });
        if (json) {
            out.println(json(report));
        } else {
            print(report, out);
        }
        out.flush();
    }

    private static void print(KernelsBenchmark.Report report, PrintWriter out) {
        out.printf(Locale.ROOT, "One core, %s; its peak is %.1f GFLOP/s of fused multiply-adds%n%n", report.kernels(), report.peakGflops());
        out.printf("%-4s %-17s %-11s %6s %12s %14s %9s %7s %7s%n", "net", "layers", "task", "batch", "µs", "samples/s", "GFLOP/s", "peak",
                "EJML");
        for (KernelsBenchmark.Result result : report.results()) {
            out.printf(Locale.ROOT, "%-4s %-17s %-11s %6d %12.3f %,14.0f %9.1f %6.1f%% %6.1fx%n", result.net(), result.layers(),
                    result.task(), result.batch(), result.micros(), result.samplesPerSecond(), result.gflops(), 100 * result.peakShare(),
                    result.ejmlRatio());
        }
    }

    private static ObjectNode json(KernelsBenchmark.Report report) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("kernels", report.kernels());
        root.put("peak_gflops", report.peakGflops());
        ObjectNode nets = root.putObject("nets");
        for (KernelsBenchmark.Result result : report.results()) {
            ObjectNode task = nets.withObjectProperty(result.net()).putObject(result.task());
            task.put("batch", result.batch());
            task.put("step_us", result.micros());
            task.put("samples_per_second", result.samplesPerSecond());
            task.put("gflops", result.gflops());
            task.put("peak_share", result.peakShare());
            task.put("ejml_ratio", result.ejmlRatio());
        }
        return root;
    }
}
