package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Kernels.PANEL;
import static dev.millrace.nn.kernel.Tiles.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * {@link Tiles} of the product of a transposed matrix, whose rows are a's columns:
 *
 * <pre>
 * c[r][v] = Σ_t a[t][r] b[t][v]      fused, from 0, for t ascending
 * </pre>
 *
 * Along the chain, a is read at distances of {@code aStep} and b of {@code bStep}. The result lies in panels.
 */
final class TransposedTiles {
    private TransposedTiles() {
    }

    /** Eight rows, two vectors. */
    static void rows8x2(int length, float[] a, int aAt, int aStep, float[] b, int bAt, int bNext, int bStep, float[] c, int cAt,
            int cNext) {
        FloatVector p0 = FloatVector.zero(SPECIES);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector p4 = p0;
        FloatVector p5 = p0;
        FloatVector p6 = p0;
        FloatVector p7 = p0;
        FloatVector q0 = p0;
        FloatVector q1 = p0;
        FloatVector q2 = p0;
        FloatVector q3 = p0;
        FloatVector q4 = p0;
        FloatVector q5 = p0;
        FloatVector q6 = p0;
        FloatVector q7 = p0;
        int i = aAt;
        int j = bAt;
        for (int t = 0; t < length; t++) {
            FloatVector p = FloatVector.fromArray(SPECIES, b, j);
            FloatVector q = FloatVector.fromArray(SPECIES, b, j + bNext);
            FloatVector f = FloatVector.broadcast(SPECIES, a[i]);
            p0 = f.fma(p, p0);
            q0 = f.fma(q, q0);
            f = FloatVector.broadcast(SPECIES, a[i + 1]);
            p1 = f.fma(p, p1);
            q1 = f.fma(q, q1);
            f = FloatVector.broadcast(SPECIES, a[i + 2]);
            p2 = f.fma(p, p2);
            q2 = f.fma(q, q2);
            f = FloatVector.broadcast(SPECIES, a[i + 3]);
            p3 = f.fma(p, p3);
            q3 = f.fma(q, q3);
            f = FloatVector.broadcast(SPECIES, a[i + 4]);
            p4 = f.fma(p, p4);
            q4 = f.fma(q, q4);
            f = FloatVector.broadcast(SPECIES, a[i + 5]);
            p5 = f.fma(p, p5);
            q5 = f.fma(q, q5);
            f = FloatVector.broadcast(SPECIES, a[i + 6]);
            p6 = f.fma(p, p6);
            q6 = f.fma(q, q6);
            f = FloatVector.broadcast(SPECIES, a[i + 7]);
            p7 = f.fma(p, p7);
            q7 = f.fma(q, q7);
            i += aStep;
            j += bStep;
        }
        p0.intoArray(c, cAt);
        q0.intoArray(c, cAt + cNext);
        p1.intoArray(c, cAt + PANEL);
        q1.intoArray(c, cAt + PANEL + cNext);
        p2.intoArray(c, cAt + 2 * PANEL);
        q2.intoArray(c, cAt + 2 * PANEL + cNext);
        p3.intoArray(c, cAt + 3 * PANEL);
        q3.intoArray(c, cAt + 3 * PANEL + cNext);
        p4.intoArray(c, cAt + 4 * PANEL);
        q4.intoArray(c, cAt + 4 * PANEL + cNext);
        p5.intoArray(c, cAt + 5 * PANEL);
        q5.intoArray(c, cAt + 5 * PANEL + cNext);
        p6.intoArray(c, cAt + 6 * PANEL);
        q6.intoArray(c, cAt + 6 * PANEL + cNext);
        p7.intoArray(c, cAt + 7 * PANEL);
        q7.intoArray(c, cAt + 7 * PANEL + cNext);
    }

