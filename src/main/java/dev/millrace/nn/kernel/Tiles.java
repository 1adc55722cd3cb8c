package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Kernels.PANEL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of products. A tile is a block of the result, some rows high and some vectors wide, whose sums stay in registers
 * while one loop runs along the chain:
 *
 * <pre>
 * c[r][v] = start[v] + Σ_t a[r][t] b[t][v]      fused, for t ascending
 * </pre>
 *
 * <p>
 * Each matrix is an array, an offset and its distances: {@code aRow} from row to row, {@code bNext} to the next vector, {@code cRow} and
 * {@code cNext}; b lies in panels. {@code start} is read at {@code startAt} and on from there at distances of {@code startNext}, 0 for
 * zeros that serve all vectors.
 *
 * <p>
 * Why so many lines that look alike: a sum lives in a register only if it is a local variable. A vector in an array, in a field or
 * passed to a method that is not inlined becomes an object, ten times slower. The compiler inlines the methods of the Vector API
 * wherever they are, but ours only until the method they are inlined into has grown too large; so no loop of this package leaves a
 * vector to a method of ours. Sixteen sums hide the latency of two multiply-adds a cycle and leave registers for their factors.
 *
 * <p>
 * Why {@link TransposedTiles} are a second family: where the distances along the chain are known and each index is written as a sum of
 * what does not change and a multiple of {@code t}, the compiler checks bounds before the loop and keeps few integers in it. With all
 * distances as arguments it ran out of registers and moved some of them into vectors and back, on the way from one round to the next.
 */
final class Tiles {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    private Tiles() {
    }

    /** Eight rows, two vectors. */
    static void rows8x2(int length, float[] a, int aAt, int aRow, float[] b, int bAt, int bNext, float[] start, int startAt, int startNext,
            float[] c, int cAt, int cNext, int cRow) {
        FloatVector p0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector p4 = p0;
        FloatVector p5 = p0;
        FloatVector p6 = p0;
        FloatVector p7 = p0;
        FloatVector q0 = FloatVector.fromArray(SPECIES, start, startAt + startNext);
        FloatVector q1 = q0;
        FloatVector q2 = q0;
        FloatVector q3 = q0;
        FloatVector q4 = q0;
        FloatVector q5 = q0;
        FloatVector q6 = q0;
        FloatVector q7 = q0;
        int bSecond = bAt + bNext;
        for (int t = 0; t < length; t++) {
            int i = aAt + t;
            FloatVector p = FloatVector.fromArray(SPECIES, b, bAt + t * PANEL);
            FloatVector q = FloatVector.fromArray(SPECIES, b, bSecond + t * PANEL);
            FloatVector f = FloatVector.broadcast(SPECIES, a[i]);
            p0 = f.fma(p, p0);
            q0 = f.fma(q, q0);
            f = FloatVector.broadcast(SPECIES, a[i + aRow]);
            p1 = f.fma(p, p1);
            q1 = f.fma(q, q1);
            f = FloatVector.broadcast(SPECIES, a[i + 2 * aRow]);
            p2 = f.fma(p, p2);
            q2 = f.fma(q, q2);
            f = FloatVector.broadcast(SPECIES, a[i + 3 * aRow]);
            p3 = f.fma(p, p3);
            q3 = f.fma(q, q3);
            f = FloatVector.broadcast(SPECIES, a[i + 4 * aRow]);
            p4 = f.fma(p, p4);
            q4 = f.fma(q, q4);
            f = FloatVector.broadcast(SPECIES, a[i + 5 * aRow]);
            p5 = f.fma(p, p5);
            q5 = f.fma(q, q5);
            f = FloatVector.broadcast(SPECIES, a[i + 6 * aRow]);
            p6 = f.fma(p, p6);
            q6 = f.fma(q, q6);
            f = FloatVector.broadcast(SPECIES, a[i + 7 * aRow]);
            p7 = f.fma(p, p7);
            q7 = f.fma(q, q7);
        }
        p0.intoArray(c, cAt);
        q0.intoArray(c, cAt + cNext);
        p1.intoArray(c, cAt + cRow);
        q1.intoArray(c, cAt + cRow + cNext);
        p2.intoArray(c, cAt + 2 * cRow);
        q2.intoArray(c, cAt + 2 * cRow + cNext);
        p3.intoArray(c, cAt + 3 * cRow);
        q3.intoArray(c, cAt + 3 * cRow + cNext);
        p4.intoArray(c, cAt + 4 * cRow);
        q4.intoArray(c, cAt + 4 * cRow + cNext);
        p5.intoArray(c, cAt + 5 * cRow);
        q5.intoArray(c, cAt + 5 * cRow + cNext);
        p6.intoArray(c, cAt + 6 * cRow);
        q6.intoArray(c, cAt + 6 * cRow + cNext);
        p7.intoArray(c, cAt + 7 * cRow);
        q7.intoArray(c, cAt + 7 * cRow + cNext);
    }

