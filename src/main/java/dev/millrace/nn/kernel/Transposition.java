package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Tiles.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Transposes one block of 16 by 16 floats in registers, for vectors of 16 lanes: in each of four passes, rows that are 8, 4, 2 and
 * then 1 apart exchange halves, quarters, eighths and single elements. Half the time of copying element by element, which matters for
 * the small layers of a small batch.
 */
final class Transposition {
    private static final FloatVector LOW_8 = selection(8, 0);
    private static final FloatVector HIGH_8 = selection(8, 8);
    private static final FloatVector LOW_4 = selection(4, 0);
    private static final FloatVector HIGH_4 = selection(4, 4);
    private static final FloatVector LOW_2 = selection(2, 0);
    private static final FloatVector HIGH_2 = selection(2, 2);
    private static final FloatVector LOW_1 = selection(1, 0);
    private static final FloatVector HIGH_1 = selection(1, 1);

    private Transposition() {
    }

    /** For each lane the index into two rows, the second of which starts at 16: groups of the first, then of the second row. */
    private static FloatVector selection(int group, int from) {
        float[] lanes = new float[SPECIES.length()];
        for (int lane = 0; lane < lanes.length; lane++) {
            boolean second = lane / group % 2 == 1;
            lanes[lane] = second ? lanes.length + lane - group + from : lane + from;
        }
        return FloatVector.fromArray(SPECIES, lanes, 0);
    }

