package dev.millrace.nn.kernel;

/**
 * The formulas of the optimizers, element by element over whole parameter arrays. Every method reads the old values and writes the
 * new ones ({@code new…}), beside them or, where old and new are the same array, in their place. Formulas are those of Keras 3
 * ({@code keras/src/optimizers}). Like {@link Elementwise}, these loops need no vector twin.
 */
public final class Updates {
    private Updates() {
    }

    /** {@code w' = w - lr g}. */
    public static void sgd(float lr, float[] g, float[] w, float[] newW) {
        for (int i = 0; i < w.length; i++) {
            newW[i] = Math.fma(-lr, g[i], w[i]);
        }
    }

    /** {@code v' = μ v - lr g, w' = w + v'} (Polyak 1964). */
    public static void momentum(float lr, float mu, float[] g, float[] w, float[] v, float[] newW, float[] newV) {
        for (int i = 0; i < w.length; i++) {
            float next = Math.fma(-lr, g[i], mu * v[i]);
            newV[i] = next;
            newW[i] = w[i] + next;
        }
    }

    /** {@code v' = μ v - lr g, w' = w + μ v' - lr g} (Nesterov 1983, as in Sutskever et al. 2013). */
    public static void nesterov(float lr, float mu, float[] g, float[] w, float[] v, float[] newW, float[] newV) {
        for (int i = 0; i < w.length; i++) {
            float next = Math.fma(-lr, g[i], mu * v[i]);
            newV[i] = next;
            newW[i] = w[i] + Math.fma(-lr, g[i], mu * next);
        }
    }

    /** {@code a' = a + g², w' = w - lr g / sqrt(a' + ε)} (Duchi et al. 2011). */
    public static void adagrad(float lr, float epsilon, float[] g, float[] w, float[] a, float[] newW, float[] newA) {
        for (int i = 0; i < w.length; i++) {
            float next = Math.fma(g[i], g[i], a[i]);
            newA[i] = next;
            newW[i] = w[i] - lr * g[i] / (float) Math.sqrt(next + epsilon);
        }
    }

    /**
     * {@code v' = ρ v + (1-ρ) g², step = lr g / sqrt(v' + ε)} (Hinton's lecture 6e, 2012). {@link #descend} or
     * {@link #descendWithMomentum} completes it.
     *
     * @param oneMinusRho given apart, since {@code 1 - rho} has lost digits in float
     * @param step written
     */
    public static void rmsProp(float lr, float rho, float oneMinusRho, float epsilon, float[] g, float[] v, float[] step, float[] newV) {
        for (int i = 0; i < v.length; i++) {
            float next = Math.fma(oneMinusRho * g[i], g[i], rho * v[i]);
            newV[i] = next;
            step[i] = lr * g[i] / (float) Math.sqrt(next + epsilon);
        }
    }

    /**
     * {@code ḡ' = ρ ḡ + (1-ρ) g, v' = ρ v + (1-ρ) g², step = lr g / sqrt(v' - ḡ'² + ε)}: {@link #rmsProp} by the variance of the
     * gradient (Graves 2013).
     */
    public static void centeredRmsProp(float lr, float rho, float oneMinusRho, float epsilon, float[] g, float[] v, float[] mean,
            float[] step, float[] newV, float[] newMean) {
        for (int i = 0; i < v.length; i++) {
            float nextMean = Math.fma(oneMinusRho, g[i], rho * mean[i]);
            float next = Math.fma(oneMinusRho * g[i], g[i], rho * v[i]);
            newMean[i] = nextMean;
            newV[i] = next;
            step[i] = lr * g[i] / (float) Math.sqrt(Math.fma(-nextMean, nextMean, next) + epsilon);
        }
    }

    /**
     * {@code w' = w - step}.
     *
     * @param newW holds the step; becomes w'
     */
    public static void descend(float[] w, float[] newW) {
        for (int i = 0; i < w.length; i++) {
            newW[i] = w[i] - newW[i];
        }
    }

    /**
     * {@code m' = μ m + step, w' = w - m'}.
     *
     * @param newW holds the step; becomes w'
     */
    public static void descendWithMomentum(float mu, float[] w, float[] m, float[] newW, float[] newM) {
        for (int i = 0; i < w.length; i++) {
            float next = Math.fma(mu, m[i], newW[i]);
            newM[i] = next;
            newW[i] = w[i] - next;
        }
    }

    /**
     * {@code m' = m + (1-β1)(g - m), v' = v + (1-β2)(g² - v), w' = w - α m' / (sqrt(v') + ε)} (Kingma and Ba 2014).
     *
     * @param alpha learning rate with both bias corrections
     */
    public static void adam(float alpha, float oneMinusBeta1, float oneMinusBeta2, float epsilon, float[] g, float[] w, float[] m,
            float[] v, float[] newW, float[] newM, float[] newV) {
        for (int i = 0; i < w.length; i++) {
            float nextM = Math.fma(g[i] - m[i], oneMinusBeta1, m[i]);
            float nextV = Math.fma(Math.fma(g[i], g[i], -v[i]), oneMinusBeta2, v[i]);
            newM[i] = nextM;
            newV[i] = nextV;
            newW[i] = w[i] - alpha * nextM / ((float) Math.sqrt(nextV) + epsilon);
        }
    }

