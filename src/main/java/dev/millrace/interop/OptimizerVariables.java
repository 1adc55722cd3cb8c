package dev.millrace.interop;

import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.nn.TrainingSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The order in which Keras keeps an optimizer's variables: iteration, learning rate (unless a schedule computes it), then the
 * slots. Slots that an optimizer makes together alternate variable by variable, those it makes one after the other follow each
 * other (Keras 3.9 {@code optimizers/*.py}, {@code build}).
 */
final class OptimizerVariables {
    /** Keras 2's names of slots, new and old. */
    private static final Map<String, List<String>> KERAS_2_NAMES = Map.of("momentum", List.of("m", "momentum"), "velocity",
            List.of("v", "velocity", "rms"), "velocity_hat", List.of("v_hat", "vhat", "velocity_hat"), "average_gradient",
            List.of("average_gradient", "mg"), "accumulated_grad", List.of("accumulated_grad", "accum_grad"), "accumulated_delta_var",
            List.of("accumulated_delta_var", "accum_var"), "norm", List.of("u", "v", "norm"));

    /** One array of the optimizer. */
    record Slot(String slot, ParameterLayout.Variable variable) {
    }

    private OptimizerVariables() {
    }

    /** All slots in Keras's order. */
    static List<Slot> order(Optimizer optimizer, ParameterLayout layout) {
        List<Slot> order = new ArrayList<>();
        for (List<String> together : groups(optimizer)) {
            for (ParameterLayout.Variable variable : layout.variables().stream().filter(ParameterLayout.Variable::trainable).toList()) {
                together.forEach(slot -> order.add(new Slot(slot, variable)));
            }
        }
        return order;
    }

    private static List<List<String>> groups(Optimizer optimizer) {
        List<String> slots = optimizer.slots();
        if (optimizer instanceof Optimizer.RmsProp) {
            return slots.stream().map(List::of).toList();
        }
        List<String> together = slots.stream().filter(slot -> !slot.equals("velocity_hat")).toList();
        return together.size() == slots.size() ? List.of(together) : List.of(together, List.of("velocity_hat"));
    }

    static boolean hasLearningRate(TrainingSpec training) {
        return training.optimizer().learningRate() instanceof LearningRate.Constant;
    }

    /** Nadam keeps the product of its momenta, which follows from the iterations. */
    static Optional<Float> product(Optimizer optimizer, long iterations) {
        if (!(optimizer instanceof Optimizer.Nadam nadam)) {
            return Optional.empty();
        }
        double product = 1;
        for (long t = 1; t <= iterations && product > Float.MIN_VALUE; t++) {
            product *= nadam.beta1() * (1 - 0.5 * Math.pow(0.96, (double) t));
        }
        return Optional.of((float) product);
    }

    /** Whether the optimizers of Keras up to 2.10 have one that computes the same, but for where ε stands. */
    static boolean isOfKeras210(Optimizer optimizer) {
        return !(optimizer instanceof Optimizer.AdamW || optimizer instanceof Optimizer.Lion || optimizer instanceof Optimizer.Nadam)
                && optimizer.weightDecay() == 0;
    }

    /** All slots in the order of Keras up to 2.10, slot by slot, each with its name there. */
    static Map<String, Slot> keras210(Optimizer optimizer, ParameterLayout layout) {
        Map<String, Slot> names = new LinkedHashMap<>();
        for (String slot : optimizer.slots()) {
            String name = switch (slot) {
                case "momentum" -> optimizer instanceof Optimizer.Sgd || optimizer instanceof Optimizer.RmsProp ? "momentum" : "m";
                case "velocity" -> optimizer instanceof Optimizer.RmsProp ? "rms" : "v";
                case "velocity_hat" -> "vhat";
                case "norm" -> "v";
                case "average_gradient" -> "mg";
                case "accumulated_grad" -> "accum_grad";
                case "accumulated_delta_var" -> "accum_var";
                case String other -> other;
            };
            layout.variables().stream().filter(ParameterLayout.Variable::trainable).forEach(variable -> names
                    .put(keras2Prefix(optimizer) + "/" + variable.name() + "/" + name + ":0", new Slot(slot, variable)));
        }
        return names;
    }

    /** How Keras 2 may call a slot, the name of 2.11 to 2.15 first. */
    static List<String> keras2Names(String slot) {
        return KERAS_2_NAMES.getOrDefault(slot, List.of(slot));
    }

    /** The prefix of Keras 2's variables, for example {@code Adam}. */
    static String keras2Prefix(Optimizer optimizer) {
        return switch (optimizer) {
            case Optimizer.Sgd _ -> "SGD";
            case Optimizer.RmsProp _ -> "RMSprop";
            case Optimizer.Adagrad _ -> "Adagrad";
            case Optimizer.Adam _ -> "Adam";
            case Optimizer.AdamW _ -> "AdamW";
            case Optimizer.Adadelta _ -> "Adadelta";
            case Optimizer.Adamax _ -> "Adamax";
            case Optimizer.Nadam _ -> "Nadam";
            case Optimizer.Ftrl _ -> "Ftrl";
            case Optimizer.Lion _ -> "Lion";
        };
    }

    /** The name Keras 3 gives the group, for example {@code adam}. */
    static String keras3Name(Optimizer optimizer) {
        String prefix = keras2Prefix(optimizer);
        return prefix.equals("SGD") ? prefix : prefix.toLowerCase(Locale.ROOT);
    }
}
