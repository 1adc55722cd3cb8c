package dev.millrace.nn;

/** The step size of an optimizer, a number or a schedule over the optimizer's iterations. */
public sealed interface LearningRate {
    /** The rate for the step that follows {@code iterations} finished steps. */
    float at(long iterations);

    /** The same rate for every step. */
    record Constant(float value) implements LearningRate {
        public Constant {
            if (!(value >= 0) || Float.isInfinite(value)) {
                throw new IllegalArgumentException("learning_rate must be finite and not negative, found " + value);
            }
        }

        @Override
        public float at(long iterations) {
            return value;
        }
    }
}
