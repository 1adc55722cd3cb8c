package dev.millrace.nn;

/** The arithmetic of {@link Constraint}: moves one variable to where it keeps the rule. */
final class Projection {
    /** Keeps a norm of 0 from being divided by, as in Keras. */
    private static final double FUZZ = 1e-7;

    private Projection() {
    }

    /** @param flat the variable's values are read and written; padding stays */
    static void apply(Constraint constraint, ParameterLayout.Variable variable, float[] flat) {
        switch (constraint) {
            case Constraint.None _ -> {
            }
            case Constraint.NonNegative _ -> {
                for (int i = variable.offset(); i < variable.offset() + variable.paddedLength(); i++) {
                    flat[i] = flat[i] < 0 ? 0 : flat[i];
                }
            }
            case Constraint.MaxNorm _,Constraint.UnitNorm _,Constraint.MinMaxNorm _ -> {
                if (variable.vector()) {
                    scaleVector(constraint, variable, flat);
                } else {
                    for (int column = 0; column < variable.columns(); column++) {
                        scaleColumn(constraint, variable, column, flat);
                    }
                }
            }
        }
    }

    private static void scaleVector(Constraint constraint, ParameterLayout.Variable vector, float[] flat) {
        double squares = 0;
        for (int column = 0; column < vector.columns(); column++) {
            float w = flat[vector.index(0, column)];
            squares += (double) w * w;
        }
        double factor = factor(constraint, Math.sqrt(squares));
        for (int column = 0; column < vector.columns(); column++) {
            int index = vector.index(0, column);
            flat[index] = (float) (flat[index] * factor);
        }
    }

    private static void scaleColumn(Constraint constraint, ParameterLayout.Variable kernel, int column, float[] flat) {
        double squares = 0;
        for (int row = 0; row < kernel.rows(); row++) {
            float w = flat[kernel.index(row, column)];
            squares += (double) w * w;
        }
        double factor = factor(constraint, Math.sqrt(squares));
        for (int row = 0; row < kernel.rows(); row++) {
            int index = kernel.index(row, column);
            flat[index] = (float) (flat[index] * factor);
        }
    }

    private static double factor(Constraint constraint, double norm) {
        double desired = switch (constraint) {
            case Constraint.MaxNorm c -> Math.min(norm, c.maxValue());
            case Constraint.UnitNorm _ -> 1;
            case Constraint.MinMaxNorm c -> {
                double nearest = Math.min(Math.max(norm, c.minValue()), c.maxValue());
                yield c.rate() * nearest + (1 - c.rate()) * norm;
            }
            case Constraint.None _,Constraint.NonNegative _ -> norm;
        };
        return desired / (FUZZ + norm);
    }
}
