package dev.millrace.nn;

import dev.millrace.nn.kernel.Powers;
import dev.millrace.nn.kernel.Updates;

/** Applies one {@link Optimizer} to a state: from the current numbers and a gradient to the next numbers. */
final class OptimizerUpdate {
    private final Optimizer optimizer;
    private final Network network;
    private final ParameterLayout layout;
    /** With ε = 0 the untouched padding gives 0/0; it has to be cleared before anybody looks at it. */
    private final boolean clearsPadding;
    // Decay rates as the user wrote them: 1 - 0.999f is 5e-5 away from 0.001.
    private final double beta1;
    private final double beta2;
    private final NadamSchedule nadamSchedule;
    private final float[] decayed; // the parameters after their decay; empty without

    OptimizerUpdate(Optimizer optimizer, Network network) {
        this.optimizer = optimizer;
        this.network = network;
        this.layout = network.layout();
        clearsPadding = switch (optimizer) {
            case Optimizer.Sgd _,Optimizer.Lion _ -> false;
            case Optimizer.Adagrad o -> o.epsilon() == 0;
            case Optimizer.RmsProp o -> o.epsilon() == 0;
            case Optimizer.Adam o -> o.epsilon() == 0;
            case Optimizer.AdamW o -> o.epsilon() == 0;
            case Optimizer.Adadelta o -> o.epsilon() == 0;
            case Optimizer.Adamax o -> o.epsilon() == 0;
            case Optimizer.Nadam o -> o.epsilon() == 0;
            case Optimizer.Ftrl _ -> true;
        };
        beta1 = decimal(switch (optimizer) {
            case Optimizer.Sgd _,Optimizer.Adagrad _,Optimizer.Ftrl _ -> 0;
            case Optimizer.RmsProp o -> o.rho();
            case Optimizer.Adam o -> o.beta1();
            case Optimizer.AdamW o -> o.beta1();
            case Optimizer.Adadelta o -> o.rho();
            case Optimizer.Adamax o -> o.beta1();
            case Optimizer.Nadam o -> o.beta1();
            case Optimizer.Lion o -> o.beta1();
        });
        beta2 = decimal(switch (optimizer) {
            case Optimizer.Sgd _,Optimizer.Adagrad _,Optimizer.RmsProp _,Optimizer.Adadelta _,Optimizer.Ftrl _ -> 0;
            case Optimizer.Adam o -> o.beta2();
            case Optimizer.AdamW o -> o.beta2();
            case Optimizer.Adamax o -> o.beta2();
            case Optimizer.Nadam o -> o.beta2();
            case Optimizer.Lion o -> o.beta2();
        });
        nadamSchedule = new NadamSchedule(beta1);
        decayed = new float[optimizer.weightDecay() == 0 ? 0 : layout.length()];
    }

