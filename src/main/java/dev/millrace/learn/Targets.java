package dev.millrace.learn;

import dev.millrace.nn.Loss;
import java.util.Arrays;

/**
 * The form in which a loss wants its label: the numbers themselves, a class index (sparse categorical cross-entropy), 0 or 1
 * (binary cross-entropy with one output), or one row with a 1 at the class (every other loss).
 */
final class Targets {
    private enum Form {
        NUMBERS, CLASS_INDEX, ZERO_OR_ONE, ONE_HOT
    }

    private final Form form;
    private final int width;

    /** @throws IllegalArgumentException if numbers are to be learned with a loss that knows classes only */
    Targets(LearnerSpec spec) {
        Loss loss = spec.training().loss();
        width = loss.targetWidth(spec.network().outputs());
        form = switch (spec.label()) {
            case Label.Regression _ -> Form.NUMBERS;
            case Label.Classification _ when loss instanceof Loss.SparseCategoricalCrossentropy -> Form.CLASS_INDEX;
            case Label.Classification _ when width == 1 -> Form.ZERO_OR_ONE;
            case Label.Classification _ -> Form.ONE_HOT;
        };
        if (form == Form.NUMBERS && width != spec.label().width()) {
            throw new IllegalArgumentException("a regression cannot be trained with the loss " + loss.kerasName());
        }
    }

    /** Number of values per example. */
    int width() {
        return width;
    }

    /** Writes a class as one row. */
    void put(int classIndex, float[] row) {
        switch (form) {
            case CLASS_INDEX, ZERO_OR_ONE -> row[0] = classIndex;
            case ONE_HOT -> {
                Arrays.fill(row, 0);
                row[classIndex] = 1;
            }
            case NUMBERS -> throw new IllegalStateException("a regression has no classes");
        }
    }

    /** The class that was written into the row that starts at {@code at}. */
    int classOf(float[] rows, int at) {
        if (form != Form.ONE_HOT) {
            return (int) rows[at];
        }
        int index = 0;
        while (rows[at + index] != 1) {
            index++;
        }
        return index;
    }
}