    /**
     * Transposes {@code [rows][16]} into {@code [16][16]}, filled with 0.
     *
     * @param rows up to 16
     * @param from of 256 elements of a, row after row; all are read
     * @param to of 256 elements of b; written
     */
    static void block(int rows, float[] a, int from, float[] b, int to) {
        FloatVector r0 = FloatVector.fromArray(SPECIES, a, from);
        FloatVector r1 = FloatVector.fromArray(SPECIES, a, from + 16);
        FloatVector r2 = FloatVector.fromArray(SPECIES, a, from + 32);
        FloatVector r3 = FloatVector.fromArray(SPECIES, a, from + 48);
        FloatVector r4 = FloatVector.fromArray(SPECIES, a, from + 64);
        FloatVector r5 = FloatVector.fromArray(SPECIES, a, from + 80);
        FloatVector r6 = FloatVector.fromArray(SPECIES, a, from + 96);
        FloatVector r7 = FloatVector.fromArray(SPECIES, a, from + 112);
        FloatVector r8 = FloatVector.fromArray(SPECIES, a, from + 128);
        FloatVector r9 = FloatVector.fromArray(SPECIES, a, from + 144);
        FloatVector r10 = FloatVector.fromArray(SPECIES, a, from + 160);
        FloatVector r11 = FloatVector.fromArray(SPECIES, a, from + 176);
        FloatVector r12 = FloatVector.fromArray(SPECIES, a, from + 192);
        FloatVector r13 = FloatVector.fromArray(SPECIES, a, from + 208);
        FloatVector r14 = FloatVector.fromArray(SPECIES, a, from + 224);
        FloatVector r15 = FloatVector.fromArray(SPECIES, a, from + 240);

        FloatVector s0 = LOW_8.selectFrom(r0, r8);
        FloatVector s8 = HIGH_8.selectFrom(r0, r8);
        FloatVector s1 = LOW_8.selectFrom(r1, r9);
        FloatVector s9 = HIGH_8.selectFrom(r1, r9);
        FloatVector s2 = LOW_8.selectFrom(r2, r10);
        FloatVector s10 = HIGH_8.selectFrom(r2, r10);
        FloatVector s3 = LOW_8.selectFrom(r3, r11);
        FloatVector s11 = HIGH_8.selectFrom(r3, r11);
        FloatVector s4 = LOW_8.selectFrom(r4, r12);
        FloatVector s12 = HIGH_8.selectFrom(r4, r12);
        FloatVector s5 = LOW_8.selectFrom(r5, r13);
        FloatVector s13 = HIGH_8.selectFrom(r5, r13);
        FloatVector s6 = LOW_8.selectFrom(r6, r14);
        FloatVector s14 = HIGH_8.selectFrom(r6, r14);
        FloatVector s7 = LOW_8.selectFrom(r7, r15);
        FloatVector s15 = HIGH_8.selectFrom(r7, r15);

        r0 = LOW_4.selectFrom(s0, s4);
        r4 = HIGH_4.selectFrom(s0, s4);
        r1 = LOW_4.selectFrom(s1, s5);
        r5 = HIGH_4.selectFrom(s1, s5);
        r2 = LOW_4.selectFrom(s2, s6);
        r6 = HIGH_4.selectFrom(s2, s6);
        r3 = LOW_4.selectFrom(s3, s7);
        r7 = HIGH_4.selectFrom(s3, s7);
        r8 = LOW_4.selectFrom(s8, s12);
        r12 = HIGH_4.selectFrom(s8, s12);
        r9 = LOW_4.selectFrom(s9, s13);
        r13 = HIGH_4.selectFrom(s9, s13);
        r10 = LOW_4.selectFrom(s10, s14);
        r14 = HIGH_4.selectFrom(s10, s14);
        r11 = LOW_4.selectFrom(s11, s15);
        r15 = HIGH_4.selectFrom(s11, s15);

        s0 = LOW_2.selectFrom(r0, r2);
        s2 = HIGH_2.selectFrom(r0, r2);
        s1 = LOW_2.selectFrom(r1, r3);
        s3 = HIGH_2.selectFrom(r1, r3);
        s4 = LOW_2.selectFrom(r4, r6);
        s6 = HIGH_2.selectFrom(r4, r6);
        s5 = LOW_2.selectFrom(r5, r7);
        s7 = HIGH_2.selectFrom(r5, r7);
        s8 = LOW_2.selectFrom(r8, r10);
        s10 = HIGH_2.selectFrom(r8, r10);
        s9 = LOW_2.selectFrom(r9, r11);
        s11 = HIGH_2.selectFrom(r9, r11);
        s12 = LOW_2.selectFrom(r12, r14);
        s14 = HIGH_2.selectFrom(r12, r14);
        s13 = LOW_2.selectFrom(r13, r15);
        s15 = HIGH_2.selectFrom(r13, r15);

        VectorMask<Float> outside = SPECIES.indexInRange(0, rows).not();
        LOW_1.selectFrom(s0, s1).blend(0, outside).intoArray(b, to);
        HIGH_1.selectFrom(s0, s1).blend(0, outside).intoArray(b, to + 16);
        LOW_1.selectFrom(s2, s3).blend(0, outside).intoArray(b, to + 32);
        HIGH_1.selectFrom(s2, s3).blend(0, outside).intoArray(b, to + 48);
        LOW_1.selectFrom(s4, s5).blend(0, outside).intoArray(b, to + 64);
        HIGH_1.selectFrom(s4, s5).blend(0, outside).intoArray(b, to + 80);
        LOW_1.selectFrom(s6, s7).blend(0, outside).intoArray(b, to + 96);
        HIGH_1.selectFrom(s6, s7).blend(0, outside).intoArray(b, to + 112);
        LOW_1.selectFrom(s8, s9).blend(0, outside).intoArray(b, to + 128);
        HIGH_1.selectFrom(s8, s9).blend(0, outside).intoArray(b, to + 144);
        LOW_1.selectFrom(s10, s11).blend(0, outside).intoArray(b, to + 160);
        HIGH_1.selectFrom(s10, s11).blend(0, outside).intoArray(b, to + 176);
        LOW_1.selectFrom(s12, s13).blend(0, outside).intoArray(b, to + 192);
        HIGH_1.selectFrom(s12, s13).blend(0, outside).intoArray(b, to + 208);
        LOW_1.selectFrom(s14, s15).blend(0, outside).intoArray(b, to + 224);
        HIGH_1.selectFrom(s14, s15).blend(0, outside).intoArray(b, to + 240);
    }
}
