package dev.millrace.cli;

import dev.millrace.demo.DataException;
import dev.millrace.interop.KerasEvaluation;
import dev.millrace.interop.KerasModel;
import dev.millrace.interop.LearnerModels;
import dev.millrace.interop.ModelFiles;
import dev.millrace.learn.Label;
import dev.millrace.learn.Rejection;
import dev.millrace.nn.Metric;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code millrace evaluate}: the loss and the metrics a model was compiled with, over labelled records. */
@Command(name = "evaluate", mixinStandardHelpOptions = true, description = "Measure a model on labelled records, as Keras does.")
final class EvaluateCommand implements Runnable {
    private static final int MAX_BATCH_SIZE = 100_000;

    @Option(names = { "-m",
            "--model"}, required = true, paramLabel = "FILE", description = "a compiled .keras or .h5 file, or .safetensors")
    private Path modelFile = Path.of("model.keras");

    @Option(names = "--data", required = true, paramLabel = "FILE", description = "records: .csv, .csv.gz, .json or .jsonl")
    private Path data = Path.of("data.csv");

    @Option(names = "--label", paramLabel = "COLUMN", split = ",", description = "the label's column, several for several outputs; default: what the model says, or the last one")
    private List<String> labels = List.of();

    @Option(names = "--weight", paramLabel = "COLUMN", description = "the column with the records' weights; default: what the model says, or none")
    private @Nullable String weightColumn;

    @Option(names = "--metrics", paramLabel = "NAME", split = ",", description = "Keras's names of what to measure beside the loss; default: the metrics of the model")
    private List<String> metrics = List.of();

    @Option(names = "--batch-size", paramLabel = "N", description = "records per batch (default: ${DEFAULT-VALUE})")
    private int batchSize = 32;

    @Option(names = "--json", description = "one JSON object instead of text")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        PrintWriter err = Output.errorsOf(spec);
        KerasModel model = ModelFiles.read(modelFile, warning -> err.println("warning: " + warning));
        Optional<Label> label = LearnerModels.label(model);
        DataRows rows = DataRows.read(data, labels.isEmpty() ? label.map(Label::field).orElse("") : labels.getFirst());
        List<String> columns = !labels.isEmpty()
                ? labels
                : label.map(known -> List.of(known.field())).orElse(List.of(rows.columns().getLast()));
        if (batchSize < 1 || batchSize > MAX_BATCH_SIZE) {
            throw new DataException("--batch-size must be from 1 to " + MAX_BATCH_SIZE + ", found " + batchSize);
        }
        String weight = weightColumn != null ? weightColumn : LearnerModels.weight(model).orElse("");
        HashSet<String> ignored = new HashSet<>(columns);
        if (!LearnerModels.knowsFeatures(model) && !weight.isEmpty()) { // a learner's features are known, and may include it
            ignored.add(weight);
        }
        Answering answering = Answering.outputs(model, rows.columnsWithout(ignored));
        KerasEvaluation evaluation = new KerasEvaluation(metrics.isEmpty() ? model : model.withMetrics(asked()), batchSize);
        evaluation.notComputed().forEach((name, why) -> err.println("warning: metric " + name + " is not computed: " + why));
        if (columns.size() != 1 && columns.size() != evaluation.targetWidth()) {
            throw new DataException("the model's loss needs " + evaluation.targetWidth() + " label columns, given are " + columns.size());
        }
        int number = 0;
        for (ObjectNode row : rows.rows()) {
            number++;
            Rejection rejection = answering.ask(DataRows.withoutFields(row, ignored));
            if (rejection != null) {
                throw new DataException(data + ", record " + number + ": " + rejection.detail());
            }
            evaluation.add(answering.answer(), target(row, columns, label, evaluation.targetWidth(), number),
                    weight.isEmpty() ? 1 : weight(row, weight, number));
        }
        print(evaluation.figures(), number);
    }

    private List<Metric> asked() {
        return metrics.stream().map(name -> Metric.of(name)
                .orElseThrow(() -> new DataException("--metrics: " + name + " is no metric of Keras that this program computes"))).toList();
    }

    private float weight(ObjectNode row, String column, int number) {
        JsonNode value = row.path(column);
        float weight = value.isNumber() ? (float) value.doubleValue() : Float.NaN;
        if (!(weight >= 0) || Float.isInfinite(weight)) {
            throw new DataException(data + ", record " + number + ": weight " + column + " is "
                    + (value.isMissingNode() ? "absent" : value) + ", a number that is not negative is needed");
        }
        return weight;
    }

    private float[] target(ObjectNode row, List<String> columns, Optional<Label> label, int width, int number) {
        if (label.isPresent() && label.get() instanceof Label.Classification classes) {
            JsonNode value = row.path(columns.getFirst());
            int index = classes.classes().indexOf(value.asString(""));
            if (index < 0) {
                throw new DataException(data + ", record " + number + ": " + value + " is not one of " + classes.classes());
            }
            return oneOf(index, width);
        }
        double scale = label.isPresent() && label.get() instanceof Label.Regression regression ? regression.scale() : 1;
        float[] target = new float[width];
        boolean classIndex = columns.size() == 1 && width > 1;
        for (int i = 0; i < columns.size(); i++) {
            JsonNode value = row.path(columns.get(i));
            if (!value.isNumber()) {
                throw new DataException(
                        data + ", record " + number + ": column " + columns.get(i) + " is " + value + ", a number is needed");
            }
            if (classIndex && !value.isInt()) {
                throw new DataException(
                        data + ", record " + number + ": one label column for " + width + " outputs must be a class's number");
            }
            if (classIndex) {
                return oneOf(value.intValue(), width);
            }
            target[i] = (float) (value.doubleValue() * scale);
        }
        return target;
    }

    private float[] oneOf(int index, int width) {
        if (width == 1) {
            return new float[]{ index};
        }
        if (index < 0 || index >= width) {
            throw new DataException(data + ": class " + index + " of " + width);
        }
        float[] row = new float[width];
        row[index] = 1;
        return row;
    }

    private void print(Map<String, Double> figures, int records) {
        PrintWriter out = Output.of(spec);
        if (json) {
            ObjectNode node = JsonNodeFactory.instance.objectNode().put("records", records);
            figures.forEach(node::put);
            out.println(node);
        } else {
            out.printf(Locale.ROOT, "%-28s %d%n", "records", records);
            figures.forEach((name, value) -> out.printf(Locale.ROOT, "%-28s %.6g%n", name, value));
        }
        out.flush();
    }
}
