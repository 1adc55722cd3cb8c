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
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the weights of an architecture in an HDF5 file. Three layouts: {@code layers/dense/vars/0} (Keras 3), with
 * {@code _layer_checkpoint_dependencies} for {@code layers} in tf.keras 2.12 and 2.13, and groups named by the attribute
 * {@code layer_names} with datasets named by {@code weight_names} (Keras 1 to 3, {@code .h5}).
 */
final class WeightsReader {
    private static final List<String> STATISTICS = List.of("mean", "variance", "count");

    private final Architecture architecture;
    private final ParameterLayout layout;
    private final Consumer<String> warnings;
    private final Map<String, float[]> weights = new LinkedHashMap<>();
    private Optional<Normalization> normalization;
    private Optional<OptimizerState> optimizer = Optional.empty();

    private WeightsReader(Architecture architecture, Consumer<String> warnings) {
        this.architecture = architecture;
        this.layout = new Network(architecture.network()).layout();
        this.warnings = warnings;
        this.normalization = architecture.normalization();
    }

    /**
     * Puts weights under an architecture.
     *
     * @param warnings takes a line for what was left out because this program does not understand it
     */
    static KerasModel read(Architecture architecture, HdfReader root, Consumer<String> warnings) {
        WeightsReader reader = new WeightsReader(architecture, warnings);
        if (root.group("layers").isPresent() || root.group("_layer_checkpoint_dependencies").isPresent()) {
            reader.readKeras3(root);
        } else {
            reader.readLayerGroups(root.group("model_weights").orElse(root));
            root.group("optimizer_weights").ifPresent(reader::readOptimizerWeights);
        }
        return new KerasModel(architecture.name(), architecture.network(), architecture.training(),
                reader.weights, reader.optimizer, reader.normalization, Map.of());
    }

    private List<ParameterLayout.Variable> variablesOf(String layer) {
        return layout.variables().stream().filter(variable -> variable.name().substring(0, variable.name().lastIndexOf('/')).equals(layer))
                .toList();
    }

    private static int[] shape(ParameterLayout.Variable variable) {
        return variable.vector() ? new int[]{ variable.columns()} : new int[]{ variable.rows(), variable.columns()};
    }

    // ---- Keras 3 ------------------------------------------------------------------------------------------------------------

    private void readKeras3(HdfReader root) {
        boolean checkpoint = root.group("layers").isEmpty();
        HdfReader layers = root.needGroup(checkpoint ? "_layer_checkpoint_dependencies" : "layers");
        Map<String, Integer> counts = new HashMap<>();
        for (Architecture.FileLayer layer : architecture.layers()) {
            String snake = snakeCase(layer.className());
            int count = counts.merge(snake, 1, Integer::sum) - 1;
            List<String> names = groupNames(snake, count, checkpoint);
            if (layer.isNormalization() ? architecture.normalizationHasWeights() : !variablesOf(layer.name()).isEmpty()) {
                String group = names.stream().filter(name -> layers.group(name + "/vars").isPresent()).findFirst()
                        .orElseThrow(() -> new ModelFileException(layers.path() + "/" + names.getFirst() + "/vars",
                                "the weights of layer " + layer.name() + " are missing"));
                HdfReader vars = layers.needGroup(group + "/vars");
                readVariables(layer, vars, Integer::toString);
            }
        }
        if (checkpoint) {
            // Optimizers of tf.keras 2.12 and 2.13 keep their variables in an order of their own.
            root.group("optimizer/vars").ifPresent(
                    vars -> warnings.accept(vars.path() + ": the optimizer's state of tf.keras 2.12 and 2.13 is left out"));
        } else {
            root.group("optimizer/vars").ifPresent(vars -> readPositions(vars, Integer::toString));
        }
    }

    /** tf.keras 2.12 and 2.13 skip a number after the first layer of a class: dense, dense_2, dense_3. */
    private static List<String> groupNames(String snake, int count, boolean checkpoint) {
        if (count == 0) {
            return List.of(snake);
        }
        return checkpoint ? List.of(snake + "_" + (count + 1)) : List.of(snake + "_" + count);
    }

