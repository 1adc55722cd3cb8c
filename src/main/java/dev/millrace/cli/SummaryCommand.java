package dev.millrace.cli;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.interop.KerasModel;
import dev.millrace.interop.ModelFiles;
import dev.millrace.interop.ModelFormat;
import dev.millrace.interop.Normalization;
import dev.millrace.nn.Summary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace summary}: the network of a configuration, in Keras's table. */
@Command(name = "summary", mixinStandardHelpOptions = true, description = "Print the network of a configuration or a model file as Keras does.")
final class SummaryCommand implements Runnable {
    /** The same file, given in one way or the other. */
    static final class Source {
        @Option(names = { "-c", "--config"}, paramLabel = "FILE", description = "the configuration, a YAML file")
        private @Nullable Path option;

        @Parameters(arity = "0..1", paramLabel = "FILE", description = "the same, without --config; or a model: .keras, .h5, .json or .safetensors")
        private @Nullable Path parameter;
    }

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Source source = new Source();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        Path file = source.option != null ? source.option : source.parameter;
        if (file == null) {
            throw new IllegalStateException("picocli lets exactly one of the two be given");
        }
        PrintWriter out = Output.of(spec);
        if (ModelFormat.of(file).isPresent()) {
            PrintWriter err = Output.errorsOf(spec);
            KerasModel model = ModelFiles.read(file, warning -> err.println("warning: " + warning));
            Optional<Normalization> normalization = model.normalization();
            out.print(Summary.of(model.name(), model.network(), model.training(),
                    normalization.map(layer -> layer.name() + " (Normalization)"),
                    normalization.map(Normalization::parameters).orElse(0L)));
            out.flush();
            return;
        }
        ApplicationConfig application = ConfigOption.load(file, spec);
        out.print(Summary.of(application.name(), application.learner().network(), Optional.of(application.learner().training())));
        out.flush();
    }
}