    /** {@link #adam} with {@code u' = max(u, v')} in the place of v' under the root (Reddi et al. 2018). */
    public static void amsgrad(float alpha, float oneMinusBeta1, float oneMinusBeta2, float epsilon, float[] g, float[] w, float[] m,
            float[] v, float[] u, float[] newW, float[] newM, float[] newV, float[] newU) {
        for (int i = 0; i < w.length; i++) {
            float nextM = Math.fma(g[i] - m[i], oneMinusBeta1, m[i]);
            float nextV = Math.fma(Math.fma(g[i], g[i], -v[i]), oneMinusBeta2, v[i]);
            float nextU = Math.max(u[i], nextV);
            newM[i] = nextM;
            newV[i] = nextV;
            newU[i] = nextU;
            newW[i] = w[i] - alpha * nextM / ((float) Math.sqrt(nextU) + epsilon);
        }
    }

    /** {@code w' = w - w λ lr}, the decay of weights that does not pass through the gradient (Loshchilov and Hutter 2017). */
    public static void decay(float lr, float lambda, float[] w, float[] newW) {
        for (int i = 0; i < w.length; i++) {
            newW[i] = w[i] - w[i] * lambda * lr;
        }
    }

    /**
     * {@code a' = ρ a + (1-ρ) g², δ = -g sqrt(d + ε) / sqrt(a' + ε), d' = ρ d + (1-ρ) δ², w' = w + lr δ} (Zeiler 2012).
     *
     * @param a accumulated squared gradients
     * @param d accumulated squared changes
     */
    public static void adadelta(float lr, float rho, float oneMinusRho, float epsilon, float[] g, float[] w, float[] a, float[] d,
            float[] newW, float[] newA, float[] newD) {
        for (int i = 0; i < w.length; i++) {
            float nextA = Math.fma(oneMinusRho * g[i], g[i], rho * a[i]);
            float delta = -g[i] * (float) Math.sqrt(d[i] + epsilon) / (float) Math.sqrt(nextA + epsilon);
            newA[i] = nextA;
            newD[i] = Math.fma(oneMinusRho * delta, delta, rho * d[i]);
            newW[i] = Math.fma(lr, delta, w[i]);
        }
    }

    /**
     * {@code m' = m + (1-β1)(g - m), u' = max(β2 u, |g|), w' = w - α m' / (u' + ε)} (Kingma and Ba 2014, section 7.1).
     *
     * @param alpha learning rate with the bias correction
     */
    public static void adamax(float alpha, float oneMinusBeta1, float beta2, float epsilon, float[] g, float[] w, float[] m, float[] u,
            float[] newW, float[] newM, float[] newU) {
        for (int i = 0; i < w.length; i++) {
            float nextM = Math.fma(g[i] - m[i], oneMinusBeta1, m[i]);
            float nextU = Math.max(beta2 * u[i], Math.abs(g[i]));
            newM[i] = nextM;
            newU[i] = nextU;
            newW[i] = w[i] - alpha * nextM / (nextU + epsilon);
        }
    }

    /**
     * {@code m' = m + (1-β1)(g - m), v' = v + (1-β2)(g² - v), w' = w - lr (p m' + q g) / (sqrt(c v') + ε)} (Dozat 2016).
     *
     * @param p weight of the momentum, with its bias correction
     * @param q weight of the gradient, with its bias correction
     * @param c bias correction of v
     */
    public static void nadam(float lr, float p, float q, float c, float oneMinusBeta1, float oneMinusBeta2, float epsilon, float[] g,
            float[] w, float[] m, float[] v, float[] newW, float[] newM, float[] newV) {
        for (int i = 0; i < w.length; i++) {
            float nextM = Math.fma(g[i] - m[i], oneMinusBeta1, m[i]);
            float nextV = Math.fma(Math.fma(g[i], g[i], -v[i]), oneMinusBeta2, v[i]);
            newM[i] = nextM;
            newV[i] = nextV;
            newW[i] = w[i] - lr * Math.fma(p, nextM, q * g[i]) / ((float) Math.sqrt(c * nextV) + epsilon);
        }
    }

    /** {@code w' = w - lr sign(β1 m + (1-β1) g), m' = β2 m + (1-β2) g} (Chen et al. 2023). */
    public static void lion(float lr, float beta1, float oneMinusBeta1, float beta2, float oneMinusBeta2, float[] g, float[] w, float[] m,
            float[] newW, float[] newM) {
        for (int i = 0; i < w.length; i++) {
            newW[i] = w[i] - lr * Math.signum(Math.fma(oneMinusBeta1, g[i], beta1 * m[i]));
            newM[i] = Math.fma(oneMinusBeta2, g[i], beta2 * m[i]);
        }
    }

    /**
     * {@code a' = a + g², σ = (a'^p - a^p) / lr, z' = z + g + 2 s w - σ w, w' = (clip(z', ±l1) - z') / (a'^p / lr + 2 l2)} (McMahan et
     * al. 2013).
     *
     * @param lr positive
     * @param p how the rate falls with the accumulated squares, 0.5 for a root
     * @param shrinkage s, the factor of a penalty that is added to the gradient
     * @param l2 includes {@code β / (2 lr)}
     */
    public static void ftrl(float lr, double p, float l1, float l2, float shrinkage, float[] g, float[] w, float[] a, float[] z,
            float[] newW, float[] newA, float[] newZ) {
        for (int i = 0; i < w.length; i++) {
            float nextA = Math.fma(g[i], g[i], a[i]);
            double power = Powers.power(nextA, p);
            double sigma = (power - Powers.power(a[i], p)) / lr;
            float nextZ = (float) (z[i] + ((double) g[i] + 2 * (double) shrinkage * w[i] - sigma * w[i]));
            float clipped = Math.min(Math.max(nextZ, -l1), l1);
            newA[i] = nextA;
            newZ[i] = nextZ;
            newW[i] = (float) ((clipped - nextZ) / (power / lr + 2 * (double) l2));
        }
    }
}
