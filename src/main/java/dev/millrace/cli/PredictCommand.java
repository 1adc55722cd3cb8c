package dev.millrace.cli;

import dev.millrace.interop.KerasModel;
import dev.millrace.interop.LearnerModels;
import dev.millrace.interop.ModelFiles;
import dev.millrace.learn.Rejection;
import dev.millrace.stream.PredictionEncoder;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code millrace predict}: answers the records of a file. */
@Command(name = "predict", mixinStandardHelpOptions = true, description = "Answer the records of a file, one line of JSON each.", footer = {
        "", "A model that Millrace wrote knows its features by name. For others the data's columns are the inputs, in order, and the",
        "answers are the network's outputs, as model.predict of Keras gives them."})
final class PredictCommand implements Callable<Integer> {
    @Option(names = { "-m",
            "--model"}, required = true, paramLabel = "FILE", description = "a .keras, .h5 or .safetensors file")
    private Path modelFile = Path.of("model.keras");

    @Option(names = "--data", required = true, paramLabel = "FILE", description = "records: .csv, .csv.gz, .json or .jsonl")
    private Path data = Path.of("data.csv");

    @Option(names = "--label", paramLabel = "COLUMN", split = ",", description = "columns that are no inputs")
    private List<String> labels = List.of();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = Output.errorsOf(spec);
        KerasModel model = ModelFiles.read(modelFile, warning -> err.println("warning: " + warning));
        boolean own = LearnerModels.knowsFeatures(model);
        Set<String> ignored = new HashSet<>(labels);
        DataRows rows = DataRows.read(data, labels.isEmpty() ? "" : labels.getFirst());
        Answering answering = own
                ? new Answering(LearnerModels.learner(model))
                : Answering.outputs(model, rows.columnsWithout(ignored));
        if (own) {
            ignored.add(answering.learner().spec().label().field());
        }
        PredictionEncoder encoder = new PredictionEncoder(model.name(), answering.learner().spec().label());
        PrintWriter out = Output.of(spec);
        int refused = 0;
        for (ObjectNode row : rows.rows()) {
            Rejection rejection = answering.ask(DataRows.withoutFields(row, ignored));
            if (rejection != null) {
                refused++;
                out.println(JsonNodeFactory.instance.objectNode().put("error", rejection.detail()));
            } else {
                out.println(new String(encoder.encode(answering.learner().version(), answering.answer()), StandardCharsets.UTF_8));
            }
        }
        out.flush();
        return refused == 0 ? 0 : Main.FAILED;
    }
}
