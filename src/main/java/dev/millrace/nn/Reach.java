package dev.millrace.nn;

import dev.millrace.nn.kernel.Elementwise;

/**
 * Proves before a step that no number it writes can be infinite or NaN, from upper bounds of the magnitudes of parameters and slots,
 * the learning rate and the norm of the gradient. The bounds grow with each step and are measured anew when they have grown too
 * far, which with ordinary numbers never happens. Room for rounding errors is a millionth of every bound, many times what a few
 * operations in float can lose.
 *
 * <p>
 * The formulas follow {@link dev.millrace.nn.kernel.Updates}; g is the gradient's norm, which no element of it exceeds:
 *
 * <pre>
 * SGD       |Δw| ≤ lr g;      momentum |v'| ≤ μ |v| + lr g, |Δw| ≤ |v'| + lr g
 * Adagrad   a' ≤ a + g²,      |Δw| ≤ lr g / √ε
 * Adam      |m'| ≤ max(|m|, g), v' ≤ max(v, g²), |Δw| ≤ lr m' / ((1 - β1) ε)
 * </pre>
 *
 * Other optimizers are not proved: the centered RMSprop, for one, can take the root of a negative number.
 */
final class Reach {
    /** Far below the largest float, and far above any useful weight. */
    private static final double LIMIT = 1e30;
    /** Squares of it are floats. */
    private static final double LARGEST_GRADIENT = 1e15;
    private static final double ROUNDING = 1.000001;

    private final Optimizer optimizer;
    private final boolean onlyUpdates;

    /** @param onlyUpdates whether a step is the optimizer's update and nothing else; otherwise nothing is proved */
    Reach(Optimizer optimizer, boolean onlyUpdates) {
        this.optimizer = optimizer;
        this.onlyUpdates = onlyUpdates;
    }

    /** Whether the next step stays finite for sure; if so, the state's bounds are those after the step. */
    boolean holds(TrainingState state, float lr, double gradientNorm) {
        if (!onlyUpdates || !(gradientNorm <= LARGEST_GRADIENT)) {
            return false;
        }
        double[] bounds = state.bounds();
        if (Double.isNaN(bounds[0])) {
            measure(state, bounds);
        }
        if (extend(bounds, Math.abs(lr), gradientNorm)) {
            return true;
        }
        measure(state, bounds);
        return extend(bounds, Math.abs(lr), gradientNorm);
    }

    /** Moves the bounds over one step; false, with the bounds unknown, if one leaves the limit. */
    private boolean extend(double[] bounds, double lr, double g) {
        double change = switch (optimizer) {
            case Optimizer.Sgd sgd when sgd.momentum() == 0 -> lr * g;
            case Optimizer.Sgd sgd -> {
                bounds[1] = ROUNDING * (sgd.momentum() * bounds[1] + lr * g);
                yield bounds[1] + lr * g;
            }
            case Optimizer.Adagrad adagrad -> {
                bounds[1] = ROUNDING * (bounds[1] + g * g);
                yield lr * g / Math.sqrt(adagrad.epsilon());
            }
            case Optimizer.Adam adam -> adam(bounds, lr, g, adam.beta1(), adam.epsilon());
            case Optimizer.AdamW adam -> adam(bounds, lr, g, adam.beta1(), adam.epsilon());
            case Optimizer.RmsProp _,Optimizer.Adadelta _,Optimizer.Adamax _,Optimizer.Nadam _,Optimizer.Ftrl _,Optimizer.Lion _ ->
                Double.POSITIVE_INFINITY;
        };
        bounds[0] = ROUNDING * (bounds[0] * (1 + optimizer.weightDecay() * lr) + change);
        boolean holds = true;
        for (double bound : bounds) {
            holds &= bound <= LIMIT;
        }
        if (!holds) {
            bounds[0] = Double.NaN;
        }
        return holds;
    }

    private static double adam(double[] bounds, double lr, double g, double beta1, double epsilon) {
        bounds[1] = ROUNDING * Math.max(bounds[1], g);
        for (int i = 2; i < bounds.length; i++) {
            bounds[i] = ROUNDING * Math.max(bounds[i], g * g);
        }
        return lr * bounds[1] / ((1 - beta1) * epsilon);
    }

    /** Of a slot that goes under a root and has a negative element, the bound is infinite. */
    private void measure(TrainingState state, double[] bounds) {
        bounds[0] = Elementwise.largestMagnitude(state.parameters());
        for (int i = 0; i < state.slotCount(); i++) {
            boolean root = !(optimizer instanceof Optimizer.Sgd) && (i > 0 || optimizer instanceof Optimizer.Adagrad);
            boolean legal = !root || Elementwise.smallest(state.slot(i)) >= 0;
            bounds[i + 1] = legal ? Elementwise.largestMagnitude(state.slot(i)) : Double.POSITIVE_INFINITY;
        }
    }
}
