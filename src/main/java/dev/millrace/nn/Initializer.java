package dev.millrace.nn;

/**
 * How a variable gets its first values; a closed family with the definitions of Keras 3
 * ({@code keras/src/initializers/random_initializers.py}, {@code constant_initializers.py}). Random bits differ from Keras,
 * distributions do not. The same seed gives the same values on every machine.
 */
public sealed interface Initializer {
    /** Every value is {@code value}; Keras's {@code zeros} and {@code ones} are constants 0 and 1. */
    record Constant(float value) implements Initializer {
    }

    /** Normal distribution, not cut. Keras defaults: mean 0, stddev 0.05. */
    record RandomNormal(float mean, float stddev) implements Initializer {
        public RandomNormal {
            requireScale("stddev", stddev);
        }
    }

    /** Uniform on {@code [minval, maxval)}. Keras defaults: -0.05, 0.05. */
    record RandomUniform(float minval, float maxval) implements Initializer {
        public RandomUniform {
            if (!(minval <= maxval)) {
                throw new IllegalArgumentException("minval must not exceed maxval, found " + minval + " and " + maxval);
            }
        }
    }

    /** Normal distribution, redrawn outside two standard deviations and not rescaled. Keras defaults: 0, 0.05. */
    record TruncatedNormal(float mean, float stddev) implements Initializer {
        public TruncatedNormal {
            requireScale("stddev", stddev);
        }
    }

    /**
     * Variance {@code scale / n}, where n is chosen by {@code mode} from the variable's shape. A vector of {@code units} has
     * fan in = fan out = units.
     */
    record VarianceScaling(float scale, Mode mode, Distribution distribution) implements Initializer {
        public VarianceScaling {
            if (!(scale > 0)) {
                throw new IllegalArgumentException("scale must be positive, found " + scale);
            }
        }
    }

    /** A random matrix with orthonormal rows or columns, times {@code gain}. Needs two dimensions. */
    record Orthogonal(float gain) implements Initializer {
    }

    /** {@code gain} on the diagonal, 0 elsewhere. Needs two dimensions. */
    record Identity(float gain) implements Initializer {
    }

    /** Which count of connections {@link VarianceScaling} divides by. */
    enum Mode {
        FAN_IN, FAN_OUT, FAN_AVG
    }

    /** The shape of {@link VarianceScaling}'s distribution; the truncated one is rescaled to the full variance. */
    enum Distribution {
        TRUNCATED_NORMAL, UNTRUNCATED_NORMAL, UNIFORM
    }

    Initializer ZEROS = new Constant(0);
    Initializer ONES = new Constant(1);
    Initializer GLOROT_UNIFORM = new VarianceScaling(1, Mode.FAN_AVG, Distribution.UNIFORM);
    Initializer GLOROT_NORMAL = new VarianceScaling(1, Mode.FAN_AVG, Distribution.TRUNCATED_NORMAL);
    Initializer HE_UNIFORM = new VarianceScaling(2, Mode.FAN_IN, Distribution.UNIFORM);
    Initializer HE_NORMAL = new VarianceScaling(2, Mode.FAN_IN, Distribution.TRUNCATED_NORMAL);
    Initializer LECUN_UNIFORM = new VarianceScaling(1, Mode.FAN_IN, Distribution.UNIFORM);
    Initializer LECUN_NORMAL = new VarianceScaling(1, Mode.FAN_IN, Distribution.TRUNCATED_NORMAL);

    private static void requireScale(String name, float value) {
        if (!(value >= 0) || Float.isInfinite(value)) {
            throw new IllegalArgumentException(name + " must be finite and not negative, found " + value);
        }
    }
}
