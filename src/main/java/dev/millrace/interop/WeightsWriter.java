package dev.millrace.interop;

import dev.millrace.nn.Network;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.nn.TrainingSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** Writes weights and optimizer state in the two layouts that {@link WeightsReader} reads. */
final class WeightsWriter {
    /** What readers of the old layout expect: DL4J refuses versions from 3 on, and Keras 3 reads both. */
    private static final String KERAS_2 = "2.10.0";

    private WeightsWriter() {
    }

    /** {@code model.weights.h5} of a {@code .keras} file, and {@code .weights.h5}. */
    static byte[] keras3(KerasModel model) {
        ParameterLayout layout = new Network(model.network()).layout();
        HdfWriter root = new HdfWriter();
        Map<String, Integer> counts = new HashMap<>();
        for (dev.millrace.nn.Layer layer : model.network().layers()) {
            String snake = layer.kerasClass().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
            int count = counts.merge(snake, 1, Integer::sum) - 1;
            List<ParameterLayout.Variable> variables = variablesOf(layout, layer.name());
            HdfWriter vars = root.group("layers/" + (count == 0 ? snake : snake + "_" + count) + "/vars");
            vars.text("name", layer.name());
            for (int i = 0; i < variables.size(); i++) {
                vars.put(Integer.toString(i), shaped(variables.get(i), value(model.weights(), variables.get(i))));
            }
        }
        if (model.optimizer().isPresent()) {
            TrainingSpec training = model.training().orElseThrow();
            HdfWriter vars = root.group("optimizer/vars");
            vars.text("name", OptimizerVariables.keras3Name(training.optimizer()));
            int at = 0;
            vars.put(Integer.toString(at++), model.optimizer().get().iterations());
            if (OptimizerVariables.hasLearningRate(training)) {
                vars.put(Integer.toString(at++), training.optimizer().learningRate().at(0));
            }
            Optional<Float> product = OptimizerVariables.product(training.optimizer(), model.optimizer().get().iterations());
            if (product.isPresent()) {
                vars.put(Integer.toString(at++), product.get());
            }
            for (OptimizerVariables.Slot slot : OptimizerVariables.order(training.optimizer(), layout)) {
                vars.put(Integer.toString(at++), shaped(slot.variable(), slotValue(model, slot)));
            }
        }
        return root.bytes();
    }

    /** A whole model in the layout of Keras 2. */
    static byte[] h5(KerasModel model) {
        ParameterLayout layout = new Network(model.network()).layout();
        HdfWriter root = new HdfWriter();
        root.text("backend", "tensorflow");
        root.text("keras_version", KERAS_2);
        root.text("model_config", KerasConfigWriter.keras2(model).toString());
        if (!model.metadata().isEmpty()) {
            root.text("millrace", JsonMapper.shared().writeValueAsString(new TreeMap<>(model.metadata())));
        }
        HdfWriter weights = root.group("model_weights");
        weights.text("backend", "tensorflow");
        weights.text("keras_version", KERAS_2);
        List<String> layerNames = new ArrayList<>();
        for (dev.millrace.nn.Layer layer : model.network().layers()) {
            List<ParameterLayout.Variable> variables = variablesOf(layout, layer.name());
            if (!variables.isEmpty()) { // a layer without weights would be an empty group
                layerNames.add(layer.name());
                HdfWriter group = weights.group(layer.name());
                group.texts("weight_names", variables.stream().map(variable -> variable.name() + ":0").toList());
                variables.forEach(variable -> group.put(variable.name() + ":0", shaped(variable, value(model.weights(), variable))));
            }
        }
        weights.texts("layer_names", layerNames);
        if (model.training().isPresent()) {
            root.text("training_config", KerasConfigWriter.training2(model).toString());
            if (model.optimizer().isPresent()) {
                optimizerWeights(model, model.training().get().optimizer(), layout, root.group("optimizer_weights"));
            }
        }
        return root.bytes();
    }

    /** Names and order of Keras 2.10, or of 2.11 to 2.15 for what 2.10 does not have. */
    private static void optimizerWeights(KerasModel model, Optimizer optimizer, ParameterLayout layout, HdfWriter group) {
        Map<String, OptimizerVariables.Slot> slots = new LinkedHashMap<>();
        String prefix = OptimizerVariables.keras2Prefix(optimizer);
        boolean old = OptimizerVariables.isOfKeras210(optimizer);
        if (old) {
            slots.putAll(OptimizerVariables.keras210(optimizer, layout));
        } else {
            OptimizerVariables.order(optimizer, layout).forEach(slot -> slots.put(
                    prefix + "/" + OptimizerVariables.keras2Names(slot.slot()).getFirst() + "/" + slot.variable().name() + ":0", slot));
        }
        List<String> names = new ArrayList<>();
        names.add(old ? prefix + "/iter:0" : "iteration:0");
        group.put(names.getFirst(), model.optimizer().orElseThrow().iterations());
        slots.forEach((name, slot) -> {
            names.add(name);
            group.put(name, shaped(slot.variable(), slotValue(model, slot)));
        });
        group.texts("weight_names", names);
    }

    private static List<ParameterLayout.Variable> variablesOf(ParameterLayout layout, String layer) {
        return layout.variables().stream().filter(variable -> variable.name().startsWith(layer + "/")
                && variable.name().indexOf('/', layer.length() + 1) < 0).toList();
    }

    private static float[] slotValue(KerasModel model, OptimizerVariables.Slot slot) {
        return value(Objects.requireNonNull(model.optimizer().orElseThrow().slots().get(slot.slot())), slot.variable());
    }

    private static float[] value(Map<String, float[]> values, ParameterLayout.Variable variable) {
        return Objects.requireNonNull(values.get(variable.name()), variable.name());
    }

    private static Object shaped(ParameterLayout.Variable variable, float[] rowMajor) {
        if (variable.vector()) {
            return rowMajor;
        }
        float[][] rows = new float[variable.rows()][variable.columns()];
        for (int row = 0; row < variable.rows(); row++) {
            System.arraycopy(rowMajor, row * variable.columns(), rows[row], 0, variable.columns());
        }
        return rows;
    }
}
