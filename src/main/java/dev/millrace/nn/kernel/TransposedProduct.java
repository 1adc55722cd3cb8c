package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Kernels.PANEL;
import static dev.millrace.nn.kernel.Product.place;

/** Covers the product of a transposed matrix with {@link TransposedTiles}, as {@link Product} does. */
final class TransposedProduct {
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
}
