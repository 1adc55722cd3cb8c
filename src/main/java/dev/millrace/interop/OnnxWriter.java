package dev.millrace.interop;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.millrace.nn.Activation;
import dev.millrace.nn.ActivationLayer;
import dev.millrace.nn.BatchNormalization;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Dropout;
import dev.millrace.nn.Layer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A network as an ONNX graph for inference: a {@code Gemm} per dense layer and the operators of its activation, from {@code input}
 * {@code [batch, inputs]} to {@code output} {@code [batch, outputs]}. Operator set 13, IR version 8.
 */
final class OnnxWriter {
    private static final int FLOAT = TensorProto.DataType.FLOAT.getNumber();
    private static final String INPUT = "input";
    private static final String OUTPUT = "output";

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    /** Name of the value the next node reads. */
    private String value = INPUT;
    private int nodes;

    private OnnxWriter() {
    }

    static ModelProto write(KerasModel model) {
        OnnxWriter writer = new OnnxWriter();
        writer.graph.setName(model.name()).addInput(rows(INPUT, model.network().inputs()))
                .addOutput(rows(OUTPUT, model.network().outputs()));
        model.normalization().ifPresent(writer::normalize);
        int inputs = model.network().inputs();
        for (Layer layer : model.network().layers()) {
            switch (layer) {
                case Dense dense -> writer.dense(model, dense, inputs);
                case ActivationLayer own -> writer.activation(own.activation(), own.name());
                case BatchNormalization normalization -> writer.normalize(model, normalization, inputs);
                case Dropout _ -> {
                    // Nothing is dropped when a network answers.
                }
            }
            inputs = layer.outputs(inputs);
        }
        writer.value = writer.node("Identity", OUTPUT, writer.value);
        ModelProto.Builder proto = ModelProto.newBuilder().setIrVersion(8).setProducerName("millrace").setGraph(writer.graph)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(13));
        new TreeMap<>(model.metadata()).forEach(
                (key, text) -> proto.addMetadataProps(StringStringEntryProto.newBuilder().setKey("millrace." + key).setValue(text)));
        return proto.build();
    }

    private void normalize(Normalization normalization) {
        int width = normalization.mean().length;
        float[] mean = new float[width];
        float[] deviation = new float[width];
        for (int i = 0; i < width; i++) {
            mean[i] = (float) normalization.mean()[i];
            deviation[i] = (float) Math.max(Math.sqrt(normalization.variance()[i]), 1e-7);
        }
        value = node("Sub", "normalization/centered", value, constant("normalization/mean", mean, width));
        value = node("Div", "normalization/output", value, constant("normalization/deviation", deviation, width));
    }

    private void dense(KerasModel model, Dense dense, int inputs) {
        String kernel = constant(dense.name() + "/kernel", weight(model, dense.name() + "/kernel"), inputs, dense.units());
        value = dense.useBias()
                ? node("Gemm", dense.name() + "/sum", value, kernel,
                        constant(dense.name() + "/bias", weight(model, dense.name() + "/bias"), dense.units()))
                : node("Gemm", dense.name() + "/sum", value, kernel);
        activation(dense.activation(), dense.name());
    }

    private void normalize(KerasModel model, BatchNormalization normalization, int width) {
        String name = normalization.name();
        float[] ones = new float[width];
        Arrays.fill(ones, 1);
        value = node("BatchNormalization", name + "/normalized", "epsilon", normalization.epsilon(), value,
                constant(name + "/gamma", model.weights().getOrDefault(name + "/gamma", ones), width),
                constant(name + "/beta", model.weights().getOrDefault(name + "/beta", new float[width]), width),
                constant(name + "/moving_mean", weight(model, name + "/moving_mean"), width),
                constant(name + "/moving_variance", weight(model, name + "/moving_variance"), width));
    }

    private static float[] weight(KerasModel model, String variable) {
        return Objects.requireNonNull(model.weights().get(variable), variable);
    }

    private void activation(Activation activation, String layer) {
        String output = layer + "/" + activation.kerasName();
        value = switch (activation) {
            case LINEAR -> value;
            case RELU -> node("Relu", output, value);
            case SIGMOID -> node("Sigmoid", output, value);
            case TANH -> node("Tanh", output, value);
            case SOFTMAX -> node("Softmax", output, value);
            case LOG_SOFTMAX -> node("LogSoftmax", output, value);
            case ELU -> node("Elu", output, value);
            case SELU -> node("Selu", output, value);
            case EXPONENTIAL -> node("Exp", output, value);
            case SOFTPLUS -> node("Softplus", output, value);
            case SOFTSIGN -> node("Softsign", output, value);
            case LEAKY_RELU -> node("LeakyRelu", output, "alpha", 0.2f, value);
            case HARD_SIGMOID -> hardSigmoid(output);
            case HARD_SILU -> node("Mul", output, value, hardSigmoid(output + "/gate"));
            case RELU6 -> node("Clip", output, value, scalar(output + "/min", 0), scalar(output + "/max", 6));
            case HARD_TANH -> node("Clip", output, value, scalar(output + "/min", -1), scalar(output + "/max", 1));
            case SILU -> node("Mul", output, value, node("Sigmoid", output + "/gate", value));
            case MISH -> node("Mul", output, value, node("Tanh", output + "/gate", node("Softplus", output + "/softplus", value)));
            case LOG_SIGMOID -> node("Neg", output, node("Softplus", output + "/softplus", node("Neg", output + "/negative", value)));
            case TANH_SHRINK -> node("Sub", output, value, node("Tanh", output + "/tanh", value));
            case GELU -> gelu(output);
        };
    }

    private String hardSigmoid(String output) {
        String sum = node("Add", output + "/sum", node("Div", output + "/sixth", value, scalar(output + "/six", 6)),
                scalar(output + "/half", 0.5f));
        return node("Clip", output, sum, scalar(output + "/min", 0), scalar(output + "/max", 1));
    }

    /** {@code x (1 + erf(x / sqrt(2))) / 2}. */
    private String gelu(String output) {
        String erf = node("Erf", output + "/erf", node("Mul", output + "/scaled", value, scalar(output + "/root", (float) Math.sqrt(0.5))));
        String half = node("Mul", output + "/half", value, scalar(output + "/one_half", 0.5f));
        return node("Mul", output, half, node("Add", output + "/one_more", erf, scalar(output + "/one", 1)));
    }

    private String scalar(String name, float number) {
        return constant(name, new float[]{ number});
    }

    private String node(String operator, String output, String... inputs) {
        graph.addNode(NodeProto.newBuilder().setName("node_" + nodes++).setOpType(operator).addAllInput(List.of(inputs)).addOutput(output));
        return output;
    }

    private String node(String operator, String output, String argument, float number, String... inputs) {
        node(operator, output, inputs);
        graph.getNodeBuilder(graph.getNodeCount() - 1).addAttribute(
                AttributeProto.newBuilder().setName(argument).setType(AttributeProto.AttributeType.FLOAT).setF(number));
        return output;
    }

    private String constant(String name, float[] values, int... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(FLOAT).setRawData(ByteString.copyFrom(bytes));
        for (int size : shape) {
            tensor.addDims(size);
        }
        graph.addInitializer(tensor);
        return name;
    }

    private static ValueInfoProto rows(String name, int width) {
        TensorShapeProto shape = TensorShapeProto.newBuilder().addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"))
                .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(width)).build();
        return ValueInfoProto.newBuilder().setName(name)
                .setType(TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(FLOAT).setShape(shape))).build();
    }
}
