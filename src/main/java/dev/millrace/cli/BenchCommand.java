package dev.millrace.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace bench}: measures this machine with this program, as ratios against something run beside it. */
@Command(name = "bench", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND", description = "Measure speed, always beside something to compare it with.", subcommands = {
        BenchKernelsCommand.class, BenchPipelineCommand.class, BenchServeCommand.class})
final class BenchCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "Missing command.");
        }
    }
}
