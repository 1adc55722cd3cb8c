package dev.millrace.learn;

import dev.millrace.learn.RecordSchema.Field;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Computes the network's inputs from the fields of a record. Transforms compute in double and are rounded to float once; the
 * logarithm is that of {@link StrictMath}, sine and cosine those of {@link Circle}, whose bits do not depend on the machine.
 * Accepted values are finite, or NaN for a missing one under {@link Missing#MEAN}. Does not allocate for a good record.
 */
final class FeatureEncoder {
    /** One feature with its fields looked up; {@code second} equals {@code first} where the transform reads one field. */
    private record Column(Feature feature, boolean pick, int at, int firstAt, Field first, Field second, Map<String, Integer> vocabulary) {
        Column(Feature feature, int at, Field first, Field second, Map<String, Integer> vocabulary) {
            this(feature, feature instanceof Feature.Pick, at, first.offset(), first, second, vocabulary);
        }
    }

    private final Column[] columns;
    private final Missing missing;

    FeatureEncoder(LearnerSpec spec, RecordSchema schema) {
        missing = spec.missing();
        columns = new Column[spec.features().size()];
        int at = 0;
        for (int i = 0; i < columns.length; i++) {
            Feature feature = spec.features().get(i);
            columns[i] = switch (feature) {
                case Feature.Pick pick -> column(feature, at, schema, pick.field(), pick.field());
                case Feature.Ratio ratio -> column(feature, at, schema, ratio.numerator(), ratio.denominator());
                case Feature.Product product -> column(feature, at, schema, product.left(), product.right());
                case Feature.Difference difference -> column(feature, at, schema, difference.left(), difference.right());
                case Feature.Log1p log1p -> column(feature, at, schema, log1p.field(), log1p.field());
                case Feature.Cyclical cyclical -> column(feature, at, schema, cyclical.field(), cyclical.field());
                case Feature.Vector vector -> column(feature, at, schema, vector.field(), vector.field());
                case Feature.OneHot oneHot -> {
                    Field field = schema.field(oneHot.field());
                    yield new Column(feature, at, field, field, positions(oneHot.vocabulary()));
                }
            };
            at += feature.width();
        }
    }

    /** The position of each word. */
    static Map<String, Integer> positions(List<String> words) {
        Map<String, Integer> positions = HashMap.newHashMap(words.size());
        words.forEach(word -> positions.put(word, positions.size()));
        return positions;
    }

    /**
     * Computes all features of a record.
     *
     * @param into {@code [inputs]}; written, and unspecified if the record is rejected
     */
    @Nullable
    Rejection encode(RawRecord record, float[] into) {
        for (Column column : columns) {
            Rejection rejection = encode(column, record, into);
            if (rejection != null) {
                return rejection;
            }
        }
        return null;
    }

    private @Nullable Rejection encode(Column column, RawRecord record, float[] into) {
        double a = record.numbers[column.firstAt];
        if (column.pick && Math.abs(a) <= Float.MAX_VALUE) {
            // Most features are this: no need to ask which kind it is.
            into[column.at] = (float) a;
            return null;
        }
        double b = record.numbers[column.second.offset()];
        return switch (column.feature) {
            case Feature.OneHot _ -> oneHot(column, record.texts[column.first.slot()], into);
            case Feature.Vector _ -> vector(column, record.numbers, into);
            case Feature.Cyclical cyclical -> {
                double turns = a % cyclical.period() / cyclical.period();
                Rejection rejection = put(column, a, b, Circle.sine(turns), into, column.at);
                yield rejection != null ? rejection : put(column, a, b, Circle.cosine(turns), into, column.at + 1);
            }
            case Feature.Pick _ -> put(column, a, b, a, into, column.at);
            case Feature.Ratio _ -> put(column, a, b, a / b, into, column.at);
            case Feature.Product _ -> put(column, a, b, a * b, into, column.at);
            case Feature.Difference _ -> put(column, a, b, a - b, into, column.at);
            case Feature.Log1p _ -> put(column, a, b, StrictMath.log1p(a), into, column.at);
        };
    }

    private @Nullable Rejection oneHot(Column column, @Nullable String word, float[] into) {
        int width = column.feature.width();
        if (word == null) {
            return missing(column, column.first, into, column.at, width);
        }
        for (int i = 0; i < width; i++) {
            into[column.at + i] = 0;
        }
        Integer position = column.vocabulary.get(word);
        if (position != null) {
            into[column.at + position] = 1;
        }
        return null;
    }

    private @Nullable Rejection vector(Column column, double[] numbers, float[] into) {
        for (int i = 0; i < column.first.width(); i++) {
            double element = numbers[column.first.offset() + i];
            Rejection rejection = put(column, element, element, element, into, column.at + i);
            if (rejection != null) {
                return rejection;
            }
        }
        return null;
    }

    /** Stores the value computed from fields {@code a} and {@code b}, unless one of them is missing or anything is not finite. */
    private @Nullable Rejection put(Column column, double a, double b, double value, float[] into, int at) {
        if (Double.isNaN(a) || Double.isNaN(b)) {
            return missing(column, Double.isNaN(a) ? column.first : column.second, into, at, 1);
        }
        float rounded = (float) value;
        // 1 / infinity is a fine 0, but a field that overflowed a double is not a number anyone measured.
        if (!Float.isFinite(rounded) || Double.isInfinite(a) || Double.isInfinite(b)) {
            return notFinite(column, a, b, value);
        }
        into[at] = rounded;
        return null;
    }

    private @Nullable Rejection missing(Column column, Field field, float[] into, int at, int width) {
        if (missing == Missing.REJECT) {
            String element = field.array() ? "element " + (at - column.at) + " of " : "";
            return new Rejection(Reason.MISSING_FEATURE,
                    "feature " + column.feature.name() + ": " + element + "field " + field.name() + " is absent or null");
        }
        float value = missing == Missing.MEAN ? Float.NaN : 0;
        for (int i = 0; i < width; i++) {
            into[at + i] = value;
        }
        return null;
    }

    private static Rejection notFinite(Column column, double a, double b, double value) {
        String fields = column.first.name() + " = " + a;
        if (!column.first.equals(column.second)) {
            fields += ", " + column.second.name() + " = " + b;
        }
        return new Rejection(Reason.NON_FINITE, "feature " + column.feature.name() + ": " + value + " from " + fields
                + "; allowed are finite numbers up to " + Float.MAX_VALUE);
    }

    private static Column column(Feature feature, int at, RecordSchema schema, String first, String second) {
        return new Column(feature, at, schema.field(first), schema.field(second), Map.of());
    }
}