    /** Four rows, two vectors. */
    static void rows4x2(int length, float[] a, int aAt, int aRow, float[] b, int bAt, int bNext, float[] start, int startAt, int startNext,
            float[] c, int cAt, int cNext, int cRow) {
        FloatVector p0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector q0 = FloatVector.fromArray(SPECIES, start, startAt + startNext);
        FloatVector q1 = q0;
        FloatVector q2 = q0;
        FloatVector q3 = q0;
        int bSecond = bAt + bNext;
        for (int t = 0; t < length; t++) {
            int i = aAt + t;
            FloatVector p = FloatVector.fromArray(SPECIES, b, bAt + t * PANEL);
            FloatVector q = FloatVector.fromArray(SPECIES, b, bSecond + t * PANEL);
            FloatVector f = FloatVector.broadcast(SPECIES, a[i]);
            p0 = f.fma(p, p0);
            q0 = f.fma(q, q0);
            f = FloatVector.broadcast(SPECIES, a[i + aRow]);
            p1 = f.fma(p, p1);
            q1 = f.fma(q, q1);
            f = FloatVector.broadcast(SPECIES, a[i + 2 * aRow]);
            p2 = f.fma(p, p2);
            q2 = f.fma(q, q2);
            f = FloatVector.broadcast(SPECIES, a[i + 3 * aRow]);
            p3 = f.fma(p, p3);
            q3 = f.fma(q, q3);
        }
        p0.intoArray(c, cAt);
        q0.intoArray(c, cAt + cNext);
        p1.intoArray(c, cAt + cRow);
        q1.intoArray(c, cAt + cRow + cNext);
        p2.intoArray(c, cAt + 2 * cRow);
        q2.intoArray(c, cAt + 2 * cRow + cNext);
        p3.intoArray(c, cAt + 3 * cRow);
        q3.intoArray(c, cAt + 3 * cRow + cNext);
    }

