package dev.millrace.nn;

import dev.millrace.nn.kernel.Powers;
import java.util.List;
import java.util.Optional;

/**
 * The step size of an optimizer, a number or a schedule over the optimizer's iterations; a closed family with the definitions and
 * defaults of Keras 3 ({@code keras/src/optimizers/schedules}).
 */
public sealed interface LearningRate {
    /** The rate for the step that follows {@code iterations} finished steps. */
    float at(long iterations);

    /** The class name of the schedule in Keras, or an empty text for a number. */
    default String kerasName() {
        return switch (this) {
            case Constant _ -> "";
            case ExponentialDecay _ -> "ExponentialDecay";
            case InverseTimeDecay _ -> "InverseTimeDecay";
            case PiecewiseConstantDecay _ -> "PiecewiseConstantDecay";
            case PolynomialDecay _ -> "PolynomialDecay";
            case CosineDecay _ -> "CosineDecay";
            case CosineDecayRestarts _ -> "CosineDecayRestarts";
        };
    }

    /** The same rate for every step. */
    record Constant(float value) implements LearningRate {
        public Constant {
            requireRate("learning_rate", value);
        }

        @Override
        public float at(long iterations) {
            return value;
        }
    }

    /** {@code initial * rate^(t / steps)}; with a staircase the exponent is rounded down. */
    record ExponentialDecay(float initialLearningRate, long decaySteps, float decayRate, boolean staircase) implements LearningRate {
        public ExponentialDecay {
            requireRate("initial_learning_rate", initialLearningRate);
            requireSteps("decay_steps", decaySteps);
            requireRate("decay_rate", decayRate);
        }

        @Override
        public float at(long iterations) {
            return (float) (initialLearningRate * Powers.power(decayRate, periods(iterations, decaySteps, staircase)));
        }
    }

    /** {@code initial / (1 + rate * t / steps)}; with a staircase the quotient is rounded down. */
    record InverseTimeDecay(float initialLearningRate, long decaySteps, float decayRate, boolean staircase) implements LearningRate {
        public InverseTimeDecay {
            requireRate("initial_learning_rate", initialLearningRate);
            requireSteps("decay_steps", decaySteps);
            requireRate("decay_rate", decayRate);
        }

        @Override
        public float at(long iterations) {
            return (float) (initialLearningRate / (1 + decayRate * periods(iterations, decaySteps, staircase)));
        }
    }

    /** The first value up to and including the first boundary, the second up to the second, and the last one from then on. */
    record PiecewiseConstantDecay(List<Long> boundaries, List<Float> values) implements LearningRate {
        public PiecewiseConstantDecay {
            boundaries = List.copyOf(boundaries);
            values = List.copyOf(values);
            if (boundaries.size() != values.size() - 1) {
                throw new IllegalArgumentException(
                        "The length of boundaries should be 1 less than the length of values. Received: boundaries="
                                + boundaries + " of length " + boundaries.size() + ", and values=" + values + " of length " + values.size()
                                + ".");
            }
            for (int i = 1; i < boundaries.size(); i++) {
                if (boundaries.get(i) <= boundaries.get(i - 1)) {
                    throw new IllegalArgumentException("boundaries must ascend, found " + boundaries);
                }
            }
            for (float value : values) {
                requireRate("values", value);
            }
        }

        @Override
        public float at(long iterations) {
            int piece = 0;
            while (piece < boundaries.size() && iterations > boundaries.get(piece)) {
                piece++;
            }
            return values.get(piece);
        }
    }

    /**
     * {@code (initial - end) (1 - t / steps)^power + end} until {@code steps}, then {@code end}. With a cycle, steps is multiplied
     * so that it is never exceeded.
     */
    record PolynomialDecay(float initialLearningRate, long decaySteps, float endLearningRate, float power,
            boolean cycle) implements LearningRate {
        public PolynomialDecay {
            requireRate("initial_learning_rate", initialLearningRate);
            requireSteps("decay_steps", decaySteps);
            requireRate("end_learning_rate", endLearningRate);
            requireRate("power", power);
        }

        @Override
        public float at(long iterations) {
            double steps = decaySteps;
            double t = iterations;
            if (cycle) {
                steps *= t == 0 ? 1 : Math.ceil(t / decaySteps);
            } else {
                t = Math.min(t, steps);
            }
            double initial = initialLearningRate;
            return (float) ((initial - endLearningRate) * Powers.power(1 - t / steps, power) + endLearningRate);
        }
    }

