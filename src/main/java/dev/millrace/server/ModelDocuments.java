package dev.millrace.server;

import dev.millrace.config.LearnerJson;
import dev.millrace.interop.LearnerModels;
import dev.millrace.interop.ModelFileException;
import dev.millrace.interop.ModelFiles;
import dev.millrace.interop.ModelFormat;
import dev.millrace.nn.Summary;
import dev.millrace.stream.ServedModel;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What there is to read about a model: Keras's summary, the learner's definition, and the model as a file. */
final class ModelDocuments {
    private static final List<ModelFormat> FORMATS = List.of(ModelFormat.KERAS, ModelFormat.H5, ModelFormat.SAFETENSORS, ModelFormat.ONNX);

    private final Answers answers;

    ModelDocuments(Answers answers) {
        this.answers = answers;
    }

    void summary(Context context) {
        ServedModel model = ModelPath.model(answers, context);
        context.header(Replies.VERSION_HEADER, Long.toString(model.version())).contentType("text/plain; charset=utf-8")
                .result(Summary.of(model.name(), model.learner().spec().network(), Optional.of(model.learner().spec().training())));
    }

    /** The learner's definition only: settings of Kafka may be secret. */
    void configuration(Context context) {
        ServedModel model = ModelPath.model(answers, context);
        Replies.json(context, model, LearnerJson.write(model.learner().spec()));
    }

    void file(Context context) throws IOException {
        ServedModel model = ModelPath.model(answers, context);
        String asked = "." + context.pathParam("format");
        ModelFormat format = FORMATS.stream().filter(known -> known.ending().equals(asked)).findFirst()
                .orElseThrow(() -> new Refusal(404, "unknown_format", "format",
                        "found " + asked + ", allowed are " + FORMATS.stream().map(ModelFormat::ending).toList()));
        context.header(Replies.VERSION_HEADER, Long.toString(model.version()))
                .header("Content-Disposition",
                        "attachment; filename=\"" + model.name() + "-" + model.version() + format.ending() + '"')
                .contentType("application/octet-stream").result(bytes(model, format));
    }

    private static byte[] bytes(ServedModel model, ModelFormat format) throws IOException {
        Path directory = Files.createTempDirectory("millrace");
        Path file = directory.resolve("model" + format.ending());
        try {
            ModelFiles.write(LearnerModels.of(model.name(), model.learner()), file);
            return Files.readAllBytes(file);
        } catch (ModelFileException e) {
            throw new Refusal(422, "unwritable", "format", String.valueOf(e.getMessage()));
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }
}