    /** Six rows, three vectors: the last of an odd number of panels. */
    static void rows6x3(int length, float[] a, int aAt, int aRow, float[] b, int bAt, int bNext, float[] start, int startAt, int startNext,
            float[] c, int cAt, int cNext, int cRow) {
        FloatVector p0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector p4 = p0;
        FloatVector p5 = p0;
        FloatVector q0 = FloatVector.fromArray(SPECIES, start, startAt + startNext);
        FloatVector q1 = q0;
        FloatVector q2 = q0;
        FloatVector q3 = q0;
        FloatVector q4 = q0;
        FloatVector q5 = q0;
        FloatVector r0 = FloatVector.fromArray(SPECIES, start, startAt + 2 * startNext);
        FloatVector r1 = r0;
        FloatVector r2 = r0;
        FloatVector r3 = r0;
        FloatVector r4 = r0;
        FloatVector r5 = r0;
        int bSecond = bAt + bNext;
        int bThird = bSecond + bNext;
        for (int t = 0; t < length; t++) {
            int i = aAt + t;
            FloatVector p = FloatVector.fromArray(SPECIES, b, bAt + t * PANEL);
            FloatVector q = FloatVector.fromArray(SPECIES, b, bSecond + t * PANEL);
            FloatVector r = FloatVector.fromArray(SPECIES, b, bThird + t * PANEL);
            FloatVector f = FloatVector.broadcast(SPECIES, a[i]);
            p0 = f.fma(p, p0);
            q0 = f.fma(q, q0);
            r0 = f.fma(r, r0);
            f = FloatVector.broadcast(SPECIES, a[i + aRow]);
            p1 = f.fma(p, p1);
            q1 = f.fma(q, q1);
            r1 = f.fma(r, r1);
            f = FloatVector.broadcast(SPECIES, a[i + 2 * aRow]);
            p2 = f.fma(p, p2);
            q2 = f.fma(q, q2);
            r2 = f.fma(r, r2);
            f = FloatVector.broadcast(SPECIES, a[i + 3 * aRow]);
            p3 = f.fma(p, p3);
            q3 = f.fma(q, q3);
            r3 = f.fma(r, r3);
            f = FloatVector.broadcast(SPECIES, a[i + 4 * aRow]);
            p4 = f.fma(p, p4);
            q4 = f.fma(q, q4);
            r4 = f.fma(r, r4);
            f = FloatVector.broadcast(SPECIES, a[i + 5 * aRow]);
            p5 = f.fma(p, p5);
            q5 = f.fma(q, q5);
            r5 = f.fma(r, r5);
        }
        p0.intoArray(c, cAt);
        q0.intoArray(c, cAt + cNext);
        r0.intoArray(c, cAt + 2 * cNext);
        p1.intoArray(c, cAt + cRow);
        q1.intoArray(c, cAt + cRow + cNext);
        r1.intoArray(c, cAt + cRow + 2 * cNext);
        p2.intoArray(c, cAt + 2 * cRow);
        q2.intoArray(c, cAt + 2 * cRow + cNext);
        r2.intoArray(c, cAt + 2 * cRow + 2 * cNext);
        p3.intoArray(c, cAt + 3 * cRow);
        q3.intoArray(c, cAt + 3 * cRow + cNext);
        r3.intoArray(c, cAt + 3 * cRow + 2 * cNext);
        p4.intoArray(c, cAt + 4 * cRow);
        q4.intoArray(c, cAt + 4 * cRow + cNext);
        r4.intoArray(c, cAt + 4 * cRow + 2 * cNext);
        p5.intoArray(c, cAt + 5 * cRow);
        q5.intoArray(c, cAt + 5 * cRow + cNext);
        r5.intoArray(c, cAt + 5 * cRow + 2 * cNext);
    }

    /** Four rows, three vectors. */
    static void rows4x3(int length, float[] a, int aAt, int aRow, float[] b, int bAt, int bNext, float[] start, int startAt, int startNext,
            float[] c, int cAt, int cNext, int cRow) {
        FloatVector p0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector q0 = FloatVector.fromArray(SPECIES, start, startAt + startNext);
        FloatVector q1 = q0;
        FloatVector q2 = q0;
        FloatVector q3 = q0;
        FloatVector r0 = FloatVector.fromArray(SPECIES, start, startAt + 2 * startNext);
        FloatVector r1 = r0;
        FloatVector r2 = r0;
        FloatVector r3 = r0;
        int bSecond = bAt + bNext;
        int bThird = bSecond + bNext;
        for (int t = 0; t < length; t++) {
            int i = aAt + t;
            FloatVector p = FloatVector.fromArray(SPECIES, b, bAt + t * PANEL);
            FloatVector q = FloatVector.fromArray(SPECIES, b, bSecond + t * PANEL);
            FloatVector r = FloatVector.fromArray(SPECIES, b, bThird + t * PANEL);
            FloatVector f = FloatVector.broadcast(SPECIES, a[i]);
            p0 = f.fma(p, p0);
            q0 = f.fma(q, q0);
            r0 = f.fma(r, r0);
            f = FloatVector.broadcast(SPECIES, a[i + aRow]);
            p1 = f.fma(p, p1);
            q1 = f.fma(q, q1);
            r1 = f.fma(r, r1);
            f = FloatVector.broadcast(SPECIES, a[i + 2 * aRow]);
            p2 = f.fma(p, p2);
            q2 = f.fma(q, q2);
            r2 = f.fma(r, r2);
            f = FloatVector.broadcast(SPECIES, a[i + 3 * aRow]);
            p3 = f.fma(p, p3);
            q3 = f.fma(q, q3);
            r3 = f.fma(r, r3);
        }
        p0.intoArray(c, cAt);
        q0.intoArray(c, cAt + cNext);
        r0.intoArray(c, cAt + 2 * cNext);
        p1.intoArray(c, cAt + cRow);
        q1.intoArray(c, cAt + cRow + cNext);
        r1.intoArray(c, cAt + cRow + 2 * cNext);
        p2.intoArray(c, cAt + 2 * cRow);
        q2.intoArray(c, cAt + 2 * cRow + cNext);
        r2.intoArray(c, cAt + 2 * cRow + 2 * cNext);
        p3.intoArray(c, cAt + 3 * cRow);
        q3.intoArray(c, cAt + 3 * cRow + cNext);
        r3.intoArray(c, cAt + 3 * cRow + 2 * cNext);
    }

