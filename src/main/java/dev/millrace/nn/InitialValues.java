package dev.millrace.nn;

import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_FDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;

/** The arithmetic of {@link Initializer}: first values of a variable in row-major order. */
final class InitialValues {
    /** Standard deviation of a standard normal that is cut at ±2; dividing by it restores the full variance. */
    private static final double TRUNCATED_STDDEV = 0.8796256610342398;

    private InitialValues() {
    }

    /**
     * Draws the values of one variable.
     *
     * @throws IllegalArgumentException if the variable is a vector and the initializer needs a matrix
     */
    static float[] of(Initializer initializer, ParameterLayout.Variable variable, RandomStream random) {
        float[] values = new float[variable.size()];
        switch (initializer) {
            case Initializer.Constant constant -> Arrays.fill(values, constant.value());
            case Initializer.RandomNormal normal -> normal(normal.mean(), normal.stddev(), random, values);
            case Initializer.RandomUniform uniform -> uniform(uniform.minval(), uniform.maxval(), random, values);
            case Initializer.TruncatedNormal normal -> truncatedNormal(normal.mean(), normal.stddev(), random, values);
            case Initializer.VarianceScaling scaling -> scaled(scaling, variable, random, values);
            case Initializer.Orthogonal orthogonal -> {
                requireMatrix("orthogonal", variable);
                orthogonal(orthogonal.gain(), variable.rows(), variable.columns(), random, values);
            }
            case Initializer.Identity identity -> {
                requireMatrix("identity", variable);
                for (int i = 0; i < Math.min(variable.rows(), variable.columns()); i++) {
                    values[i * variable.columns() + i] = identity.gain();
                }
            }
        }
        return values;
    }

    private static void normal(double mean, double stddev, RandomStream random, float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (mean + stddev * random.nextNormal());
        }
    }

    private static void truncatedNormal(double mean, double stddev, RandomStream random, float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (mean + stddev * random.nextTruncatedNormal());
        }
    }

    private static void uniform(float low, float high, RandomStream random, float[] values) {
        for (int i = 0; i < values.length; i++) {
            float value = (float) (low + ((double) high - low) * random.nextUniform());
            values[i] = value < high || low == high ? value : Math.nextDown(high); // rounding may reach the excluded bound
        }
    }

    private static void scaled(Initializer.VarianceScaling scaling, ParameterLayout.Variable variable, RandomStream random,
            float[] values) {
        int fanIn = variable.vector() ? variable.columns() : variable.rows();
        int fanOut = variable.columns();
        double connections = switch (scaling.mode()) {
            case FAN_IN -> fanIn;
            case FAN_OUT -> fanOut;
            case FAN_AVG -> (fanIn + (double) fanOut) / 2;
        };
        double variance = scaling.scale() / connections;
        switch (scaling.distribution()) {
            case UNIFORM -> {
                float limit = (float) Math.sqrt(3 * variance);
                uniform(-limit, limit, random, values);
            }
            case TRUNCATED_NORMAL -> truncatedNormal(0, Math.sqrt(variance) / TRUNCATED_STDDEV, random, values);
            case UNTRUNCATED_NORMAL -> normal(0, Math.sqrt(variance), random, values);
        }
    }

    /** Q of the QR decomposition of a tall normal matrix, its signs fixed by R's diagonal, lying down if the variable is wide. */
    private static void orthogonal(float gain, int rows, int columns, RandomStream random, float[] values) {
        int tall = Math.max(rows, columns);
        int narrow = Math.min(rows, columns);
        FMatrixRMaj normal = new FMatrixRMaj(tall, narrow);
        normal(0, 1, random, normal.data);
        QRDecomposition<FMatrixRMaj> decomposition = DecompositionFactory_FDRM.qr(tall, narrow);
        if (!decomposition.decompose(normal)) {
            throw new IllegalStateException("the QR decomposition of a " + tall + "x" + narrow + " normal matrix failed");
        }
        FMatrixRMaj q = decomposition.getQ(null, true); // [tall][narrow]
        FMatrixRMaj r = decomposition.getR(null, true); // [narrow][narrow]
        for (int i = 0; i < tall; i++) {
            for (int j = 0; j < narrow; j++) {
                int index = rows < columns ? j * columns + i : i * columns + j;
                values[index] = gain * (r.get(j, j) < 0 ? -q.get(i, j) : q.get(i, j));
            }
        }
    }

    private static void requireMatrix(String initializer, ParameterLayout.Variable variable) {
        if (variable.vector()) {
            throw new IllegalArgumentException(initializer + " needs a matrix, " + variable.name() + " is a vector");
        }
    }
}
