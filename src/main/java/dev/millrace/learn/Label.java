package dev.millrace.learn;

import java.util.HashSet;
import java.util.List;

/** What is to be predicted, and which field of a record tells the truth about it. */
public sealed interface Label {
    /** The field; a record with this field present and not null is labelled. */
    String field();

    /** Number of values the network answers with per record: numbers, or classes. */
    int width();

    /**
     * A number, or an array of {@code width} numbers.
     *
     * @param scale the label is multiplied by this; predictions and errors are in the scaled unit
     */
    record Regression(String field, int width, double scale) implements Label {
        public Regression {
            if (width < 1) {
                throw new IllegalArgumentException("a label needs at least 1 value, found " + width);
            }
            if (scale == 0 || Double.isNaN(scale) || Double.isInfinite(scale)) {
                throw new IllegalArgumentException("the label's scale must be finite and not 0, found " + scale);
            }
        }
    }

    /**
     * One of several classes.
     *
     * @param classes at least two; text, or the decimal form of an integer ({@code "0"}, {@code "1"})
     */
    record Classification(String field, List<String> classes) implements Label {
        public Classification {
            classes = List.copyOf(classes);
            if (classes.size() < 2 || new HashSet<>(classes).size() != classes.size()) {
                throw new IllegalArgumentException("a classification needs at least two classes and none twice, found " + classes);
            }
        }

        @Override
        public int width() {
            return classes.size();
        }
    }
}