    private static double decimal(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    /** Sets the slots to the values they have before the first step. */
    void initializeSlots(TrainingState state) {
        if (optimizer instanceof Optimizer.Adagrad adagrad) {
            layout.fill(state.slot(0), adagrad.initialAccumulatorValue());
        } else if (optimizer instanceof Optimizer.Ftrl ftrl) {
            layout.fill(state.slot(0), ftrl.initialAccumulatorValue());
        }
        for (int i = 0; i < state.slotCount(); i++) {
            layout.clearUntrained(state.slot(i));
        }
    }

    /**
     * Computes the next parameters and slots. What is not trained becomes anything in the next parameters, and is 0 in the next
     * slots.
     *
     * @param state its current numbers are read, its next ones written
     * @param lr of this step
     * @param g gradient; read
     */
    void apply(TrainingState state, float lr, float[] g) {
        float[] w = state.parameters();
        float[] newW = state.nextParameters();
        if (optimizer.weightDecay() != 0) {
            Updates.decay(lr, optimizer.weightDecay(), w, decayed);
            w = decayed;
        }
        switch (optimizer) {
            case Optimizer.Sgd sgd -> sgd(sgd, lr, g, w, newW, state);
            case Optimizer.Adagrad adagrad ->
                network.kernels().adagrad(lr, adagrad.epsilon(), g, w, state.slot(0), newW, state.nextSlot(0));
            case Optimizer.RmsProp rmsProp -> rmsProp(rmsProp, lr, g, w, newW, state);
            case Optimizer.Adam adam -> adam(adam.amsgrad(), adam.epsilon(), lr, g, w, newW, state);
            case Optimizer.AdamW adam -> adam(adam.amsgrad(), adam.epsilon(), lr, g, w, newW, state);
            case Optimizer.Adadelta adadelta -> Updates.adadelta(lr, adadelta.rho(), (float) (1 - beta1), adadelta.epsilon(), g, w,
                    state.slot(0), state.slot(1), newW, state.nextSlot(0), state.nextSlot(1));
            case Optimizer.Adamax adamax -> {
                float alpha = (float) (lr / (1 - Powers.power(beta1, state.iterations() + 1)));
                Updates.adamax(alpha, (float) (1 - beta1), adamax.beta2(), adamax.epsilon(), g, w, state.slot(0), state.slot(1), newW,
                        state.nextSlot(0), state.nextSlot(1));
            }
            case Optimizer.Nadam nadam -> nadam(nadam, lr, g, w, newW, state);
            case Optimizer.Ftrl ftrl -> ftrl(ftrl, lr, g, w, newW, state);
            case Optimizer.Lion lion -> Updates.lion(lr, lion.beta1(), (float) (1 - beta1), lion.beta2(), (float) (1 - beta2), g, w,
                    state.slot(0), newW, state.nextSlot(0));
        }
        if (clearsPadding) {
            layout.clearPadding(newW);
        }
        for (int i = 0; i < state.slotCount(); i++) {
            if (clearsPadding) {
                layout.clearPadding(state.nextSlot(i));
            }
            layout.clearUntrained(state.nextSlot(i));
        }
    }

    private void sgd(Optimizer.Sgd sgd, float lr, float[] g, float[] w, float[] newW, TrainingState state) {
        if (sgd.momentum() == 0) {
            network.kernels().sgd(lr, g, w, newW);
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

    private void adam(boolean amsgrad, float epsilon, float lr, float[] g, float[] w, float[] newW, TrainingState state) {
        long t = state.iterations() + 1;
        float alpha = (float) (lr * Math.sqrt(1 - Powers.power(beta2, t)) / (1 - Powers.power(beta1, t)));
        float oneMinusBeta1 = (float) (1 - beta1);
        float oneMinusBeta2 = (float) (1 - beta2);
        if (amsgrad) {
            Updates.amsgrad(alpha, oneMinusBeta1, oneMinusBeta2, epsilon, g, w, state.slot(0), state.slot(1), state.slot(2), newW,
                    state.nextSlot(0), state.nextSlot(1), state.nextSlot(2));
        } else {
            network.kernels().adam(alpha, oneMinusBeta1, oneMinusBeta2, epsilon, g, w, state.slot(0), state.slot(1), newW,
                    state.nextSlot(0),
                    state.nextSlot(1));
        }
    }

    private void nadam(Optimizer.Nadam nadam, float lr, float[] g, float[] w, float[] newW, TrainingState state) {
        long t = state.iterations() + 1;
        double u = nadamSchedule.u(t);
        double next = nadamSchedule.u(t + 1);
        double product = nadamSchedule.product(t);
        float p = (float) (next / (1 - product * next));
        float q = (float) ((1 - u) / (1 - product));
        float c = (float) (1 / (1 - Powers.power(beta2, t)));
        Updates.nadam(lr, p, q, c, (float) (1 - beta1), (float) (1 - beta2), nadam.epsilon(), g, w, state.slot(0), state.slot(1), newW,
                state.nextSlot(0), state.nextSlot(1));
    }

    private static void ftrl(Optimizer.Ftrl ftrl, float lr, float[] g, float[] w, float[] newW, TrainingState state) {
        if (lr == 0) { // Keras divides by it; a schedule that ends at 0 would refuse every step from then on
            System.arraycopy(w, 0, newW, 0, w.length);
            System.arraycopy(state.slot(0), 0, state.nextSlot(0), 0, w.length);
            System.arraycopy(state.slot(1), 0, state.nextSlot(1), 0, w.length);
            return;
        }
        float l2 = ftrl.l2RegularizationStrength() + ftrl.beta() / (2 * lr);
        Updates.ftrl(lr, -(double) ftrl.learningRatePower(), ftrl.l1RegularizationStrength(), l2,
                ftrl.l2ShrinkageRegularizationStrength(), g, w, state.slot(0), state.slot(1), newW, state.nextSlot(0), state.nextSlot(1));
    }
}