    private void readVariables(Architecture.FileLayer layer, HdfReader group, java.util.function.IntFunction<String> names) {
        if (layer.isNormalization()) {
            int inputs = architecture.network().inputs();
            float[] mean = group.floats(names.apply(0), inputs);
            float[] variance = group.floats(names.apply(1), inputs);
            double count = group.hasDataset(names.apply(2)) ? group.number(names.apply(2)) : 0;
            try {
                normalization = Optional.of(new Normalization(count, doubles(mean), doubles(variance)));
            } catch (IllegalArgumentException e) {
                throw new ModelFileException(group.path(), String.valueOf(e.getMessage()), e);
            }
            return;
        }
        int i = 0;
        for (ParameterLayout.Variable variable : variablesOf(layer.name())) {
            weights.put(variable.name(), group.floats(names.apply(i++), shape(variable)));
        }
        if (group.hasDataset(names.apply(i))) {
            throw new ModelFileException(group.path() + "/" + names.apply(i), "one weight more than layer " + layer.name() + " has");
        }
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private static String snakeCase(String className) {
        return className.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    /** Slots in the order of {@link OptimizerVariables#order}. */
    private void readPositions(HdfReader group, java.util.function.IntFunction<String> names) {
        TrainingSpec training = architecture.training().orElse(null);
        if (training == null) {
            warnings.accept(group.path() + ": the state of an optimizer the file does not describe is left out");
            return;
        }
        int at = 0;
        long iterations = iterations(group, names.apply(at++));
        if (OptimizerVariables.hasLearningRate(training)) {
            double rate = group.number(names.apply(at++));
            float configured = training.optimizer().learningRate().at(0);
            if ((float) rate != configured) {
                warnings.accept(group.path() + ": the learning rate among the weights is " + rate + ", the configuration's " + configured
                        + " is taken");
            }
        }
        if (OptimizerVariables.product(training.optimizer(), iterations).isPresent()) {
            group.number(names.apply(at++));
        }
        Map<String, Map<String, float[]>> slots = emptySlots(training.optimizer());
        for (OptimizerVariables.Slot slot : OptimizerVariables.order(training.optimizer(), layout)) {
            float[] values = group.floats(names.apply(at++), shape(slot.variable()));
            slots.getOrDefault(slot.slot(), new HashMap<>()).put(slot.variable().name(), values);
        }
        if (group.hasDataset(names.apply(at))) {
            throw new ModelFileException(group.path() + "/" + names.apply(at), "one variable more than the optimizer "
                    + OptimizerVariables.keras2Prefix(training.optimizer()) + " has");
        }
        optimizer = Optional.of(new OptimizerState(iterations, slots));
    }

    private static Map<String, Map<String, float[]>> emptySlots(Optimizer optimizer) {
        Map<String, Map<String, float[]>> slots = new LinkedHashMap<>();
        optimizer.slots().forEach(slot -> slots.put(slot, new LinkedHashMap<>()));
        return slots;
    }

    private static long iterations(HdfReader group, String name) {
        double iterations = group.number(name);
        if (!(iterations >= 0 && iterations < 1L << 53 && iterations == Math.rint(iterations))) {
            throw new ModelFileException(group.path() + "/" + name, "the number of iterations is " + iterations);
        }
        return (long) iterations;
    }

    // ---- Keras 1 to 3, .h5 ---------------------------------------------------------------------------------------------------

    private void readLayerGroups(HdfReader root) {
        List<String> names = root.texts("layer_names");
        if (names.isEmpty()) {
            throw new ModelFileException(root.path(), "neither layers (Keras 3) nor the attribute layer_names (.h5) is there");
        }
        List<HdfReader> groups = new ArrayList<>();
        for (String name : names) {
            HdfReader group = root.needGroup(name);
            if (!group.texts("weight_names").isEmpty()) {
                groups.add(group);
            }
        }
        List<Architecture.FileLayer> layers = architecture.layers().stream()
                .filter(layer -> layer.isNormalization() ? architecture.normalizationHasWeights() : !variablesOf(layer.name()).isEmpty())
                .toList();
        if (layers.size() != groups.size()) {
            throw new ModelFileException(root.path() + "/@layer_names",
                    groups.size() + " layers with weights, the architecture has " + layers.size());
        }
        for (int i = 0; i < layers.size(); i++) {
            List<String> weightNames = inOrder(layers.get(i), groups.get(i).texts("weight_names"));
            readVariables(layers.get(i), groups.get(i), index -> index < weightNames.size() ? weightNames.get(index) : "?");
        }
    }

    /** As in the file, unless the names say otherwise: a batch normalization's come in different orders. */
    private List<String> inOrder(Architecture.FileLayer layer, List<String> weightNames) {
        List<String> wanted = layer.isNormalization()
                ? STATISTICS
                : variablesOf(layer.name()).stream().map(variable -> variable.name().substring(variable.name().lastIndexOf('/') + 1))
                        .toList();
        List<String> ordered = new ArrayList<>();
        for (String suffix : wanted) {
            weightNames.stream().filter(name -> lastPart(name).equals(suffix)).findFirst().ifPresent(ordered::add);
        }
        return ordered.size() == weightNames.size() ? ordered : weightNames;
    }

    private static String lastPart(String name) {
        String withoutIndex = name.replaceFirst(":\\d{1,3}$", "");
        return withoutIndex.substring(withoutIndex.lastIndexOf('/') + 1);
    }

    private void readOptimizerWeights(HdfReader group) {
        List<String> names = group.texts("weight_names");
        TrainingSpec training = architecture.training().orElse(null);
        if (names.isEmpty() || training == null) {
            return;
        }
        String first = names.getFirst();
        if (lastPart(first).equals("iteration") && !first.contains(":")) {
            readPositions(group, i -> i < names.size() ? names.get(i) : "?");
            return;
        }
        Map<String, Map<String, float[]>> slots = emptySlots(training.optimizer());
        List<String> rest = names.stream()
                .filter(name -> !lastPart(name).matches("iter|iterations|iteration|learning_rate|_?learning_rate"))
                .toList();
        int position = 0;
        for (String slot : training.optimizer().slots()) {
            for (ParameterLayout.Variable variable : layout.variables().stream().filter(ParameterLayout.Variable::trainable).toList()) {
                String name = named(rest, variable, slot);
                if (name == null && position < rest.size() && lastPart(rest.get(position)).startsWith("Variable")) {
                    name = rest.get(position); // Keras up to 2.3 numbers them, slot after slot
                }
                if (name == null) {
                    warnings.accept(group.path() + ": no " + slot + " of " + variable.name()
                            + " in the optimizer's state; the state is left out");
                    return;
                }
                slots.getOrDefault(slot, new HashMap<>()).put(variable.name(), group.floats(name, shape(variable)));
                position++;
            }
        }
        String counter = names.stream().filter(name -> lastPart(name).matches("iter|iterations|iteration")).findFirst().orElse(null);
        optimizer = Optional.of(new OptimizerState(counter == null ? 0 : iterations(group, counter), slots));
    }

    /** {@code Adam/m/dense/kernel:0} (2.11 to 2.15) or {@code Adam/dense/kernel/m:0} (before). */
    private static @Nullable String named(List<String> names, ParameterLayout.Variable variable, String slot) {
        for (String alias : OptimizerVariables.keras2Names(slot)) {
            for (String name : names) {
                String plain = name.replaceFirst(":\\d{1,3}$", "");
                if (plain.endsWith("/" + alias + "/" + variable.name()) || plain.endsWith("/" + variable.name() + "/" + alias)
                        || plain.equals(alias + "/" + variable.name())) {
                    return name;
                }
            }
        }
        return null;
    }
}