    /** Four rows, two vectors. */
    static void rows4x2(int length, float[] a, int aAt, int aStep, float[] b, int bAt, int bNext, int bStep, float[] c, int cAt,
            int cNext) {
        FloatVector p0 = FloatVector.zero(SPECIES);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector q0 = p0;
        FloatVector q1 = p0;
        FloatVector q2 = p0;
        FloatVector q3 = p0;
        int i = aAt;
        int j = bAt;
        for (int t = 0; t < length; t++) {
            FloatVector p = FloatVector.fromArray(SPECIES, b, j);
            FloatVector q = FloatVector.fromArray(SPECIES, b, j + bNext);
            FloatVector f = FloatVector.broadcast(SPECIES, a[i]);
            p0 = f.fma(p, p0);
            q0 = f.fma(q, q0);
            f = FloatVector.broadcast(SPECIES, a[i + 1]);
            p1 = f.fma(p, p1);
            q1 = f.fma(q, q1);
            f = FloatVector.broadcast(SPECIES, a[i + 2]);
            p2 = f.fma(p, p2);
            q2 = f.fma(q, q2);
            f = FloatVector.broadcast(SPECIES, a[i + 3]);
            p3 = f.fma(p, p3);
            q3 = f.fma(q, q3);
            i += aStep;
            j += bStep;
        }
        p0.intoArray(c, cAt);
        q0.intoArray(c, cAt + cNext);
        p1.intoArray(c, cAt + PANEL);
        q1.intoArray(c, cAt + PANEL + cNext);
        p2.intoArray(c, cAt + 2 * PANEL);
        q2.intoArray(c, cAt + 2 * PANEL + cNext);
        p3.intoArray(c, cAt + 3 * PANEL);
        q3.intoArray(c, cAt + 3 * PANEL + cNext);
    }

    /** Six rows, three vectors: the last of an odd number of panels. */
    static void rows6x3(int length, float[] a, int aAt, int aStep, float[] b, int bAt, int bNext, int bStep, float[] c, int cAt,
            int cNext) {
        FloatVector p0 = FloatVector.zero(SPECIES);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector p4 = p0;
        FloatVector p5 = p0;
        FloatVector q0 = p0;
        FloatVector q1 = p0;
        FloatVector q2 = p0;
        FloatVector q3 = p0;
        FloatVector q4 = p0;
        FloatVector q5 = p0;
        FloatVector r0 = p0;
        FloatVector r1 = p0;
        FloatVector r2 = p0;
        FloatVector r3 = p0;
        FloatVector r4 = p0;
        FloatVector r5 = p0;
        int i = aAt;
        int j = bAt;
        for (int t = 0; t < length; t++) {
            FloatVector p = FloatVector.fromArray(SPECIES, b, j);
            FloatVector q = FloatVector.fromArray(SPECIES, b, j + bNext);
            FloatVector r = FloatVector.fromArray(SPECIES, b, j + 2 * bNext);
            FloatVector f = FloatVector.broadcast(SPECIES, a[i]);
            p0 = f.fma(p, p0);
            q0 = f.fma(q, q0);
            r0 = f.fma(r, r0);
            f = FloatVector.broadcast(SPECIES, a[i + 1]);
            p1 = f.fma(p, p1);
            q1 = f.fma(q, q1);
            r1 = f.fma(r, r1);
            f = FloatVector.broadcast(SPECIES, a[i + 2]);
            p2 = f.fma(p, p2);
            q2 = f.fma(q, q2);
            r2 = f.fma(r, r2);
            f = FloatVector.broadcast(SPECIES, a[i + 3]);
            p3 = f.fma(p, p3);
            q3 = f.fma(q, q3);
            r3 = f.fma(r, r3);
            f = FloatVector.broadcast(SPECIES, a[i + 4]);
            p4 = f.fma(p, p4);
            q4 = f.fma(q, q4);
            r4 = f.fma(r, r4);
            f = FloatVector.broadcast(SPECIES, a[i + 5]);
            p5 = f.fma(p, p5);
            q5 = f.fma(q, q5);
            r5 = f.fma(r, r5);
            i += aStep;
            j += bStep;
        }
        p0.intoArray(c, cAt);
        q0.intoArray(c, cAt + cNext);
        r0.intoArray(c, cAt + 2 * cNext);
        p1.intoArray(c, cAt + PANEL);
        q1.intoArray(c, cAt + PANEL + cNext);
        r1.intoArray(c, cAt + PANEL + 2 * cNext);
        p2.intoArray(c, cAt + 2 * PANEL);
        q2.intoArray(c, cAt + 2 * PANEL + cNext);
        r2.intoArray(c, cAt + 2 * PANEL + 2 * cNext);
        p3.intoArray(c, cAt + 3 * PANEL);
        q3.intoArray(c, cAt + 3 * PANEL + cNext);
        r3.intoArray(c, cAt + 3 * PANEL + 2 * cNext);
        p4.intoArray(c, cAt + 4 * PANEL);
        q4.intoArray(c, cAt + 4 * PANEL + cNext);
        r4.intoArray(c, cAt + 4 * PANEL + 2 * cNext);
        p5.intoArray(c, cAt + 5 * PANEL);
        q5.intoArray(c, cAt + 5 * PANEL + cNext);
        r5.intoArray(c, cAt + 5 * PANEL + 2 * cNext);
    }

