package dev.millrace.learn;

import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The complete changing state of a learner as named sections of numbers, little-endian. Writing all sections and reading them
 * into a fresh learner of the same specification gives a learner that goes on bit for bit.
 *
 * <p>
 * In this order: {@code counters}, {@code scaler}, {@code outliers}, {@code step_guard}, {@code evaluation}, {@code steering}, {@code pending/features},
 * {@code pending/targets}, {@code pending/weights} if the records have weights, {@code parameters}, and {@code slot/<name>} for each slot of the optimizer.
 */
public final class LearnerState {
    private static final String STEERING = "steering";
    /** Sections that snapshots of earlier versions lack; without them a learner has them as at the start. */
    public static final Set<String> LATER = Set.of(STEERING, "outliers", "step_guard");

    /** One stretch of state of fixed length. The arrays behind it are live: bytes are those of the moment of the call. */
    public interface Section {
        String name();

        /** A multiple of 8. */
        int byteLength();

        /** Whether only an optimizer step changes it (weights and slots), or every labelled example. */
        boolean changesByStepOnly();

        /**
         * Copies state bytes {@code [from, from + length)} to {@code into} at {@code at}; all multiples of 8 but {@code at}.
         *
         * @throws IndexOutOfBoundsException if a range is not inside of the section or the array
         * @throws IllegalArgumentException if the range is not aligned
         */
        void write(int from, int length, byte[] into, int at);

        /**
         * Sets state bytes {@code [from, from + length)} from {@code bytes} at {@code at}; all multiples of 8 but {@code at}.
         *
         * @throws IndexOutOfBoundsException if a range is not inside of the section or the array
         * @throws IllegalArgumentException if the range is not aligned, or a counter can never occur; the learner's state is then
         *             undefined until a reset
         */
        void read(int from, int length, byte[] bytes, int at);
    }

    private final TrainingState training;
    private final List<Section> sections;

    LearnerState(Counters counters, Scaler scaler, StepGuard guard, Evaluation evaluation, Steering steering, Runnable steered,
            PendingBatch pending,
            TrainingState training,
            Optimizer optimizer) {
        this.training = training;
        List<Section> all = new ArrayList<>();
        all.add(StateSection.ofLongs("counters", counters.state(), () -> {
            counters.check(pending.capacity());
            training.setIterations(counters.version());
        }));
        all.add(StateSection.ofDoubles("scaler", scaler.state(), scaler::changed));
        all.add(StateSection.ofDoubles("outliers", scaler.doubt(), () -> {
        }));
        all.add(StateSection.ofDoubles("step_guard", guard.state(), guard::check));
        all.add(StateSection.ofDoubles("evaluation", evaluation.state(), () -> {
        }));
        all.add(StateSection.ofLongs(STEERING, steering.state(), () -> {
            steering.check();
            steered.run();
        }));
        all.add(StateSection.ofFloats("pending/features", false, pending::features));
        all.add(StateSection.ofFloats("pending/targets", false, pending::targets));
        float[] weights = pending.weights();
        if (weights != null) {
            all.add(StateSection.ofFloats("pending/weights", false, () -> weights));
        }
        // A step exchanges the arrays of the training state, so they are asked for at each call.
        all.add(StateSection.ofFloats("parameters", true, training::parameters));
        for (int i = 0; i < training.slotCount(); i++) {
            int slot = i;
            all.add(StateSection.ofFloats("slot/" + optimizer.slots().get(i), true, () -> training.slot(slot)));
        }
        sections = List.copyOf(all);
    }

    public List<Section> sections() {
        return sections;
    }

    /** Weights, optimizer slots and iterations. */
    public TrainingState training() {
        return training;
    }
}
