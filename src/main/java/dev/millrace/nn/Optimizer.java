package dev.millrace.nn;

import java.util.List;

/**
 * The rule that turns gradients into new weights; a closed family with the formulas and defaults of Keras 3
 * ({@code keras/src/optimizers}).
 */
public sealed interface Optimizer {
    LearningRate learningRate();

    Clipping clipping();

    /**
     * Decay of all trained weights beside the gradient, {@code w -= w * weight_decay * learning_rate} before the update; 0 for none.
     */
    float weightDecay();

    /** Names of the values kept per weight between steps, in Keras's order; empty for plain SGD. */
    List<String> slots();

    /** {@code w -= lr g}; with momentum {@code v = μv - lr g, w += v}, with nesterov {@code w += μv - lr g}. */
    record Sgd(LearningRate learningRate, float momentum, boolean nesterov, Clipping clipping, float weightDecay) implements Optimizer {
        public Sgd(LearningRate learningRate, float momentum, boolean nesterov, Clipping clipping) {
            this(learningRate, momentum, nesterov, clipping, 0);
        }

        public Sgd {
            requireNotNegative("weight_decay", weightDecay);
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
    record Adagrad(LearningRate learningRate, float initialAccumulatorValue, float epsilon, Clipping clipping,
            float weightDecay) implements Optimizer {
        public Adagrad(LearningRate learningRate, float initialAccumulatorValue, float epsilon, Clipping clipping) {
            this(learningRate, initialAccumulatorValue, epsilon, clipping, 0);
        }

        public Adagrad {
            requireNotNegative("weight_decay", weightDecay);
            requireNotNegative("initial_accumulator_value", initialAccumulatorValue);
            requireNotNegative("epsilon", epsilon);
        }

        @Override
        public List<String> slots() {
            return List.of("accumulator");
        }
    }

    /** {@code v = ρv + (1-ρ)g², w -= lr g / sqrt(v + ε)}; centered subtracts the squared mean gradient from v. */
    record RmsProp(LearningRate learningRate, float rho, float momentum, float epsilon, boolean centered, Clipping clipping,
            float weightDecay) implements Optimizer {
        public RmsProp(LearningRate learningRate, float rho, float momentum, float epsilon, boolean centered, Clipping clipping) {
            this(learningRate, rho, momentum, epsilon, centered, clipping, 0);
        }

        public RmsProp {
            requireNotNegative("weight_decay", weightDecay);
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
    record Adam(LearningRate learningRate, float beta1, float beta2, float epsilon, boolean amsgrad, Clipping clipping,
            float weightDecay) implements Optimizer {
        public Adam(LearningRate learningRate, float beta1, float beta2, float epsilon, boolean amsgrad, Clipping clipping) {
            this(learningRate, beta1, beta2, epsilon, amsgrad, clipping, 0);
        }

        public Adam {
            requireNotNegative("weight_decay", weightDecay);
            requireFraction("beta_1", beta1);
            requireFraction("beta_2", beta2);
            requireNotNegative("epsilon", epsilon);
        }

        @Override
        public List<String> slots() {
            return amsgrad ? List.of("momentum", "velocity", "velocity_hat") : List.of("momentum", "velocity");
        }
    }

    /** {@link Adam} with decoupled weight decay, the optimizer Keras calls AdamW (Loshchilov and Hutter 2017). */
    record AdamW(LearningRate learningRate, float beta1, float beta2, float epsilon, boolean amsgrad, Clipping clipping,
            float weightDecay) implements Optimizer {
        public AdamW {
            requireFraction("beta_1", beta1);
            requireFraction("beta_2", beta2);
            requireNotNegative("epsilon", epsilon);
            requireNotNegative("weight_decay", weightDecay);
        }

        @Override
        public List<String> slots() {
            return amsgrad ? List.of("momentum", "velocity", "velocity_hat") : List.of("momentum", "velocity");
        }
    }

    /** {@code a = ρa + (1-ρ)g², δ = -g sqrt(d + ε)/sqrt(a + ε), d = ρd + (1-ρ)δ², w += lr δ}. */
    record Adadelta(LearningRate learningRate, float rho, float epsilon, Clipping clipping, float weightDecay) implements Optimizer {
        public Adadelta {
            requireFraction("rho", rho);
            requireNotNegative("epsilon", epsilon);
            requireNotNegative("weight_decay", weightDecay);
        }

        @Override
        public List<String> slots() {
            return List.of("accumulated_grad", "accumulated_delta_var");
        }
    }

    /** {@code u = max(β2 u, |g|), w -= lr m / ((1-β1^t) (u + ε))}. */
    record Adamax(LearningRate learningRate, float beta1, float beta2, float epsilon, Clipping clipping,
            float weightDecay) implements Optimizer {
        public Adamax {
            requireFraction("beta_1", beta1);
            requireFraction("beta_2", beta2);
            requireNotNegative("epsilon", epsilon);
            requireNotNegative("weight_decay", weightDecay);
        }

        @Override
        public List<String> slots() {
            return List.of("momentum", "norm");
        }
    }

    /**
     * Adam with Nesterov's momentum, {@code u_t = β1 (1 - 0.96^t / 2)}. Keras keeps the product of all u_t in a variable; here it
     * follows from the number of iterations ({@link #uProduct}), so that there is nothing more to store.
     */
    record Nadam(LearningRate learningRate, float beta1, float beta2, float epsilon, Clipping clipping,
            float weightDecay) implements Optimizer {
        public Nadam {
            requireFraction("beta_1", beta1);
            requireFraction("beta_2", beta2);
            requireNotNegative("epsilon", epsilon);
            requireNotNegative("weight_decay", weightDecay);
        }

        @Override
        public List<String> slots() {
            return List.of("momentum", "velocity");
        }

        /** {@code u_1 u_2 … u_t}, what Keras's {@code u_product} holds after so many iterations. */
        public double uProduct(long iterations) {
            return new NadamSchedule(beta1).product(iterations);
        }
    }

    /** Follow the regularized leader (McMahan et al. 2013); a learning rate of 0 changes nothing. */
    record Ftrl(LearningRate learningRate, float learningRatePower, float initialAccumulatorValue, float l1RegularizationStrength,
            float l2RegularizationStrength, float l2ShrinkageRegularizationStrength, float beta, Clipping clipping,
            float weightDecay) implements Optimizer {
        public Ftrl {
            if (!(learningRatePower <= 0) || Float.isInfinite(learningRatePower)) {
                throw new IllegalArgumentException(
                        "`learning_rate_power` needs to be negative or zero. Received: learning_rate_power=" + learningRatePower + ".");
            }
            requireNotNegative("initial_accumulator_value", initialAccumulatorValue);
            requireNotNegative("l1_regularization_strength", l1RegularizationStrength);
            requireNotNegative("l2_regularization_strength", l2RegularizationStrength);
            requireNotNegative("l2_shrinkage_regularization_strength", l2ShrinkageRegularizationStrength);
            requireNotNegative("beta", beta);
            requireNotNegative("weight_decay", weightDecay);
        }

        @Override
        public List<String> slots() {
            return List.of("accumulator", "linear");
        }
    }

    /** {@code w -= lr sign(β1 m + (1-β1) g), m = β2 m + (1-β2) g}. */
    record Lion(LearningRate learningRate, float beta1, float beta2, Clipping clipping, float weightDecay) implements Optimizer {
        public Lion {
            if (!(beta1 > 0 && beta1 <= 1)) {
                throw new IllegalArgumentException("Argument `beta_1` must be in the [0, 1] range. Otherwise, the optimizer "
                        + "degenerates to SignSGD. Received: beta_1=" + beta1 + ".");
            }
            requireFraction("beta_2", beta2);
            requireNotNegative("weight_decay", weightDecay);
        }

        @Override
        public List<String> slots() {
            return List.of("momentum");
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