    /** Four rows, three vectors. */
    static void rows4x3(int length, float[] a, int aAt, int aStep, float[] b, int bAt, int bNext, int bStep, float[] c, int cAt,
            int cNext) {
        FloatVector p0 = FloatVector.zero(SPECIES);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector q0 = p0;
        FloatVector q1 = p0;
        FloatVector q2 = p0;
        FloatVector q3 = p0;
        FloatVector r0 = p0;
        FloatVector r1 = p0;
        FloatVector r2 = p0;
        FloatVector r3 = p0;
        int i = aAt;
        int j = bAt;
        for (int t = 0; t < length; t++) {
            FloatVector p = FloatVector.fromArray(SPECIES, b, j);
            FloatVector q = FloatVector.fromArray(SPECIES, b, j + bNext);
            FloatVector r = FloatVector.fromArray(SPECIES, b, j + 2 * bNext);
            FloatVector f = FloatVector.broadcast(SPECIES, a[i]);
            p0 = f.fma(p, p0);
            q0 = f.fma(q, q0);
            r0 = f.fma(r, r0);
            f = FloatVector.broadcast(SPECIES, a[i + 1]);
            p1 = f.fma(p, p1);
            q1 = f.fma(q, q1);
            r1 = f.fma(r, r1);
            f = FloatVector.broadcast(SPECIES, a[i + 2]);
            p2 = f.fma(p, p2);
            q2 = f.fma(q, q2);
            r2 = f.fma(r, r2);
            f = FloatVector.broadcast(SPECIES, a[i + 3]);
            p3 = f.fma(p, p3);
            q3 = f.fma(q, q3);
            r3 = f.fma(r, r3);
            i += aStep;
            j += bStep;
        }
        p0.intoArray(c, cAt);
        q0.intoArray(c, cAt + cNext);
        r0.intoArray(c, cAt + 2 * cNext);
        p1.intoArray(c, cAt + PANEL);
        q1.intoArray(c, cAt + PANEL + cNext);
        r1.intoArray(c, cAt + PANEL + 2 * cNext);
        p2.intoArray(c, cAt + 2 * PANEL);
        q2.intoArray(c, cAt + 2 * PANEL + cNext);
        r2.intoArray(c, cAt + 2 * PANEL + 2 * cNext);
        p3.intoArray(c, cAt + 3 * PANEL);
        q3.intoArray(c, cAt + 3 * PANEL + cNext);
        r3.intoArray(c, cAt + 3 * PANEL + 2 * cNext);
    }

    /** Eight rows, one vector: layers of up to 16 units. */
    static void rows8x1(int length, float[] a, int aAt, int aStep, float[] b, int bAt, int bStep, float[] c, int cAt) {
        FloatVector p0 = FloatVector.zero(SPECIES);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector p4 = p0;
        FloatVector p5 = p0;
        FloatVector p6 = p0;
        FloatVector p7 = p0;
        int i = aAt;
        int j = bAt;
        for (int t = 0; t < length; t++) {
            FloatVector p = FloatVector.fromArray(SPECIES, b, j);
            p0 = FloatVector.broadcast(SPECIES, a[i]).fma(p, p0);
            p1 = FloatVector.broadcast(SPECIES, a[i + 1]).fma(p, p1);
            p2 = FloatVector.broadcast(SPECIES, a[i + 2]).fma(p, p2);
            p3 = FloatVector.broadcast(SPECIES, a[i + 3]).fma(p, p3);
            p4 = FloatVector.broadcast(SPECIES, a[i + 4]).fma(p, p4);
            p5 = FloatVector.broadcast(SPECIES, a[i + 5]).fma(p, p5);
            p6 = FloatVector.broadcast(SPECIES, a[i + 6]).fma(p, p6);
            p7 = FloatVector.broadcast(SPECIES, a[i + 7]).fma(p, p7);
            i += aStep;
            j += bStep;
        }
        p0.intoArray(c, cAt);
        p1.intoArray(c, cAt + PANEL);
        p2.intoArray(c, cAt + 2 * PANEL);
        p3.intoArray(c, cAt + 3 * PANEL);
        p4.intoArray(c, cAt + 4 * PANEL);
        p5.intoArray(c, cAt + 5 * PANEL);
        p6.intoArray(c, cAt + 6 * PANEL);
        p7.intoArray(c, cAt + 7 * PANEL);
    }

