package dev.millrace.nn;

import dev.millrace.nn.kernel.Updates;

/** Applies one {@link Optimizer} to a state: from the current numbers and a gradient to the next numbers. */
final class OptimizerUpdate {
    private final Optimizer optimizer;
    private final ParameterLayout layout;
    /** With ε = 0 the untouched padding gives 0/0; it has to be cleared before anybody looks at it. */
    private final boolean clearsPadding;
    // Decay rates as the user wrote them: 1 - 0.999f is 5e-5 away from 0.001.
    private final double beta1;
    private final double beta2;

    OptimizerUpdate(Optimizer optimizer, ParameterLayout layout) {
        this.optimizer = optimizer;
        this.layout = layout;
        switch (optimizer) {
            case Optimizer.Sgd _ -> {
                clearsPadding = false;
                beta1 = 0;
                beta2 = 0;
            }
            case Optimizer.Adagrad adagrad -> {
                clearsPadding = adagrad.epsilon() == 0;
                beta1 = 0;
                beta2 = 0;
            }
            case Optimizer.RmsProp rmsProp -> {
                clearsPadding = rmsProp.epsilon() == 0;
                beta1 = decimal(rmsProp.rho());
                beta2 = 0;
            }
            case Optimizer.Adam adam -> {
                clearsPadding = adam.epsilon() == 0;
                beta1 = decimal(adam.beta1());
                beta2 = decimal(adam.beta2());
            }
        }
    }

    private static double decimal(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    /** Sets the slots to the values they have before the first step. */
    void initializeSlots(TrainingState state) {
        if (optimizer instanceof Optimizer.Adagrad adagrad) {
            layout.fill(state.slot(0), adagrad.initialAccumulatorValue());
        }
    }

    /**
     * Computes the next parameters and slots.
     *
     * @param state its current numbers are read, its next ones written
     * @param g gradient; read
     */
    void apply(TrainingState state, float[] g) {
        float lr = optimizer.learningRate().at(state.iterations());
        float[] w = state.parameters();
        float[] newW = state.nextParameters();
        switch (optimizer) {
            case Optimizer.Sgd sgd -> sgd(sgd, lr, g, w, newW, state);
            case Optimizer.Adagrad adagrad -> Updates.adagrad(lr, adagrad.epsilon(), g, w, state.slot(0), newW, state.nextSlot(0));
            case Optimizer.RmsProp rmsProp -> rmsProp(rmsProp, lr, g, w, newW, state);
            case Optimizer.Adam adam -> adam(adam, lr, g, w, newW, state);
        }
        if (clearsPadding) {
            layout.clearPadding(newW);
            for (int i = 0; i < state.slotCount(); i++) {
                layout.clearPadding(state.nextSlot(i));
            }
        }
    }

    private static void sgd(Optimizer.Sgd sgd, float lr, float[] g, float[] w, float[] newW, TrainingState state) {
        if (sgd.momentum() == 0) {
            Updates.sgd(lr, g, w, newW);
        } else if (sgd.nesterov()) {
            Updates.nesterov(lr, sgd.momentum(), g, w, state.slot(0), newW, state.nextSlot(0));
        } else {
            Updates.momentum(lr, sgd.momentum(), g, w, state.slot(0), newW, state.nextSlot(0));
        }
    }

    private void rmsProp(Optimizer.RmsProp rmsProp, float lr, float[] g, float[] w, float[] newW, TrainingState state) {
        float oneMinusRho = (float) (1 - beta1);
        if (rmsProp.centered()) {
            int mean = state.slotCount() - 1;
            Updates.centeredRmsProp(lr, rmsProp.rho(), oneMinusRho, rmsProp.epsilon(), g, state.slot(0), state.slot(mean), newW,
                    state.nextSlot(0), state.nextSlot(mean));
        } else {
            Updates.rmsProp(lr, rmsProp.rho(), oneMinusRho, rmsProp.epsilon(), g, state.slot(0), newW, state.nextSlot(0));
        }
        if (rmsProp.momentum() > 0) {
            Updates.descendWithMomentum(rmsProp.momentum(), w, state.slot(1), newW, state.nextSlot(1));
        } else {
            Updates.descend(w, newW);
        }
    }

    private void adam(Optimizer.Adam adam, float lr, float[] g, float[] w, float[] newW, TrainingState state) {
        long t = state.iterations() + 1;
        float alpha = (float) (lr * Math.sqrt(1 - power(beta2, t)) / (1 - power(beta1, t)));
        float oneMinusBeta1 = (float) (1 - beta1);
        float oneMinusBeta2 = (float) (1 - beta2);
        if (adam.amsgrad()) {
            Updates.amsgrad(alpha, oneMinusBeta1, oneMinusBeta2, adam.epsilon(), g, w, state.slot(0), state.slot(1), state.slot(2), newW,
                    state.nextSlot(0), state.nextSlot(1), state.nextSlot(2));
        } else {
            Updates.adam(alpha, oneMinusBeta1, oneMinusBeta2, adam.epsilon(), g, w, state.slot(0), state.slot(1), newW, state.nextSlot(0),
                    state.nextSlot(1));
        }
    }

    /** {@code base^exponent} by repeated squaring; {@code StrictMath.pow} allocates its tables at every call. */
    private static double power(double base, long exponent) {
        double result = 1;
        double square = base;
        for (long rest = exponent; rest > 0; rest >>= 1) {
            if ((rest & 1) == 1) {
                result *= square;
            }
            square *= square;
        }
        return result;
    }
}
