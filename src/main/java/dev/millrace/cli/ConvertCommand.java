package dev.millrace.cli;

import dev.millrace.interop.KerasModel;
import dev.millrace.interop.ModelFiles;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace convert}: from one model format to another. */
@Command(name = "convert", mixinStandardHelpOptions = true, description = "Convert a model file to another format.", footer = { "",
        "Formats by the file's name: .keras, .h5, .weights.h5, .json, .safetensors, and .onnx as target only.",
        "  millrace convert model.h5 model.keras", "  millrace convert model.json model.weights.h5 model.onnx"})
final class ConvertCommand implements Runnable {
    @Parameters(arity = "2..3", paramLabel = "FILE", description = "source, weights if the source is an architecture only, target")
    private List<Path> files = List.of();

    @Option(names = "--fold", description = "put the normalization of the inputs into the first layer")
    private boolean fold;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        PrintWriter err = Output.errorsOf(spec);
        Consumer<String> warnings = warning -> err.println("warning: " + warning);
        KerasModel model = files.size() == 2
                ? ModelFiles.read(files.getFirst(), warnings)
                : ModelFiles.read(files.get(0), files.get(1), warnings);
        ModelFiles.write(fold ? ModelFiles.fold(model) : model, files.getLast());
        PrintWriter out = Output.of(spec);
        out.println("Wrote " + files.getLast());
        out.flush();
    }
}
