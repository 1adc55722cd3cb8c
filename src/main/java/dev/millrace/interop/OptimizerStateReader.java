package dev.millrace.interop;

import dev.millrace.nn.Optimizer;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.nn.TrainingSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds what an optimizer has remembered. Keras 3 and the {@code .keras} files of tf.keras number its variables, see
 * {@link OptimizerVariables#order}; {@code .h5} files of tf.keras name them after the weights; Keras up to 2.3 has names that say
 * nothing, in the order of the slots. Scalars are told from arrays by their shape: whether the learning rate is among them, and
 * where Nadam's product stands, differs from version to version.
 */
final class OptimizerStateReader {
    private static final Pattern COUNTER = Pattern.compile("iter|iterations|iteration");
    /** Names of Keras 1 to 2.3 for slots, which follow each other slot by slot. */
    private static final Pattern OLD_SLOT = Pattern.compile("(Variable|param|m|v|u|vhat|moment|accumulator|delta_accumulator)(_\\d{1,9})?");

    private final TrainingSpec training;
    private final List<OptimizerVariables.Slot> order;
    private final List<ParameterLayout.Variable> variables;
    /** What the file calls a variable, without the number behind the colon. */
    private final Map<String, String> namesInFile;
    private final Consumer<String> warnings;

    OptimizerStateReader(TrainingSpec training, ParameterLayout layout, Map<String, String> namesInFile, Consumer<String> warnings) {
        this.training = training;
        this.order = OptimizerVariables.order(training.optimizer(), layout);
        this.variables = layout.variables().stream().filter(ParameterLayout.Variable::trainable).toList();
        this.namesInFile = namesInFile;
        this.warnings = warnings;
    }

    /** The state in a group of numbered variables; nothing if the optimizer has not made a step, or is another one. */
    Optional<OptimizerState> numbered(HdfReader group) {
        List<String> names = new ArrayList<>();
        for (int i = 0; group.hasDataset(Integer.toString(i)); i++) {
            names.add(Integer.toString(i));
        }
        return names.isEmpty() ? Optional.empty() : inOrder(group, names);
    }

    /** The state in a group whose attribute {@code weight_names} lists its variables. */
    Optional<OptimizerState> named(HdfReader group) {
        List<String> names = group.texts("weight_names");
        if (names.isEmpty()) {
            return Optional.empty();
        }
        if (lastPart(names.getFirst()).equals("iteration") && !names.getFirst().contains(":")) {
            return inOrder(group, names);
        }
        long iterations = names.stream().filter(name -> COUNTER.matcher(lastPart(name)).matches()).findFirst()
                .or(() -> Optional.of(names.getFirst()).filter(name -> isScalar(group, name)))
                .map(name -> iterations(group, name)).orElse(0L);
        List<String> arrays = names.stream().filter(name -> !isScalar(group, name)).toList();
        if (neverStepped(iterations, arrays)) {
            return Optional.empty();
        }
        Map<String, Map<String, float[]>> slots = emptySlots();
        int position = 0;
        for (String slot : training.optimizer().slots()) {
            for (ParameterLayout.Variable variable : variables) {
                String name = nameOf(arrays, variable, slot);
                if (name == null && position < arrays.size() && OLD_SLOT.matcher(lastPart(arrays.get(position))).matches()) {
                    name = arrays.get(position);
                }
                if (name == null) {
                    return leftOut(group, "no " + slot + " of " + variable.name() + " in the optimizer's state");
                }
                slots.getOrDefault(slot, new HashMap<>()).put(variable.name(), group.floats(name, WeightsReader.shape(variable)));
                position++;
            }
        }
        if (training.optimizer() instanceof Optimizer.Nadam && names.stream().noneMatch(name -> lastPart(name).equals("iteration"))) {
            warnings.accept(group.path() + ": Nadam of Keras up to 2.10 warmed its momentum up more slowly; steps from here are Keras 3's");
        }
        return Optional.of(new OptimizerState(iterations, slots));
    }

    private Optional<OptimizerState> inOrder(HdfReader group, List<String> names) {
        long iterations = iterations(group, names.getFirst());
        if (names.size() > 1 && OptimizerVariables.hasLearningRate(training) && isScalar(group, names.get(1))) {
            double rate = group.number(names.get(1));
            float configured = training.optimizer().learningRate().at(0);
            if ((float) rate != configured) {
                warnings.accept(group.path() + ": the learning rate among the weights is " + rate + ", the configuration's " + configured
                        + " is taken");
            }
        }
        List<String> arrays = names.stream().filter(name -> !isScalar(group, name)).toList();
        if (neverStepped(iterations, arrays)) {
            return Optional.empty();
        }
        if (arrays.size() != order.size()) {
            return leftOut(group, arrays.size() + " arrays, the optimizer " + OptimizerVariables.keras2Prefix(training.optimizer())
                    + " of this network has " + order.size());
        }
        Map<String, Map<String, float[]>> slots = emptySlots();
        IntStream.range(0, arrays.size()).forEach(i -> slots.getOrDefault(order.get(i).slot(), new HashMap<>())
                .put(order.get(i).variable().name(), group.floats(arrays.get(i), WeightsReader.shape(order.get(i).variable()))));
        return Optional.of(new OptimizerState(iterations, slots));
    }

    /** A model that was compiled and saved before its first step has no slots, or none yet. */
    private boolean neverStepped(long iterations, List<String> arrays) {
        return iterations == 0 && arrays.isEmpty() && !order.isEmpty();
    }

    /** As Keras does where a state is not the optimizer's: the weights are of use without it. */
    private Optional<OptimizerState> leftOut(HdfReader group, String why) {
        warnings.accept(group.path() + ": " + why + "; the state is left out");
        return Optional.empty();
    }

    private Map<String, Map<String, float[]>> emptySlots() {
        Map<String, Map<String, float[]>> slots = new LinkedHashMap<>();
        training.optimizer().slots().forEach(slot -> slots.put(slot, new LinkedHashMap<>()));
        return slots;
    }

    private static boolean isScalar(HdfReader group, String name) {
        return group.shape(name).length == 0;
    }

    private static long iterations(HdfReader group, String name) {
        double iterations = group.number(name);
        if (!(iterations >= 0 && iterations < 1L << 53 && iterations == Math.rint(iterations))) {
            throw new ModelFileException(group.path() + "/" + name, "the number of iterations is " + iterations);
        }
        return (long) iterations;
    }

    /** {@code Adam/m/dense/kernel:0} (2.11 to 2.15) or {@code Adam/dense/kernel/m:0} (before). */
    private @Nullable String nameOf(List<String> names, ParameterLayout.Variable variable, String slot) {
        String weight = namesInFile.getOrDefault(variable.name(), variable.name());
        for (String alias : OptimizerVariables.keras2Names(slot)) {
            for (String name : names) {
                String plain = withoutIndex(name);
                if (plain.endsWith("/" + alias + "/" + weight) || plain.endsWith("/" + weight + "/" + alias)
                        || plain.equals(alias + "/" + weight)) {
                    return name;
                }
            }
        }
        return null;
    }

    /** A variable's name in TensorFlow without the number of its tensor. */
    static String withoutIndex(String name) {
        return name.replaceFirst(":\\d{1,3}$", "");
    }

    static String lastPart(String name) {
        String plain = withoutIndex(name);
        return plain.substring(plain.lastIndexOf('/') + 1);
    }
}
