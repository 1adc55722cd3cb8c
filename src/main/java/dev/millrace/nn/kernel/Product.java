package dev.millrace.nn.kernel;

import static dev.millrace.nn.kernel.Kernels.PANEL;
import static dev.millrace.nn.kernel.Tiles.LANES;

/**
 * Covers a product with {@link Tiles}: pairs of vectors by rows of eight (with 16 lanes) or four (otherwise: eight rows of two vectors
 * need more registers than a core with fewer lanes has); the last of an odd number of panels of 16 lanes by threes. A row left over
 * joins the last four, which computes the same result twice; fewer rows than four go one by one.
 */
final class Product {
    static final int PER_PANEL = PANEL / LANES;
    static final int ROWS = LANES == PANEL ? 8 : 4;

    /** Where sums start that have no bias. */
    static final float[] ZEROS = new float[PANEL];

    private final CacheLines lines;

    Product(CacheLines lines) {
        this.lines = lines;
    }

    /** Where the v-th vector lies in a matrix of panels. */
    static int place(int v, int panelDistance) {
        return v / PER_PANEL * panelDistance + v % PER_PANEL * LANES;
    }

    /**
     * {@code c = start + a b}. The distances are those of {@link Tiles}, between panels instead of vectors.
     *
     * @param vectors width of the result
     */
    void compute(int rows, int vectors, int length, float[] a, int aAt, int aRow, float[] b, int bAt, int bPanel, float[] start,
            int startAt, int startNext, float[] c, int cAt, int cPanel, int cRow) {
        if (rows < 4) {
            for (int r = 0; r < rows; r++) {
                row(vectors, length, a, aAt + r * aRow, b, bAt, bPanel, start, startAt, startNext, c, cAt + r * cRow, cPanel);
            }
            return;
        }
        int v = 0;
        for (; v + 1 < vectors && v + 3 != vectors; v += 2) {
            int bFirst = bAt + place(v, bPanel);
            int bNext = bAt + place(v + 1, bPanel) - bFirst;
            int cFirst = cAt + place(v, cPanel);
            int cNext = cAt + place(v + 1, cPanel) - cFirst;
            int s = startAt + v * startNext;
            int r = 0;
            if (ROWS == 8) {
                for (; r + 8 <= rows; r += 8) {
                    Tiles.rows8x2(length, a, aAt + r * aRow, aRow, b, bFirst, bNext, start, s, startNext, c, cFirst + r * cRow, cNext,
                            cRow);
                }
            }
            for (; r < rows; r += 4) {
                int from = Math.min(r, rows - 4);
                Tiles.rows4x2(length, a, aAt + from * aRow, aRow, b, bFirst, bNext, start, s, startNext, c, cFirst + from * cRow, cNext,
                        cRow);
            }
        }
        int bFirst = bAt + v * bPanel;
        int cFirst = cAt + v * cPanel;
        int s = startAt + v * startNext;
        int r = 0;
        if (v + 3 == vectors) {
            for (; r + 6 <= rows; r += 6) {
                Tiles.rows6x3(length, a, aAt + r * aRow, aRow, b, bFirst, bPanel, start, s, startNext, c, cFirst + r * cRow, cPanel, cRow);
            }
            for (; r < rows; r += 4) {
                int from = Math.min(r, rows - 4);
                Tiles.rows4x3(length, a, aAt + from * aRow, aRow, b, bFirst, bPanel, start, s, startNext, c, cFirst + from * cRow, cPanel,
                        cRow);
            }
        } else if (v < vectors) {
            if (aRow == PANEL && cRow == PANEL) {
                for (; r + 16 <= rows; r += 16) {
                    Tiles.rows16x1(length, a, aAt + r * PANEL, b, bFirst, start, s, c, cFirst + r * PANEL);
                }
            }
            for (; r + 8 <= rows; r += 8) {
                Tiles.rows8x1(length, a, aAt + r * aRow, aRow, b, bFirst, start, s, c, cFirst + r * cRow, cRow);
            }
            for (; r < rows; r += 4) {
                int from = Math.min(r, rows - 4);
                Tiles.rows4x1(length, a, aAt + from * aRow, aRow, b, bFirst, start, s, c, cFirst + from * cRow, cRow);
            }
        }
    }

    /** One row; the vectors left over join the last four or two, as rows do above. */
    void row(int vectors, int length, float[] a, int aAt, float[] b, int bAt, int bPanel, float[] start, int startAt, int startNext,
            float[] c, int cAt, int cPanel) {
        if (vectors >= 4 && LANES == PANEL && length >= AlignedRows.LEAST) {
            for (int v = 0; v < vectors; v += 4) {
                int first = Math.min(v, vectors - 4);
                int at = bAt + first * bPanel;
                int to = cAt + first * cPanel;
                AlignedRows.row1x4(lines.next(b, at), length, a, aAt, b, at, at + bPanel, at + 2 * bPanel, at + 3 * bPanel, start,
                        startAt + first * startNext, startNext, c, to, to + cPanel, to + 2 * cPanel, to + 3 * cPanel);
            }
        } else if (vectors >= 4) {
            for (int v = 0; v < vectors; v += 4) {
                int first = Math.min(v, vectors - 4);
                Tiles.row1x4(length, a, aAt, b, bAt + place(first, bPanel), bAt + place(first + 1, bPanel), bAt + place(first + 2, bPanel),
                        bAt + place(first + 3, bPanel), start, startAt + first * startNext, startNext, c, cAt + place(first, cPanel),
                        cAt + place(first + 1, cPanel), cAt + place(first + 2, cPanel), cAt + place(first + 3, cPanel));
            }
        } else {
            for (int v = 0; v < vectors; v++) {
                Tiles.row1x1(length, a, aAt, b, bAt + place(v, bPanel), start, startAt + v * startNext, c, cAt + place(v, cPanel));
            }
        }
    }
}
