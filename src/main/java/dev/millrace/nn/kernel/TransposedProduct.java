package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Kernels.PANEL;
import static dev.millrace.nn.kernel.Product.place;
import static dev.millrace.nn.kernel.Tiles.SPECIES;

import jdk.incubator.vector.FloatVector;

/** Covers the product of a transposed matrix with {@link TransposedTiles}, as {@link Product} does. */
final class TransposedProduct {
    /** So few columns of a last panel are worth {@link #lastColumns}. */
    static final int FEW = 4;

    /** Rows of {@link TransposedTiles#rows64x4}. */
    private static final int TALL = 64;

    private TransposedProduct() {
    }

    /**
     * {@code c = aᵀ b}. The distances are those of {@link TransposedTiles}, between panels instead of vectors.
     *
     * @param rows height of the result
     * @param vectors width of the result
     */
    static void compute(int rows, int vectors, int length, float[] a, int aAt, int aStep, float[] b, int bAt, int bPanel, int bStep,
            float[] c, int cAt, int cPanel) {
        if (rows < 4) {
            for (int r = 0; r < rows; r++) {
                for (int v = 0; v < vectors; v++) {
                    TransposedTiles.row1x1(length, a, aAt + r, aStep, b, bAt + place(v, bPanel), bStep, c,
                            cAt + r * PANEL + place(v, cPanel));
                }
            }
            return;
        }
        int v = 0;
        for (; v + 1 < vectors && v + 3 != vectors; v += 2) {
            int bFirst = bAt + place(v, bPanel);
            int bNext = bAt + place(v + 1, bPanel) - bFirst;
            int cFirst = cAt + place(v, cPanel);
            int cNext = cAt + place(v + 1, cPanel) - cFirst;
            int r = 0;
            if (Product.ROWS == 8) {
                for (; r + 8 <= rows; r += 8) {
                    TransposedTiles.rows8x2(length, a, aAt + r, aStep, b, bFirst, bNext, bStep, c, cFirst + r * PANEL, cNext);
                }
            }
            for (; r < rows; r += 4) {
                int from = Math.min(r, rows - 4);
                TransposedTiles.rows4x2(length, a, aAt + from, aStep, b, bFirst, bNext, bStep, c, cFirst + from * PANEL, cNext);
            }
        }
        int bFirst = bAt + v * bPanel;
        int cFirst = cAt + v * cPanel;
        int r = 0;
        if (v + 3 == vectors) {
            for (; r + 6 <= rows; r += 6) {
                TransposedTiles.rows6x3(length, a, aAt + r, aStep, b, bFirst, bPanel, bStep, c, cFirst + r * PANEL, cPanel);
            }
            for (; r < rows; r += 4) {
                int from = Math.min(r, rows - 4);
                TransposedTiles.rows4x3(length, a, aAt + from, aStep, b, bFirst, bPanel, bStep, c, cFirst + from * PANEL, cPanel);
            }
        } else if (v < vectors) {
            for (; r + 8 <= rows; r += 8) {
                TransposedTiles.rows8x1(length, a, aAt + r, aStep, b, bFirst, bStep, c, cFirst + r * PANEL);
            }
            for (; r < rows; r += 4) {
                int from = Math.min(r, rows - 4);
                TransposedTiles.rows4x1(length, a, aAt + from, aStep, b, bFirst, bStep, c, cFirst + from * PANEL);
            }
        }
    }

    /**
     * The last panel of {@code c = aᵀ b}, of which up to {@link #FEW} columns are used. The chains are the same; lanes run over rows.
     *
     * @param rows height of the result, at least 64
     * @param b up to four columns
     * @param scratch 256 elements from {@code at}
     */
    static void lastColumns(int rows, int length, float[] a, int aStep, float[] b, int bAt, int bStep, float[] c, int cAt, float[] scratch,
            int at) {
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int r = 0; r < rows; r += TALL) {
            int from = Math.min(r, rows - TALL);
            TransposedTiles.rows64x4(length, a, from, aStep, b, bAt, bStep, scratch, at);
            int j = cAt + from * PANEL;
            for (int i = at; i < at + TALL; i++) {
                zero.intoArray(c, j);
                c[j] = scratch[i];
                c[j + 1] = scratch[i + TALL];
                c[j + 2] = scratch[i + 2 * TALL];
                c[j + 3] = scratch[i + 3 * TALL];
                j += PANEL;
            }
        }
    }
}
