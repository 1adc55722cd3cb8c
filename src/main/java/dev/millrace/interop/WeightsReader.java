package dev.millrace.interop;

import dev.millrace.nn.Network;
import dev.millrace.nn.ParameterLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Finds the weights of an architecture in an HDF5 file. Three layouts: {@code layers/dense/vars/0} (Keras 3), with
 * {@code _layer_checkpoint_dependencies} for {@code layers} in tf.keras 2.12 and 2.13, and groups named by the attribute
 * {@code layer_names} with datasets named by {@code weight_names} (Keras 1 to 3, {@code .h5}).
 */
final class WeightsReader {
    private static final String CHECKPOINT = "_layer_checkpoint_dependencies";
    /** Where Keras 3 keeps the layers: it walked a model's attributes in their order, which private names once came first in. */
    private static final List<String> LAYERS = List.of("layers", "_layers", CHECKPOINT);
    private static final List<String> STATISTICS = List.of("mean", "variance", "count");

    private final Architecture architecture;
    private final ParameterLayout layout;
    private final Consumer<String> warnings;
    private final Map<String, float[]> weights = new LinkedHashMap<>();
    private final Map<String, String> namesInFile = new HashMap<>();
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
        Optional<HdfReader> layers = LAYERS.stream().flatMap(name -> root.group(name).stream()).findFirst();
        if (layers.isPresent()) {
            reader.readKeras3(layers.get());
            reader.readOptimizer(root.group("optimizer/vars"), OptimizerStateReader::numbered);
        } else {
            reader.readLayerGroups(root.group("model_weights").orElse(root));
            reader.readOptimizer(root.group("optimizer_weights"), OptimizerStateReader::named);
        }
        return new KerasModel(architecture.name(), architecture.network(), architecture.training(),
                reader.weights, reader.optimizer, reader.normalization, Map.of());
    }

    private List<ParameterLayout.Variable> variablesOf(String layer) {
        return layout.variables().stream().filter(variable -> variable.name().substring(0, variable.name().lastIndexOf('/')).equals(layer))
                .toList();
    }

    static int[] shape(ParameterLayout.Variable variable) {
        return variable.vector() ? new int[]{ variable.columns()} : new int[]{ variable.rows(), variable.columns()};
    }

    // ---- Keras 3 ------------------------------------------------------------------------------------------------------------

    private void readKeras3(HdfReader layers) {
        Map<String, Integer> counts = new HashMap<>();
        Set<String> read = new HashSet<>();
        for (Architecture.FileLayer layer : architecture.layers()) {
            String snake = snakeCase(layer.className());
            int count = counts.merge(snake, 1, Integer::sum) - 1;
            if (layer.isNormalization() ? architecture.normalizationHasWeights() : !variablesOf(layer.name()).isEmpty()) {
                List<String> names = groupNames(snake, count, layers.path().endsWith(CHECKPOINT));
                String group = names.stream().filter(name -> layers.group(name + "/vars").isPresent()).findFirst()
                        .orElseThrow(() -> new ModelFileException(layers.path() + "/" + names.getFirst() + "/vars",
                                "the weights of layer " + layer.name() + " are missing"));
                readVariables(layer, layers.needGroup(group + "/vars"), Integer::toString);
                read.add(group);
            }
        }
        // A dropout may keep the state of its random numbers, of which nothing is needed here.
        layers.groups().stream().filter(
                group -> layers.hasDataset(group + "/vars/0") && !read.contains(group) && !group.startsWith("dropout")).findFirst()
                .ifPresent(group -> {
                    throw new ModelFileException(layers.path() + "/" + group, "weights of a layer that the architecture does not have");
                });
    }

    /** tf.keras 2.12 and 2.13 count a layer with weights twice: dense, dense_2, dense_4. */
    private static List<String> groupNames(String snake, int count, boolean checkpoint) {
        if (count == 0) {
            return List.of(snake);
        }
        return checkpoint ? List.of(snake + "_" + 2 * count, snake + "_" + (count + 1)) : List.of(snake + "_" + count);
    }

    private void readOptimizer(Optional<HdfReader> group, BiFunction<OptimizerStateReader, HdfReader, Optional<OptimizerState>> reading) {
        if (group.isEmpty()) {
            return;
        }
        if (architecture.training().isEmpty()) {
            warnings.accept(group.get().path() + ": the state of an optimizer the file does not describe is left out");
            return;
        }
        optimizer = reading.apply(new OptimizerStateReader(architecture.training().get(), layout, namesInFile, warnings), group.get());
    }

    private void readVariables(Architecture.FileLayer layer, HdfReader group, IntFunction<String> names) {
        if (layer.isNormalization()) {
            int inputs = architecture.network().inputs();
            float[] mean = group.floats(names.apply(0), inputs);
            float[] variance = group.floats(names.apply(1), inputs);
            double count = group.hasDataset(names.apply(2)) ? group.number(names.apply(2)) : 0;
            try {
                normalization = Optional.of(new Normalization(layer.name(), true, count, doubles(mean), doubles(variance)));
            } catch (IllegalArgumentException e) {
                throw new ModelFileException(group.path(), String.valueOf(e.getMessage()), e);
            }
            return;
        }
        int i = 0;
        for (ParameterLayout.Variable variable : variablesOf(layer.name())) {
            namesInFile.put(variable.name(), OptimizerStateReader.withoutIndex(names.apply(i)));
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

    // ---- Keras 1 to 3, .h5 ---------------------------------------------------------------------------------------------------

    private void readLayerGroups(HdfReader root) {
        List<String> names = root.texts("layer_names");
        if (names.isEmpty()) {
            throw new ModelFileException(root.path(), "neither layers (Keras 3) nor the attribute layer_names (.h5) is there");
        }
        List<HdfReader> groups = new ArrayList<>();
        for (String name : names) {
            HdfReader group = root.needGroup(name);
            if (group.texts("weight_names").stream().anyMatch(weight -> !weight.contains("seed_generator"))) {
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
            weightNames.stream().filter(name -> OptimizerStateReader.lastPart(name).equals(suffix)).findFirst().ifPresent(ordered::add);
        }
        return ordered.size() == weightNames.size() ? ordered : weightNames;
    }
}
