package dev.millrace.learn;

import dev.millrace.learn.RecordSchema.Field;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the label of a record into the form its loss wants. A field that is absent or null, or an array of nothing but nulls,
 * is no label. Does not allocate for a good record.
 */
final class LabelEncoder {
    private final Label label;
    private final Field field;
    private final Targets targets;
    private final Map<String, Integer> classes;

    LabelEncoder(LearnerSpec spec, RecordSchema schema, Targets targets) {
        this.label = spec.label();
        this.field = schema.field(label.field());
        this.targets = targets;
        this.classes = switch (label) {
            case Label.Regression _ -> Map.of();
            case Label.Classification classification -> FeatureEncoder.positions(classification.classes());
        };
    }

    /** Sets the target of {@code into} and whether it is labelled; both are unspecified if the record is rejected. */
    @Nullable
    Rejection encode(RawRecord record, Example into) {
        return switch (label) {
            case Label.Regression regression -> numbers(regression, record.numbers, into);
            case Label.Classification classification -> classIndex(classification, record.texts[field.slot()], into);
        };
    }

    private @Nullable Rejection numbers(Label.Regression regression, double[] numbers, Example into) {
        int absent = 0;
        for (int i = 0; i < field.width(); i++) {
            double number = numbers[field.offset() + i];
            float scaled = (float) (number * regression.scale());
            if (Double.isNaN(number)) {
                absent++;
            } else if (!Float.isFinite(scaled)) {
                return new Rejection(Reason.NON_FINITE, "label " + field.name() + ": " + number + " times the scale "
                        + regression.scale() + "; allowed are finite numbers up to " + Float.MAX_VALUE);
            }
            into.target[i] = scaled;
        }
        into.labelled = absent == 0;
        if (absent > 0 && absent < field.width()) {
            return new Rejection(Reason.WRONG_TYPE, "label " + field.name() + ": " + absent + " of its " + field.width()
                    + " elements are absent or null; allowed are numbers");
        }
        return null;
    }

    private @Nullable Rejection classIndex(Label.Classification classification, @Nullable String text, Example into) {
        into.labelled = text != null;
        if (text == null) {
            return null;
        }
        Integer index = classes.get(text);
        if (index == null) {
            return new Rejection(Reason.UNKNOWN_CLASS, "label " + field.name() + ": found " + Detail.quoted(text)
                    + "; allowed are " + Detail.classes(classification.classes()));
        }
        targets.put(index, into.target);
        return null;
    }
}
