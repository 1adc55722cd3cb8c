package dev.millrace.nn.kernel;

/**
 * An activation that makes one number of one number, with its slope. Slopes at a kink are those Keras's backends take. Like
 * {@link FloatMath}, which they are made of, all functions give the same bits on every machine.
 */
public enum PointFunction {
    /** {@code min(max(z, 0), 6)}. */
    RELU6 {
        @Override
        public float value(float z) {
            return Math.min(Math.max(z, 0f), 6f);
        }

        @Override
        public float slope(float z, float a) {
            return z > 0 && z < 6 ? 1 : 0;
        }
    },
    /** {@code z}, for negative z {@code 0.2 z}. */
    LEAKY_RELU {
        @Override
        public float value(float z) {
            return z > 0 ? z : 0.2f * z;
        }

        @Override
        public float slope(float z, float a) {
            return z > 0 ? 1 : 0.2f;
        }
    },
    /** {@code z}, for negative z {@code e^z - 1} (Clevert et al. 2015, with α = 1). */
    ELU {
        @Override
        public float value(float z) {
            return z > 0 ? z : FloatMath.expm1(z);
        }

        @Override
        public float slope(float z, float a) {
            return z > 0 ? 1 : FloatMath.exp(z);
        }
    },
    /** {@code λ z}, for negative z {@code λ α (e^z - 1)} (Klambauer et al. 2017). */
    SELU {
        @Override
        public float value(float z) {
            return z > 0 ? SELU_SCALE * z : SELU_SCALE_ALPHA * FloatMath.expm1(z);
        }

        @Override
        public float slope(float z, float a) {
            return z > 0 ? SELU_SCALE : SELU_SCALE_ALPHA * FloatMath.exp(z);
        }
    },
    /** {@code e^z}. */
    EXPONENTIAL {
        @Override
        public float value(float z) {
            return FloatMath.exp(z);
        }

        @Override
        public float slope(float z, float a) {
            return a;
        }
    },
    /** {@code z Φ(z)} with the normal distribution's Φ, not its approximation by a tanh (Hendrycks and Gimpel 2016). */
    GELU {
        @Override
        public float value(float z) {
            return z * FloatMath.normalCdf(z);
        }

        @Override
        public float slope(float z, float a) {
            return Math.fma(z, FloatMath.normalDensity(z), FloatMath.normalCdf(z));
        }
    },
    /** {@code z sigmoid(z)}, also known as swish (Ramachandran et al. 2017). */
    SILU {
        @Override
        public float value(float z) {
            return z * FloatMath.sigmoid(z);
        }

        @Override
        public float slope(float z, float a) {
            float s = FloatMath.sigmoid(z);
            return s * Math.fma(z, 1 - s, 1f);
        }
    },
    /** {@code min(max(z/6 + 1/2, 0), 1)}, the definition of Keras 3. */
    HARD_SIGMOID {
        @Override
        public float value(float z) {
            return hardSigmoid(z);
        }

        @Override
        public float slope(float z, float a) {
            return z > -3 && z < 3 ? SIXTH : 0;
        }
    },
    /** {@code z hard_sigmoid(z)}, also known as hard swish (Howard et al. 2019). */
    HARD_SILU {
        @Override
        public float value(float z) {
            return z * hardSigmoid(z);
        }

        @Override
        public float slope(float z, float a) {
            return z <= -3 ? 0 : z >= 3 ? 1 : Math.fma(z, 2 * SIXTH, 0.5f);
        }
    },
    /** {@code min(max(z, -1), 1)}. */
    HARD_TANH {
        @Override
        public float value(float z) {
            return Math.min(Math.max(z, -1f), 1f);
        }

        @Override
        public float slope(float z, float a) {
            return z > -1 && z < 1 ? 1 : 0;
        }
    },
    /** {@code z tanh(softplus(z))} (Misra 2019). With {@code w = e^z (e^z + 2)} the tanh is {@code w / (w + 2)}. */
    MISH {
        @Override
        public float value(float z) {
            if (z > MISH_LINEAR) {
                return z;
            }
            float e = FloatMath.exp(z);
            float w = e * (e + 2);
            return z * (w / (w + 2));
        }

        @Override
        public float slope(float z, float a) {
            if (z > MISH_LINEAR) {
                return 1;
            }
            float e = FloatMath.exp(z);
            float w = e * (e + 2);
            float t = w / (w + 2);
            float oneMinusSquare = 2 / (w + 2) * (1 + t);
            return Math.fma(z * oneMinusSquare, FloatMath.sigmoid(z), t);
        }
    },
    /** {@code ln(1 + e^z)}. */
    SOFTPLUS {
        @Override
        public float value(float z) {
            return Math.max(z, 0f) + FloatMath.softplusOfNegative(-Math.abs(z));
        }

        @Override
        public float slope(float z, float a) {
            return FloatMath.sigmoid(z);
        }
    },
    /** {@code z / (1 + |z|)}. */
    SOFTSIGN {
        @Override
        public float value(float z) {
            return z / (1 + Math.abs(z));
        }

        @Override
        public float slope(float z, float a) {
            float d = 1 + Math.abs(z);
            return 1 / (d * d);
        }
    },
    /** {@code -ln(1 + e^-z)}. */
    LOG_SIGMOID {
        @Override
        public float value(float z) {
            return Math.min(z, 0f) - FloatMath.softplusOfNegative(-Math.abs(z));
        }

        @Override
        public float slope(float z, float a) {
            return FloatMath.sigmoid(-z);
        }
    },
    /** {@code z - tanh(z)}; near 0 only the absolute error is small. */
    TANH_SHRINK {
        @Override
        public float value(float z) {
            return z - FloatMath.tanh(z);
        }

        @Override
        public float slope(float z, float a) {
            float t = FloatMath.tanh(z);
            return t * t;
        }
    };

    private static final float SIXTH = 1 / 6f;
    private static final float SELU_SCALE = 1.050701f;
    private static final float SELU_SCALE_ALPHA = 1.7580993f;
    /** From here on mish rounds to its argument. */
    private static final float MISH_LINEAR = 20;

    private static float hardSigmoid(float z) {
        return Math.min(Math.max(Math.fma(z, SIXTH, 0.5f), 0f), 1f);
    }

    /** The function at z. */
    public abstract float value(float z);

    /** The derivative at z, where the function's value is a. */
    public abstract float slope(float z, float a);
}
