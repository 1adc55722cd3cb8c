package dev.millrace.interop;

import ai.onnx.proto.OnnxMl;
import dev.millrace.nn.TrainingSpec;
import dev.millrace.snapshot.Snapshot;
import dev.millrace.snapshot.SnapshotException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and writes models; the format follows from the file's name, see {@link ModelFormat}. */
public final class ModelFiles {
    /** The version whose layout is written. */
    private static final String KERAS_3 = "3.9.2";

    private ModelFiles() {
    }

    /**
     * Reads a model. Of a {@code .json} file only the architecture comes.
     *
     * @param warnings takes a line for each thing that was left out because it is of no use or cannot be understood
     * @throws ModelFileException if it is damaged, or holds something this program does not support
     */
    public static KerasModel read(Path file, Consumer<String> warnings) {
        try {
            byte[] bytes = bytes(file);
            return switch (format(file, bytes)) {
                case KERAS -> readKeras(file, bytes.length, warnings);
                case H5 -> readH5(bytes, warnings);
                case JSON ->
                    architectureOnly(KerasConfigReader.read(JsonPlace.parse("json", new String(bytes, StandardCharsets.UTF_8))), warnings);
                case SAFETENSORS -> readSnapshot(bytes);
                case WEIGHTS -> throw new ModelFileException("weights",
                        "the file has no architecture; give that of a .json or .keras file before it");
                case ONNX -> throw new ModelFileException("format", "ONNX can only be written");
            };
        } catch (ModelFileException e) {
            throw e.in(file.toString());
        }
    }

    /**
     * Reads the architecture of one file and the weights of another.
     *
     * @throws ModelFileException if one is damaged, or the weights do not fit
     */
    public static KerasModel read(Path architectureFile, Path weightsFile, Consumer<String> warnings) {
        Architecture architecture = architecture(architectureFile);
        try {
            byte[] bytes = bytes(weightsFile);
            ModelFormat format = format(weightsFile, bytes);
            if (format == ModelFormat.KERAS) {
                try (KerasArchive.Reader archive = new KerasArchive.Reader(weightsFile, bytes.length)) {
                    return weights(architecture, KerasArchive.WEIGHTS, archive.bytes(KerasArchive.WEIGHTS), warnings);
                }
            }
            if (format != ModelFormat.H5 && format != ModelFormat.WEIGHTS) {
                throw new ModelFileException("format", "weights are read from .weights.h5, .h5 and .keras files");
            }
            return weights(architecture, "weights", bytes, warnings);
        } catch (ModelFileException e) {
            throw e.in(weightsFile.toString());
        }
    }

    /** What a file says about its architecture. */
    private static Architecture architecture(Path file) {
        try {
            byte[] bytes = bytes(file);
            return switch (format(file, bytes)) {
                case JSON -> KerasConfigReader.read(JsonPlace.parse("json", new String(bytes, StandardCharsets.UTF_8)));
                case KERAS -> {
                    try (KerasArchive.Reader archive = new KerasArchive.Reader(file, bytes.length)) {
                        yield architecture(archive);
                    }
                }
                case H5 -> HdfReader.read("h5", bytes, ModelFiles::architecture);
                case WEIGHTS, SAFETENSORS, ONNX ->
                    throw new ModelFileException("format", "architectures are read from .json, .keras and .h5 files");
            };
        } catch (ModelFileException e) {
            throw e.in(file.toString());
        }
    }

    private static ModelFormat format(Path file) {
        return ModelFormat.of(file)
                .orElseThrow(() -> new ModelFileException("format", "not known by the file's name; known are " + ModelFormat.endings()));
    }