    /** Sixteen rows, one vector: layers of up to 16 units behind such layers, all of whose rows lie a panel apart. */
    static void rows16x1(int length, float[] a, int aAt, float[] b, int bAt, float[] start, int startAt, float[] c, int cAt) {
        FloatVector p0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector p4 = p0;
        FloatVector p5 = p0;
        FloatVector p6 = p0;
        FloatVector p7 = p0;
        FloatVector p8 = p0;
        FloatVector p9 = p0;
        FloatVector p10 = p0;
        FloatVector p11 = p0;
        FloatVector p12 = p0;
        FloatVector p13 = p0;
        FloatVector p14 = p0;
        FloatVector p15 = p0;
        for (int t = 0; t < length; t++) {
            int i = aAt + t;
            FloatVector p = FloatVector.fromArray(SPECIES, b, bAt + t * PANEL);
            p0 = FloatVector.broadcast(SPECIES, a[i]).fma(p, p0);
            p1 = FloatVector.broadcast(SPECIES, a[i + PANEL]).fma(p, p1);
            p2 = FloatVector.broadcast(SPECIES, a[i + 2 * PANEL]).fma(p, p2);
            p3 = FloatVector.broadcast(SPECIES, a[i + 3 * PANEL]).fma(p, p3);
            p4 = FloatVector.broadcast(SPECIES, a[i + 4 * PANEL]).fma(p, p4);
            p5 = FloatVector.broadcast(SPECIES, a[i + 5 * PANEL]).fma(p, p5);
            p6 = FloatVector.broadcast(SPECIES, a[i + 6 * PANEL]).fma(p, p6);
            p7 = FloatVector.broadcast(SPECIES, a[i + 7 * PANEL]).fma(p, p7);
            p8 = FloatVector.broadcast(SPECIES, a[i + 8 * PANEL]).fma(p, p8);
            p9 = FloatVector.broadcast(SPECIES, a[i + 9 * PANEL]).fma(p, p9);
            p10 = FloatVector.broadcast(SPECIES, a[i + 10 * PANEL]).fma(p, p10);
            p11 = FloatVector.broadcast(SPECIES, a[i + 11 * PANEL]).fma(p, p11);
            p12 = FloatVector.broadcast(SPECIES, a[i + 12 * PANEL]).fma(p, p12);
            p13 = FloatVector.broadcast(SPECIES, a[i + 13 * PANEL]).fma(p, p13);
            p14 = FloatVector.broadcast(SPECIES, a[i + 14 * PANEL]).fma(p, p14);
            p15 = FloatVector.broadcast(SPECIES, a[i + 15 * PANEL]).fma(p, p15);
        }
        p0.intoArray(c, cAt);
        p1.intoArray(c, cAt + PANEL);
        p2.intoArray(c, cAt + 2 * PANEL);
        p3.intoArray(c, cAt + 3 * PANEL);
        p4.intoArray(c, cAt + 4 * PANEL);
        p5.intoArray(c, cAt + 5 * PANEL);
        p6.intoArray(c, cAt + 6 * PANEL);
        p7.intoArray(c, cAt + 7 * PANEL);
        p8.intoArray(c, cAt + 8 * PANEL);
        p9.intoArray(c, cAt + 9 * PANEL);
        p10.intoArray(c, cAt + 10 * PANEL);
        p11.intoArray(c, cAt + 11 * PANEL);
        p12.intoArray(c, cAt + 12 * PANEL);
        p13.intoArray(c, cAt + 13 * PANEL);
        p14.intoArray(c, cAt + 14 * PANEL);
        p15.intoArray(c, cAt + 15 * PANEL);
    }