    /** Four rows, one vector. */
    static void rows4x1(int length, float[] a, int aAt, int aStep, float[] b, int bAt, int bStep, float[] c, int cAt) {
        FloatVector p0 = FloatVector.zero(SPECIES);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        int i = aAt;
        int j = bAt;
        for (int t = 0; t < length; t++) {
            FloatVector p = FloatVector.fromArray(SPECIES, b, j);
            p0 = FloatVector.broadcast(SPECIES, a[i]).fma(p, p0);
            p1 = FloatVector.broadcast(SPECIES, a[i + 1]).fma(p, p1);
            p2 = FloatVector.broadcast(SPECIES, a[i + 2]).fma(p, p2);
            p3 = FloatVector.broadcast(SPECIES, a[i + 3]).fma(p, p3);
            i += aStep;
            j += bStep;
        }
        p0.intoArray(c, cAt);
        p1.intoArray(c, cAt + PANEL);
        p2.intoArray(c, cAt + 2 * PANEL);
        p3.intoArray(c, cAt + 3 * PANEL);
    }

    /**
     * 64 rows, up to four columns, with lanes over rows: where only so few columns are left, vectors of them would be mostly empty. The
     * columns go to scratch, one after the other.
     */
    static void rows64x4(int length, float[] a, int aAt, int aStep, float[] b, int bAt, int bStep, float[] columns, int at) {
        FloatVector p0 = FloatVector.zero(SPECIES);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector q0 = p0;
        FloatVector q1 = p0;
        FloatVector q2 = p0;
        FloatVector q3 = p0;
        FloatVector r0 = p0;
        FloatVector r1 = p0;
        FloatVector r2 = p0;
        FloatVector r3 = p0;
        FloatVector s0 = p0;
        FloatVector s1 = p0;
        FloatVector s2 = p0;
        FloatVector s3 = p0;
        int i = aAt;
        int j = bAt;
        for (int t = 0; t < length; t++) {
            FloatVector a0 = FloatVector.fromArray(SPECIES, a, i);
            FloatVector a1 = FloatVector.fromArray(SPECIES, a, i + PANEL);
            FloatVector a2 = FloatVector.fromArray(SPECIES, a, i + 2 * PANEL);
            FloatVector a3 = FloatVector.fromArray(SPECIES, a, i + 3 * PANEL);
            FloatVector f = FloatVector.broadcast(SPECIES, b[j]);
            p0 = f.fma(a0, p0);
            p1 = f.fma(a1, p1);
            p2 = f.fma(a2, p2);
            p3 = f.fma(a3, p3);
            f = FloatVector.broadcast(SPECIES, b[j + 1]);
            q0 = f.fma(a0, q0);
            q1 = f.fma(a1, q1);
            q2 = f.fma(a2, q2);
            q3 = f.fma(a3, q3);
            f = FloatVector.broadcast(SPECIES, b[j + 2]);
            r0 = f.fma(a0, r0);
            r1 = f.fma(a1, r1);
            r2 = f.fma(a2, r2);
            r3 = f.fma(a3, r3);
            f = FloatVector.broadcast(SPECIES, b[j + 3]);
            s0 = f.fma(a0, s0);
            s1 = f.fma(a1, s1);
            s2 = f.fma(a2, s2);
            s3 = f.fma(a3, s3);
            i += aStep;
            j += bStep;
        }
        p0.intoArray(columns, at);
        p1.intoArray(columns, at + PANEL);
        p2.intoArray(columns, at + 2 * PANEL);
        p3.intoArray(columns, at + 3 * PANEL);
        q0.intoArray(columns, at + 4 * PANEL);
        q1.intoArray(columns, at + 5 * PANEL);
        q2.intoArray(columns, at + 6 * PANEL);
        q3.intoArray(columns, at + 7 * PANEL);
        r0.intoArray(columns, at + 8 * PANEL);
        r1.intoArray(columns, at + 9 * PANEL);
        r2.intoArray(columns, at + 10 * PANEL);
        r3.intoArray(columns, at + 11 * PANEL);
        s0.intoArray(columns, at + 12 * PANEL);
        s1.intoArray(columns, at + 13 * PANEL);
        s2.intoArray(columns, at + 14 * PANEL);
        s3.intoArray(columns, at + 15 * PANEL);
    }

    /** One row, one vector. */
    static void row1x1(int length, float[] a, int aAt, int aStep, float[] b, int bAt, int bStep, float[] c, int cAt) {
        FloatVector p = FloatVector.zero(SPECIES);
        int i = aAt;
        int j = bAt;
        for (int t = 0; t < length; t++) {
            p = FloatVector.broadcast(SPECIES, a[i]).fma(FloatVector.fromArray(SPECIES, b, j), p);
            i += aStep;
            j += bStep;
        }
        p.intoArray(c, cAt);
    }
}
