package dev.millrace.snapshot;

import dev.millrace.config.ConfigurationException;
import dev.millrace.config.KerasJson;
import dev.millrace.config.LearnerJson;
import dev.millrace.learn.Evaluation;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.LearnerState;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Scaler;
import dev.millrace.nn.Layer;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.nn.TrainingState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A learner at one version, as it stands in the snapshot topic: complete, so that a learner made from it goes on bit for bit.
 *
 * @param name of the model
 * @param learner restored; owned by whoever decoded it
 * @param sourceOffsets by {@code topic-partition}: the next record the learner would have read
 * @param weightsSha256 lower-case hexadecimal SHA-256 over all weights, in Keras's order, as little-endian float32
 * @param byteLength of the encoded snapshot
 */
public record Snapshot(String name, OnlineLearner learner, Map<String, Long> sourceOffsets, String weightsSha256, int byteLength) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String FORMAT = "millrace-snapshot";
    private static final String FORMAT_VERSION = "1";
    /** Floats of scratch a decoded learner may need beyond what its bytes justify: a batch of a wide network. */
    private static final long MAX_SCRATCH = 1L << 28;

    /** Number of optimizer steps in it. */
    public long version() {
        return learner.version();
    }

    /** What is the same in every snapshot of a learner: writing it costs more than all the rest of a small one. */
    public static final class Encoder {
        private final String name;
        private final String learner;
        private final String kerasConfig;

        /** An encoder for learners of one specification. */
        public Encoder(String name, LearnerSpec spec) {
            this.name = name;
            this.learner = LearnerJson.write(spec).toString();
            this.kerasConfig = KerasJson.write(name, spec.network(), spec.training()).toString();
        }

        /** Encodes a learner with everything it knows. */
        public byte[] encode(OnlineLearner source, Map<String, Long> sourceOffsets) {
            return Snapshot.encode(this, source, sourceOffsets);
        }
    }

    /** Encodes a learner with everything it knows. */
    public static byte[] encode(String name, OnlineLearner learner, Map<String, Long> sourceOffsets) {
        return new Encoder(name, learner.spec()).encode(learner, sourceOffsets);
    }

    private static byte[] encode(Encoder constant, OnlineLearner learner, Map<String, Long> sourceOffsets) {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        TrainingState training = learner.state().training();
        ParameterLayout layout = learner.network().layout();
        putVariables(tensors, "", layout, training.parameters(), true);
        List<String> slots = learner.spec().training().optimizer().slots();
        for (int i = 0; i < slots.size(); i++) {
            putVariables(tensors, slotPrefix(slots.get(i)), layout, training.slot(i), false);
        }
        Scaler scaler = learner.scaler();
        putColumn(tensors, "scaler/count", scaler.width(), scaler::count);
        putColumn(tensors, "scaler/mean", scaler.width(), scaler::mean);
        putColumn(tensors, "scaler/variance", scaler.width(), scaler::variance);
        for (LearnerState.Section section : learner.state().sections()) {
            if (!section.changesByStepOnly()) {
                byte[] bytes = new byte[section.byteLength()];
                section.write(0, bytes.length, bytes, 0);
                tensors.put("state/" + section.name(), new Safetensors.Tensor("U8", new int[]{ bytes.length}, bytes));
            }
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("format_version", FORMAT_VERSION);
        metadata.put("name", constant.name);
        metadata.put("version", Long.toString(learner.version()));
        metadata.put("source_offsets", JSON.writeValueAsString(new TreeMap<>(sourceOffsets)));
        metadata.put("evaluation", evaluation(learner.evaluation()).toString());
        metadata.put("weights_sha256", weightsSha256(learner));
        metadata.put("learner", constant.learner);
        metadata.put("keras_config", constant.kerasConfig);
        return new Safetensors(metadata, tensors).encode();
    }

    /**
     * Restores a learner.
     *
     * @throws SnapshotException if the bytes are not a whole and undamaged snapshot of a version that can be read
     */
    public static Snapshot decode(byte[] bytes) {
        Safetensors file = Safetensors.decode(bytes);
        Map<String, String> metadata = file.metadata();
        if (!FORMAT.equals(metadata.get("format"))) {
            throw new SnapshotException("a safetensors file, but not a Millrace snapshot: its format is " + metadata.get("format"));
        }
        if (!FORMAT_VERSION.equals(metadata.get("format_version"))) {
            throw new SnapshotException("format version " + metadata.get("format_version") + ", this program reads " + FORMAT_VERSION);
        }
        LearnerSpec spec;
        Map<String, Long> offsets = new TreeMap<>();
        try {
            spec = LearnerJson.read(JSON.readTree(metadata.getOrDefault("learner", "")));
            JsonNode offsetsNode = JSON.readTree(metadata.getOrDefault("source_offsets", "{}"));
            offsetsNode.properties().forEach(entry -> offsets.put(entry.getKey(), entry.getValue().asLong(0)));
        } catch (ConfigurationException | JacksonException | IllegalArgumentException e) {
            throw new SnapshotException("the learner's definition cannot be read: " + e.getMessage(), e);
        }
        requireJustified(spec, bytes.length);
        OnlineLearner learner = new OnlineLearner(spec);
        for (LearnerState.Section section : learner.state().sections()) {
            boolean older = LearnerState.LATER.contains(section.name()) && !file.tensors().containsKey("state/" + section.name());
            if (!section.changesByStepOnly() && !older) {
                byte[] state = tensor(file, "state/" + section.name(), "U8", section.byteLength());
                try {
                    section.read(0, state.length, state, 0);
                } catch (IllegalArgumentException e) {
                    throw new SnapshotException("tensor state/" + section.name() + ": " + e.getMessage(), e);
                }
            }
        }
        TrainingState training = learner.state().training();
        ParameterLayout layout = learner.network().layout();
        readVariables(file, "", layout, training.parameters(), true);
        List<String> slots = spec.training().optimizer().slots();
        for (int i = 0; i < slots.size(); i++) {
            readVariables(file, slotPrefix(slots.get(i)), layout, training.slot(i), false);
        }
        return new Snapshot(metadata.getOrDefault("name", ""), learner, offsets, weightsSha256(learner), bytes.length);
    }

    /** The figures over the whole stream and the window, as JSON; what is not defined yet is null. */
    public static ObjectNode evaluation(Evaluation evaluation) {
        ObjectNode node = JSON.createObjectNode();
        node.put("examples", evaluation.examples());
        for (Evaluation.Span span : Evaluation.Span.values()) {
            node.set(span == Evaluation.Span.STREAM ? "stream" : "window", figures(evaluation.figures(span)));
        }
        return node;
    }

    /** Figures by name as JSON, which has no NaN: what is not defined yet is null. */
    public static ObjectNode figures(Map<String, Double> figures) {
        ObjectNode node = JSON.createObjectNode();
        figures.forEach((figure, value) -> {
            if (Double.isFinite(value)) {
                node.put(figure, value);
            } else {
                node.putNull(figure);
            }
        });
        return node;
    }

    /** The hash that names a set of weights; see {@link #weightsSha256()}. */
    public static String weightsSha256(OnlineLearner learner) {
        List<byte[]> parts = new ArrayList<>();
        ParameterLayout layout = learner.network().layout();
        for (ParameterLayout.Variable variable : layout.variables()) {
            parts.add(LittleEndian.floats(layout.toRowMajor(learner.state().training().parameters(), variable)));
        }
        return Safetensors.sha256(parts.toArray(new byte[0][]));
    }

    private static String slotPrefix(String slot) {
        return "optimizer/" + slot + "/";
    }

    private static void putVariables(Map<String, Safetensors.Tensor> tensors, String prefix, ParameterLayout layout, float[] flat,
            boolean untrained) {
        for (ParameterLayout.Variable variable : variables(layout, untrained)) {
            int[] shape = variable.vector() ? new int[]{ variable.columns()} : new int[]{ variable.rows(), variable.columns()};
            byte[] bytes = LittleEndian.floats(layout.toRowMajor(flat, variable));
            tensors.put(prefix + variable.name(), new Safetensors.Tensor("F32", shape, bytes));
        }
    }

    private static void readVariables(Safetensors file, String prefix, ParameterLayout layout, float[] flat, boolean untrained) {
        for (ParameterLayout.Variable variable : variables(layout, untrained)) {
            byte[] bytes = tensor(file, prefix + variable.name(), "F32", variable.size() * 4);
            layout.fromRowMajor(LittleEndian.floats(bytes), variable, flat);
        }
    }

    /** All variables, or without those no optimizer keeps anything for. */
    private static List<ParameterLayout.Variable> variables(ParameterLayout layout, boolean untrained) {
        return layout.variables().stream().filter(variable -> untrained || variable.trainable()).toList();
    }

    private static void putColumn(Map<String, Safetensors.Tensor> tensors, String name, int width, IntToDoubleFunction value) {
        double[] column = new double[width];
        for (int i = 0; i < width; i++) {
            column[i] = value.applyAsDouble(i);
        }
        tensors.put(name, new Safetensors.Tensor("F64", new int[]{ width}, LittleEndian.doubles(column)));
    }

    private static byte[] tensor(Safetensors file, String name, String dtype, int byteLength) {
        Safetensors.Tensor tensor = file.tensors().get(name);
        if (tensor == null) {
            throw new SnapshotException("tensor " + name + " is missing");
        }
        if (!tensor.dtype().equals(dtype) || tensor.bytes().length != byteLength) {
            throw new SnapshotException(
                    "tensor " + name + ": found " + tensor.dtype() + " of " + tensor.bytes().length + " bytes, its learner needs "
                            + dtype + " of " + byteLength);
        }
        return tensor.bytes();
    }

    /** A definition may not ask for more memory than the bytes it came with (and a bounded scratch) account for. */
    private static void requireJustified(LearnerSpec spec, int byteLength) {
        long parameters = 0;
        int width = spec.network().inputs();
        long activations = width;
        for (Layer layer : spec.network().layers()) {
            parameters += layer.parameterCount(width);
            width = layer.outputs(width);
            activations += width;
        }
        if (parameters > byteLength / 4 || activations * spec.batchSize() > MAX_SCRATCH) {
            throw new SnapshotException("its definition asks for " + parameters + " parameters and batches of " + spec.batchSize()
                    + ", which " + byteLength + " bytes cannot hold");
        }
    }
}