    /** Until 2.11, tf.keras wrote HDF5 into a file named {@code .keras}. */
    private static ModelFormat format(Path file, byte[] bytes) {
        ModelFormat format = format(file);
        return format == ModelFormat.KERAS && HdfReader.isHdf(bytes) ? ModelFormat.H5 : format;
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new ModelFileException("file", "no file of this name", e);
        } catch (IOException e) {
            throw new ModelFileException("file", Files.isDirectory(file) ? "a directory" : "cannot be read: " + e.getMessage(), e);
        } catch (OutOfMemoryError e) {
            throw new ModelFileException("file", "larger than memory", e);
        }
    }

    private static KerasModel readKeras(Path file, long length, Consumer<String> warnings) {
        try (KerasArchive.Reader archive = new KerasArchive.Reader(file, length)) {
            KerasModel model = weights(architecture(archive), KerasArchive.WEIGHTS, archive.bytes(KerasArchive.WEIGHTS), warnings);
            Map<String, String> metadata = about(archive).map(about -> metadata(about.get("millrace"))).orElse(Map.of());
            return LearnerModels.withMetadata(model, metadata);
        }
    }

    private static Architecture architecture(KerasArchive.Reader archive) {
        JsonPlace config = JsonPlace.parse(KerasArchive.CONFIG, archive.text(KerasArchive.CONFIG));
        return KerasConfigReader.read(config, about(archive).flatMap(about -> about.get("keras_version").optionalText()));
    }

    private static Optional<JsonPlace> about(KerasArchive.Reader archive) {
        return archive.has(KerasArchive.METADATA)
                ? Optional.of(JsonPlace.parse(KerasArchive.METADATA, archive.text(KerasArchive.METADATA)))
                : Optional.empty();
    }

    private static KerasModel weights(Architecture architecture, String place, byte[] bytes, Consumer<String> warnings) {
        return HdfReader.read(place, bytes, root -> WeightsReader.read(architecture, root, warnings));
    }

    private static KerasModel readH5(byte[] bytes, Consumer<String> warnings) {
        return HdfReader.read("h5", bytes, root -> {
            KerasModel model = WeightsReader.read(architecture(root), root, warnings);
            Map<String, String> metadata = root.text("millrace").map(text -> metadata(JsonPlace.parse("h5/@millrace", text)))
                    .orElse(Map.of());
            return LearnerModels.withMetadata(model, metadata);
        });
    }

    private static Architecture architecture(HdfReader root) {
        String config = root.text("model_config").orElseThrow(() -> new ModelFileException(root.path() + "/@model_config",
                "the file has weights only; give the architecture of a .json or .keras file before it"));
        Architecture architecture = KerasConfigReader.read(JsonPlace.parse(root.path() + "/@model_config", config),
                root.text("keras_version"));
        Optional<JsonPlace> training = root.text("training_config")
                .map(text -> JsonPlace.parse(root.path() + "/@training_config", text));
        return training.isEmpty()
                ? architecture
                : architecture.withTraining(CompileConfigReader.training(training.get()));
    }

    private static Map<String, String> metadata(JsonPlace object) {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (object.given()) {
            for (String name : object.object().node().propertyNames()) {
                metadata.put(name, object.get(name).text());
            }
        }
        return metadata;
    }

    private static KerasModel architectureOnly(Architecture architecture, Consumer<String> warnings) {
        if (architecture.normalizationHasWeights()) {
            warnings.accept("json: layer " + architecture.layers().getFirst().name()
                    + " (Normalization) keeps its statistics among the weights, which are not here; it is left out");
        }
        Optional<TrainingSpec> training = architecture.training();
        return new KerasModel(architecture.name(), architecture.network(), training, Map.of(), Optional.empty(),
                architecture.normalization(), Map.of());
    }

    private static KerasModel readSnapshot(byte[] bytes) {
        try {
            Snapshot snapshot = Snapshot.decode(bytes);
            return LearnerModels.of(snapshot.name(), snapshot.learner());
        } catch (SnapshotException e) {
            throw new ModelFileException("safetensors", String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Writes a model beside its target, reads it back, compares it, and only then moves it there.
     *
     * @throws ModelFileException if the format cannot hold the model, or what was written is not what was to be written
     */
    public static void write(KerasModel model, Path target) {
        try {
            ModelFormat format = format(target);
            requireWritable(model, format);
            byte[] bytes = bytes(model, format);
            Path written = beside(target, format);
            try {
                Files.write(written, bytes);
                compare(model, format, written);
                Files.move(written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(written);
            }
        } catch (ModelFileException e) {
            throw e.in(target.toString());
        } catch (IOException e) {
            throw new ModelFileException(target.toString(), "cannot be written: " + e, e);
        }
    }

    /** Not a temporary file: that would be readable by its owner only. */
    private static Path beside(Path target, ModelFormat format) {
        Path directory = Objects.requireNonNullElse(target.toAbsolutePath().getParent(), Path.of("."));
        if (!Files.isDirectory(directory)) {
            throw new ModelFileException("file", "there is no directory " + directory);
        }
        if (Files.isDirectory(target)) {
            throw new ModelFileException("file", "a directory");
        }
        return directory.resolve("." + target.getFileName() + "." + ProcessHandle.current().pid() + format.ending());
    }

    /** The model with its normalization inside of the first layer, so that it reads raw inputs. */
    public static KerasModel fold(KerasModel model) {
        return Folding.fold(model);
    }

    private static void requireWritable(KerasModel model, ModelFormat format) {
        if (!model.hasWeights() && format != ModelFormat.JSON) {
            throw new ModelFileException("weights", "there is an architecture, but no weights; only .json can be written");
        }
        if (format == ModelFormat.WEIGHTS && model.normalization().isPresent()) {
            throw new ModelFileException("normalization", "a file of weights has no place for it; fold it, or write .keras or .h5");
        }
    }

    private static byte[] bytes(KerasModel model, ModelFormat format) {
        return switch (format) {
            case KERAS -> keras(model);
            case WEIGHTS -> WeightsWriter.keras3(model);
            case H5 -> WeightsWriter.h5(model);
            case JSON -> KerasConfigWriter.keras3(model).toString().getBytes(StandardCharsets.UTF_8);
            case SAFETENSORS -> Snapshot.encode(model.name(), LearnerModels.learner(model), Map.of());
            case ONNX -> OnnxWriter.write(model).toByteArray();
        };
    }

    private static byte[] keras(KerasModel model) {
        ObjectNode metadata = JsonNodeFactory.instance.objectNode().put("keras_version", KERAS_3).put("date_saved", "1980-01-01@00:00:00");
        if (!model.metadata().isEmpty()) {
            ObjectNode own = metadata.putObject("millrace"); // Keras reads what it knows and nothing else
            new TreeMap<>(model.metadata()).forEach(own::put);
        }
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(KerasArchive.METADATA, metadata.toString().getBytes(StandardCharsets.UTF_8));
        files.put(KerasArchive.CONFIG, KerasConfigWriter.keras3(model).toString().getBytes(StandardCharsets.UTF_8));
        files.put(KerasArchive.WEIGHTS, WeightsWriter.keras3(model));
        return KerasArchive.write(files);
    }

    private static void compare(KerasModel model, ModelFormat format, Path written) throws IOException {
        Optional<String> difference = switch (format) {
            case KERAS, H5 -> Differences.between(model, readQuietly(written));
            case JSON -> Differences.architecture(model, readQuietly(written));
            case WEIGHTS -> Differences.weightsOnly(model, HdfReader.read("weights", bytes(written),
                    root -> WeightsReader.read(new Architecture(model.name(), fileLayers(model), model.network(), model.training(),
                            Optional.empty()), root, ModelFiles::fail)));
            case SAFETENSORS -> Differences.weightsOnly(model.optimizer().isPresent() ? model : readQuietly(written), readQuietly(written))
                    .or(() -> Differences.weightsOnly(withoutOptimizer(model), withoutOptimizer(readQuietly(written))));
            case ONNX -> OnnxMl.ModelProto.parseFrom(Files.readAllBytes(written)).equals(OnnxWriter.write(model))
                    ? Optional.empty()
                    : Optional.of("the graph");
        };
        if (difference.isPresent()) {
            throw new ModelFileException("read back", "what was written differs in " + difference.get());
        }
    }

    private static KerasModel readQuietly(Path file) {
        return read(file, ModelFiles::fail);
    }

    private static void fail(String warning) {
        throw new ModelFileException("read back", warning);
    }

    private static KerasModel withoutOptimizer(KerasModel model) {
        return model.withWeights(model.weights(), Optional.empty());
    }

    private static List<Architecture.FileLayer> fileLayers(KerasModel model) {
        return model.network().layers().stream()
                .map(layer -> new Architecture.FileLayer(layer.kerasClass(), layer.name())).toList();
    }
}