    /**
     * {@code initial ((1 - alpha) (1 + cos(pi t / steps)) / 2 + alpha)} until {@code steps} (Loshchilov and Hutter 2016). With a
     * warm-up target the rate first rises linearly from initial to the target in {@code warmupSteps}, and decays from there.
     */
    record CosineDecay(float initialLearningRate, long decaySteps, float alpha, Optional<Float> warmupTarget,
            long warmupSteps) implements LearningRate {
        public CosineDecay {
            requireRate("initial_learning_rate", initialLearningRate);
            requireSteps("decay_steps", decaySteps);
            requireRate("alpha", alpha);
            requireRate("warmup_target", warmupTarget.orElse(0f));
            if (warmupSteps < 0) {
                throw new IllegalArgumentException("warmup_steps must not be negative, found " + warmupSteps);
            }
        }

        @Override
        public float at(long iterations) {
            if (warmupTarget.isEmpty()) {
                return (float) (initialLearningRate * decayed(iterations));
            }
            double target = warmupTarget.get();
            if (iterations < warmupSteps) {
                return (float) ((target - initialLearningRate) * ((double) iterations / warmupSteps) + initialLearningRate);
            }
            return (float) (target * decayed(iterations - warmupSteps));
        }

        private double decayed(long t) {
            return (1 - (double) alpha) * halfCosine((double) Math.min(t, decaySteps) / decaySteps) + alpha;
        }
    }

    /**
     * {@link CosineDecay} that starts anew after {@code firstDecaySteps}: each period is {@code tMul} times as long as the one
     * before and starts from {@code mMul} times its rate.
     *
     * @param tMul at least 1; Keras's default is 2
     * @param mMul not negative; Keras's default is 1
     */
    record CosineDecayRestarts(float initialLearningRate, long firstDecaySteps, float tMul, float mMul,
            float alpha) implements LearningRate {
        /** Periods that grow by as little as a thousandth have by then outgrown any stream. */
        private static final int MAX_RESTARTS = 100_000;

        public CosineDecayRestarts {
            requireRate("initial_learning_rate", initialLearningRate);
            requireSteps("first_decay_steps", firstDecaySteps);
            requireRate("m_mul", mMul);
            requireRate("alpha", alpha);
            if (!(tMul >= 1) || Float.isInfinite(tMul)) {
                throw new IllegalArgumentException("t_mul must be at least 1, found " + tMul);
            }
        }

        @Override
        public float at(long iterations) {
            double t = (double) iterations / firstDecaySteps; // in first periods
            long restarts;
            double fraction;
            if (tMul == 1) {
                restarts = (long) t;
                fraction = t - restarts;
            } else {
                // By adding up periods, not by the logarithm: that is a whole period off when it rounds the wrong way.
                restarts = 0;
                double length = 1;
                while (t >= length && restarts < MAX_RESTARTS) {
                    t -= length;
                    length *= tMul;
                    restarts++;
                }
                fraction = Math.min(t / length, 1);
            }
            double decayed = (1 - (double) alpha) * Powers.power(mMul, restarts) * halfCosine(fraction) + alpha;
            return (float) (initialLearningRate * decayed);
        }
    }

    private static double periods(long iterations, long steps, boolean staircase) {
        long whole = iterations / steps;
        return staircase ? whole : (double) iterations / steps;
    }

    /**
     * {@code (1 + cos(pi x)) / 2} for x from 0 to 1, by its half-angle formulas: they never leave the range up to pi/4, where the
     * power series of cosine and sine are exact after nine terms. {@code StrictMath.cos} would allocate at every call.
     */
    private static double halfCosine(double x) {
        boolean sine = x > 0.5;
        double angle = Math.PI / 2 * (sine ? 1 - x : x);
        double square = angle * angle;
        double series = 1;
        for (int k = sine ? 17 : 16; k >= 2; k -= 2) {
            series = 1 - series * square / (k * (k - 1));
        }
        double root = sine ? angle * series : series;
        return root * root;
    }

    private static void requireRate(String name, float value) {
        if (!(value >= 0) || Float.isInfinite(value)) {
            throw new IllegalArgumentException(name + " must be finite and not negative, found " + value);
        }
    }

    private static void requireSteps(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException("Argument `" + name + "` must be > 0. Received: " + name + "=" + value);
        }
    }
}
