package dev.millrace.cli;

import dev.millrace.stream.ControlClient;
import dev.millrace.stream.LearnerCommand;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code millrace control}: tells a running learner what to do. */
@Command(name = "control", mixinStandardHelpOptions = true, description = "Tell a running learner what to do, and wait until it has.", synopsisSubcommandLabel = "COMMAND")
final class ControlCommand implements Runnable {
    private static final String CONFIGURED = "configured";

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(),
                    "Missing command: freeze, unfreeze, learning-rate, snapshot, rollback or reset.");
        }
    }

    /** What all of them need. */
    static final class Sending {
        @Mixin
        private final ConfigOption config = new ConfigOption();

        @Option(names = "--timeout", defaultValue = "30", paramLabel = "SECONDS", description = "how long to wait for the learner (default: ${DEFAULT-VALUE})")
        private int timeout;

        @Option(names = "--json", description = "print the learner's answer as it stands in the evaluation topic")
        private boolean json;

        @Spec(Spec.Target.MIXEE)
        private @Nullable CommandSpec command;

        int rollBack(long version) throws InterruptedException {
            if (version < 0 && command != null) {
                throw new ParameterException(command.commandLine(), "VERSION: found " + version + ", allowed: a whole number from 0");
            }
            return send(new LearnerCommand.RollBack(version));
        }

        int send(LearnerCommand what) throws InterruptedException {
            if (timeout < 1 && command != null) {
                throw new ParameterException(command.commandLine(), "--timeout: found " + timeout + ", allowed: at least 1");
            }
            ControlClient.Acknowledgement answer = ControlClient.send(config.load(), what, Duration.ofSeconds(timeout));
            PrintWriter out = Output.of(command);
            if (json) {
                out.println(answer.json());
            } else if (answer.done()) {
                out.println("done, the model is at version " + answer.json().path("version").asLong() + " after "
                        + answer.json().path("labelled").asLong() + " labelled examples");
            }
            out.flush();
            if (!answer.done()) {
                JsonNode reason = answer.json().path("reason");
                PrintWriter err = Output.errorsOf(command);
                err.println("The learner could not do it: " + reason.asString("no reason is told"));
                err.flush();
            }
            return answer.done() ? 0 : Main.FAILED;
        }
    }

    @Command(name = "freeze", mixinStandardHelpOptions = true, description = "Test labelled records, but do not learn from them.")
    int freeze(@Mixin Sending sending) throws InterruptedException {
        return sending.send(new LearnerCommand.Freeze());
    }

    @Command(name = "unfreeze", mixinStandardHelpOptions = true, description = "Go on learning.")
    int unfreeze(@Mixin Sending sending) throws InterruptedException {
        return sending.send(new LearnerCommand.Unfreeze());
    }

    @Command(name = "learning-rate", mixinStandardHelpOptions = true, description = "Learn with this rate from now on.")
    int learningRate(@Mixin Sending sending,
            @Parameters(paramLabel = "R", description = "a number from 0, or '" + CONFIGURED
                    + "' for the configured rate or schedule again") String rate)
            throws InterruptedException {
        try {
            return sending.send(new LearnerCommand.SetLearningRate(
                    rate.equals(CONFIGURED) ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(rate))));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine(), "R: found " + rate + ", allowed: a finite number from 0, or " + CONFIGURED, e);
        }
    }

    @Command(name = "snapshot", mixinStandardHelpOptions = true, description = "Write a snapshot now.")
    int snapshot(@Mixin Sending sending) throws InterruptedException {
        return sending.send(new LearnerCommand.TakeSnapshot());
    }

    @Command(name = "rollback", mixinStandardHelpOptions = true, description = "Go back to the weights, optimizer and statistics of a snapshot.")
    int rollBack(@Mixin Sending sending, @Parameters(paramLabel = "VERSION", description = "of the snapshot") long version)
            throws InterruptedException {
        return sending.rollBack(version);
    }

    @Command(name = "reset", mixinStandardHelpOptions = true, description = "Forget everything that was learned and start anew.")
    int reset(@Mixin Sending sending) throws InterruptedException {
        return sending.send(new LearnerCommand.Reset());
    }

    private picocli.CommandLine commandLine() {
        if (spec == null) {
            throw new IllegalStateException("the command was not made by a command line");
        }
        return spec.commandLine();
    }
}
