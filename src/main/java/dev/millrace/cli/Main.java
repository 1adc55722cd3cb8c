package dev.millrace.cli;

import dev.millrace.config.ConfigurationException;
import dev.millrace.demo.DataException;
import dev.millrace.interop.ModelFileException;
import dev.millrace.server.HttpServer;
import dev.millrace.stream.StartException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The program {@code millrace}. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. Results go to stdout, errors with
 * a hint to stderr; a stack trace only with {@code --verbose}.
 */
@Command(name = "millrace", versionProvider = Main.Version.class, mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND", description = "A neural network that learns from Kafka topics while it answers from them.", footer = {
        "", "Every command has its own --help. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration."})
public final class Main implements Runnable {
    static final int FAILED = CommandLine.ExitCode.SOFTWARE;
    static final int WRONG = CommandLine.ExitCode.USAGE;

    /** Each has a file {@code logback-….xml}. */
    private static final List<String> LOGS = List.of("text", "json");

    /** All commands, in the order of the help. */
    private static final List<Class<?>> COMMANDS = List.of(DemoCommand.class, RunCommand.class, ProduceCommand.class, CheckCommand.class,
            SummaryCommand.class, PredictCommand.class, EvaluateCommand.class, ConvertCommand.class, ExportCommand.class,
            TopicsCommand.class, SnapshotsCommand.class, ControlCommand.class, BenchCommand.class);

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "show the stack trace of an unexpected error")
    private boolean verbose;

    private Main() {
    }

    /** Runs a command and exits the process with its code. */
    public static void main(String[] args) {
        String logs = System.getenv("MILLRACE_LOGS");
        if (logs != null && !logs.isEmpty()) {
            if (!LOGS.contains(logs)) {
                System.err.println("MILLRACE_LOGS: found " + logs + ", allowed: " + String.join(", ", LOGS));
                System.exit(WRONG);
            }
            System.setProperty("millrace.logs", logs); // for logback.xml, which is read with the first logger
        }
        System.exit(commandLine(args).execute(args));
    }

    /**
     * The program, ready to execute, with the one command that is named first, or all: to read the options of all takes longer than
     * to start the virtual machine.
     */
    static CommandLine commandLine(String... args) {
        Main main = new Main();
        CommandLine line = new CommandLine(main);
        List<Class<?>> named = COMMANDS.stream().filter(command -> args.length > 0 && name(command).equals(args[0])).toList();
        (named.isEmpty() ? COMMANDS : named).forEach(line::addSubcommand);
        line.setExecutionExceptionHandler((exception, command, _) -> main.report(exception, command.getErr()));
        return line;
    }

    private static String name(Class<?> command) {
        return command.getSimpleName().replace("Command", "").toLowerCase(Locale.ROOT);
    }

    @Override
    public void run() {
        if (spec != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "Missing command.");
        }
    }

    private int report(Exception exception, PrintWriter err) {
        if (exception instanceof ConfigurationException || exception instanceof StartException || exception instanceof ModelFileException
                || exception instanceof DataException || exception instanceof HttpServer.AddressException) {
            err.println(exception.getMessage());
            return exception instanceof ConfigurationException ? WRONG : FAILED;
        }
        String message = exception.getMessage();
        err.println("Unexpected error: " + exception.getClass().getSimpleName() + (message == null ? "" : ": " + message));
        if (verbose) {
            exception.printStackTrace(err);
        } else {
            err.println("Run again with --verbose for the stack trace.");
        }
        return FAILED;
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[]{ "millrace " + (version == null ? "(not packaged)" : version)};
        }
    }
}
