package dev.millrace.nn;

import java.util.List;

/**
 * The rule that turns gradients into new weights; a closed family with the formulas and defaults of Keras 3
 * ({@code keras/src/optimizers}).
 */
public sealed interface Optimizer {
    LearningRate learningRate();

    Clipping clipping();

    /** Names of the values kept per weight between steps, in Keras's order; empty for plain SGD. */
    List<String> slots();

    /** {@code w -= lr g}; with momentum {@code v = μv - lr g, w += v}, with nesterov {@code w += μv - lr g}. */
    record Sgd(LearningRate learningRate, float momentum, boolean nesterov, Clipping clipping) implements Optimizer {
        public Sgd {
            if (!(momentum >= 0 && momentum <= 1)) {
                throw new IllegalArgumentException("momentum must be between 0 and 1, found " + momentum);
            }
        }

        @Override
        public List<String> slots() {
            return momentum == 0 ? List.of() : List.of("momentum");
        }
    }

    /** {@code a += g², w -= lr g / sqrt(a + ε)}. */
    record Adagrad(LearningRate learningRate, float initialAccumulatorValue, float epsilon, Clipping clipping) implements Optimizer {
        public Adagrad {
            requireNotNegative("initial_accumulator_value", initialAccumulatorValue);
            requireNotNegative("epsilon", epsilon);
        }

        @Override
        public List<String> slots() {
            return List.of("accumulator");
        }
    }

    /** {@code v = ρv + (1-ρ)g², w -= lr g / sqrt(v + ε)}; centered subtracts the squared mean gradient from v. */
    record RmsProp(LearningRate learningRate, float rho, float momentum, float epsilon, boolean centered,
            Clipping clipping) implements Optimizer {
        public RmsProp {
            requireFraction("rho", rho);
            requireNotNegative("momentum", momentum);
            requireNotNegative("epsilon", epsilon);
        }

        @Override
        public List<String> slots() {
            if (centered) {
                return momentum > 0 ? List.of("velocity", "momentum", "average_gradient") : List.of("velocity", "average_gradient");
            }
            return momentum > 0 ? List.of("velocity", "momentum") : List.of("velocity");
        }
    }

    /**
     * {@code α = lr sqrt(1-β2^t)/(1-β1^t), w -= α m / (sqrt(v) + ε)}: Kingma and Ba 2014 in the form of the end of its
     * section 2, where ε is not bias-corrected.
     */
    record Adam(LearningRate learningRate, float beta1, float beta2, float epsilon, boolean amsgrad,
            Clipping clipping) implements Optimizer {
        public Adam {
            requireFraction("beta_1", beta1);
            requireFraction("beta_2", beta2);
            requireNotNegative("epsilon", epsilon);
        }

        @Override
        public List<String> slots() {
            return amsgrad ? List.of("momentum", "velocity", "velocity_hat") : List.of("momentum", "velocity");
        }
    }

    private static void requireFraction(String name, float value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(name + " must be at least 0 and below 1, found " + value);
        }
    }

    private static void requireNotNegative(String name, float value) {
        if (!(value >= 0) || Float.isInfinite(value)) {
            throw new IllegalArgumentException(name + " must be finite and not negative, found " + value);
        }
    }
}
