package dev.millrace.cli;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.ConfigurationReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The option {@code --config}, for all commands that need a configuration. */
final class ConfigOption {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(names = { "-c",
            "--config"}, required = true, paramLabel = "FILE", description = "the configuration, a YAML file; MILLRACE_… and KAFKA_… variables win over it")
    private Path file = Path.of("millrace.yaml");

    /**
     * Reads and validates the file and this process's environment; warnings go to stderr.
     *
     * @throws dev.millrace.config.ConfigurationException with everything that is wrong
     */
    ApplicationConfig load() {
        return load(file, command);
    }

    static ApplicationConfig load(Path file, @Nullable CommandSpec command) {
        PrintWriter err = Output.errorsOf(command);
        return ConfigurationReader.read(file, System.getenv(), warning -> err.println("warning: " + warning),
                model -> ModelInput.start(model, warning -> err.println("warning: " + warning)));
    }
}
