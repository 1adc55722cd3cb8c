package dev.millrace.learn;

import java.util.HashSet;
import java.util.List;

/**
 * One input of the network, made from fields of a record by a named transform; a closed family, no scripting. A transform
 * whose field is missing is missing; one whose result is not finite is a reason to reject the record.
 */
public sealed interface Feature {
    /** Unique within a learner; names the column in summaries, metrics and exported files. */
    String name();

    /** Number of network inputs this feature fills. */
    default int width() {
        return switch (this) {
            case OneHot oneHot -> oneHot.vocabulary().size();
            case Cyclical _ -> 2;
            case Vector vector -> vector.width();
            case Pick _,Ratio _,Product _,Difference _,Log1p _ -> 1;
        };
    }

    /** The number in a field. */
    record Pick(String name, String field) implements Feature {
    }

    /** {@code numerator / denominator}. */
    record Ratio(String name, String numerator, String denominator) implements Feature {
    }

    /** {@code left * right}. */
    record Product(String name, String left, String right) implements Feature {
    }

    /** {@code left - right}. */
    record Difference(String name, String left, String right) implements Feature {
    }

    /** {@code ln(1 + field)}, for counts and prices. */
    record Log1p(String name, String field) implements Feature {
    }

    /** 1 at the position of the field's text (or number) in the vocabulary, 0 elsewhere; all 0 for an unknown value. */
    record OneHot(String name, String field, List<String> vocabulary) implements Feature {
        public OneHot {
            vocabulary = List.copyOf(vocabulary);
            if (vocabulary.isEmpty() || new HashSet<>(vocabulary).size() != vocabulary.size()) {
                throw new IllegalArgumentException("the vocabulary of " + name + " must have at least one value and no value twice");
            }
        }
    }

    /** {@code sin} and {@code cos} of {@code 2π field / period}: hours (24), weekdays (7), angles (360). */
    record Cyclical(String name, String field, double period) implements Feature {
        public Cyclical {
            if (!(period > 0) || Double.isInfinite(period)) {
                throw new IllegalArgumentException("the period of " + name + " must be positive, found " + period);
            }
        }
    }

    /** An array of exactly {@code width} numbers. */
    record Vector(String name, String field, int width) implements Feature {
        public Vector {
            if (width < 1) {
                throw new IllegalArgumentException("the width of " + name + " must be at least 1, found " + width);
            }
        }
    }
}
