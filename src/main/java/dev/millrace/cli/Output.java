package dev.millrace.cli;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Where commands print. */
final class Output {
    private Output() {
    }

    /** The writer for results of the command line that runs a command, so that tests can read what it prints. */
    static PrintWriter of(@Nullable CommandSpec command) {
        return line(command).getOut();
    }

    /** The writer for errors and warnings. */
    static PrintWriter errorsOf(@Nullable CommandSpec command) {
        return line(command).getErr();
    }

    private static CommandLine line(@Nullable CommandSpec command) {
        if (command == null) {
            throw new IllegalStateException("the command was not made by a command line");
        }
        return command.commandLine();
    }
}