    /** Eight rows, one vector. */
    static void rows8x1(int length, float[] a, int aAt, int aRow, float[] b, int bAt, float[] start, int startAt, float[] c, int cAt,
            int cRow) {
        FloatVector p0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector p4 = p0;
        FloatVector p5 = p0;
        FloatVector p6 = p0;
        FloatVector p7 = p0;
        for (int t = 0; t < length; t++) {
            int i = aAt + t;
            int j = bAt + t * PANEL;
            FloatVector p = FloatVector.fromArray(SPECIES, b, j);
            p0 = FloatVector.broadcast(SPECIES, a[i]).fma(p, p0);
            p1 = FloatVector.broadcast(SPECIES, a[i + aRow]).fma(p, p1);
            p2 = FloatVector.broadcast(SPECIES, a[i + 2 * aRow]).fma(p, p2);
            p3 = FloatVector.broadcast(SPECIES, a[i + 3 * aRow]).fma(p, p3);
            p4 = FloatVector.broadcast(SPECIES, a[i + 4 * aRow]).fma(p, p4);
            p5 = FloatVector.broadcast(SPECIES, a[i + 5 * aRow]).fma(p, p5);
            p6 = FloatVector.broadcast(SPECIES, a[i + 6 * aRow]).fma(p, p6);
            p7 = FloatVector.broadcast(SPECIES, a[i + 7 * aRow]).fma(p, p7);
        }
        p0.intoArray(c, cAt);
        p1.intoArray(c, cAt + cRow);
        p2.intoArray(c, cAt + 2 * cRow);
        p3.intoArray(c, cAt + 3 * cRow);
        p4.intoArray(c, cAt + 4 * cRow);
        p5.intoArray(c, cAt + 5 * cRow);
        p6.intoArray(c, cAt + 6 * cRow);
        p7.intoArray(c, cAt + 7 * cRow);
    }

    /** Four rows, one vector. */
    static void rows4x1(int length, float[] a, int aAt, int aRow, float[] b, int bAt, float[] start, int startAt, float[] c, int cAt,
            int cRow) {
        FloatVector p0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        for (int t = 0; t < length; t++) {
            int i = aAt + t;
            int j = bAt + t * PANEL;
            FloatVector p = FloatVector.fromArray(SPECIES, b, j);
            p0 = FloatVector.broadcast(SPECIES, a[i]).fma(p, p0);
            p1 = FloatVector.broadcast(SPECIES, a[i + aRow]).fma(p, p1);
            p2 = FloatVector.broadcast(SPECIES, a[i + 2 * aRow]).fma(p, p2);
            p3 = FloatVector.broadcast(SPECIES, a[i + 3 * aRow]).fma(p, p3);
        }
        p0.intoArray(c, cAt);
        p1.intoArray(c, cAt + cRow);
        p2.intoArray(c, cAt + 2 * cRow);
        p3.intoArray(c, cAt + 3 * cRow);
    }

    /** One row, four vectors: batches of one to three. */
    static void row1x4(int length, float[] a, int aAt, float[] b, int b0, int b1, int b2, int b3, float[] start, int startAt,
            int startNext, float[] c, int c0, int c1, int c2, int c3) {
        FloatVector p = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector q = FloatVector.fromArray(SPECIES, start, startAt + startNext);
        FloatVector r = FloatVector.fromArray(SPECIES, start, startAt + 2 * startNext);
        FloatVector s = FloatVector.fromArray(SPECIES, start, startAt + 3 * startNext);
        for (int t = 0; t < length; t++) {
            FloatVector f = FloatVector.broadcast(SPECIES, a[aAt + t]);
            p = f.fma(FloatVector.fromArray(SPECIES, b, b0 + t * PANEL), p);
            q = f.fma(FloatVector.fromArray(SPECIES, b, b1 + t * PANEL), q);
            r = f.fma(FloatVector.fromArray(SPECIES, b, b2 + t * PANEL), r);
            s = f.fma(FloatVector.fromArray(SPECIES, b, b3 + t * PANEL), s);
        }
        p.intoArray(c, c0);
        q.intoArray(c, c1);
        r.intoArray(c, c2);
        s.intoArray(c, c3);
    }

    /** One row, one vector. */
    static void row1x1(int length, float[] a, int aAt, float[] b, int bAt, float[] start, int startAt, float[] c, int cAt) {
        FloatVector p = FloatVector.fromArray(SPECIES, start, startAt);
        for (int t = 0; t < length; t++) {
            p = FloatVector.broadcast(SPECIES, a[aAt + t]).fma(FloatVector.fromArray(SPECIES, b, bAt + t * PANEL), p);
        }
        p.intoArray(c, cAt);
    }
}
