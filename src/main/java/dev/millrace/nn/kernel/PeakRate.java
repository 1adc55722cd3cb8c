package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Tiles.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * Keeps a core busy with nothing but independent fused multiply-adds in registers: as many floating point operations a second as
 * it can do at all, to which the rates of kernels are compared. Needs the vector module, see {@link Kernels#vectorised}.
 */
public final class PeakRate {
    private static final int ROUNDS = 10_000;
    private static final int CHAINS = 12;

    private PeakRate() {
    }

    /** Floating point operations of one {@link #run}; a multiply-add is two. */
    public static double operations() {
        return 2.0 * ROUNDS * CHAINS * Tiles.LANES;
    }

    /** Computes for some microseconds. The result has no meaning, but must be used. */
    public static float run() {
        FloatVector x = FloatVector.broadcast(SPECIES, 0.9999f);
        FloatVector y = FloatVector.broadcast(SPECIES, 1e-5f);
        FloatVector s0 = x;
        FloatVector s1 = x;
        FloatVector s2 = x;
        FloatVector s3 = x;
        FloatVector s4 = x;
        FloatVector s5 = x;
        FloatVector s6 = x;
        FloatVector s7 = x;
        FloatVector s8 = x;
        FloatVector s9 = x;
        FloatVector s10 = x;
        FloatVector s11 = x;
        for (int i = 0; i < ROUNDS; i++) {
            s0 = s0.fma(x, y);
            s1 = s1.fma(x, y);
            s2 = s2.fma(x, y);
            s3 = s3.fma(x, y);
            s4 = s4.fma(x, y);
            s5 = s5.fma(x, y);
            s6 = s6.fma(x, y);
            s7 = s7.fma(x, y);
            s8 = s8.fma(x, y);
            s9 = s9.fma(x, y);
            s10 = s10.fma(x, y);
            s11 = s11.fma(x, y);
        }
        FloatVector sum = s0.add(s1).add(s2).add(s3).add(s4).add(s5).add(s6).add(s7).add(s8).add(s9).add(s10).add(s11);
        return sum.lane(0);
    }
}
