package dev.millrace.learn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which fields of a record a learner reads, and as what. Each field has a slot; a {@link RawRecord} holds its value there.
 * A decoder fills a RawRecord by these slots and needs to know nothing else of the learner.
 */
public final class RecordSchema {
    /**
     * One field of a record.
     *
     * @param slot position in {@link #fields()}
     * @param number whether its number is wanted
     * @param text whether its text is wanted (a category or class); numbers are then given as text too
     * @param label whether this is the label
     * @param array whether the value is an array of {@code width} numbers
     * @param offset first of its {@code width} places in {@link RawRecord#numbers}
     * @param width 1 unless it is an array; a field that is only wanted as text has a place that nobody reads
     */
    public record Field(String name, int slot, boolean number, boolean text, boolean label, boolean array, int offset, int width) {
    }

    private final List<Field> fields;
    private final Map<String, Field> byName = new LinkedHashMap<>();
    private final int places;

    /**
     * The fields a learner reads.
     *
     * @throws IllegalArgumentException if a field is wanted in two forms that exclude each other, or the label is a feature or
     *             the weight
     */
    public RecordSchema(LearnerSpec spec) {
        for (Feature feature : spec.features()) {
            switch (feature) {
                case Feature.Pick pick -> number(pick.field());
                case Feature.Ratio ratio -> {
                    number(ratio.numerator());
                    number(ratio.denominator());
                }
                case Feature.Product product -> {
                    number(product.left());
                    number(product.right());
                }
                case Feature.Difference difference -> {
                    number(difference.left());
                    number(difference.right());
                }
                case Feature.Log1p log1p -> number(log1p.field());
                case Feature.OneHot oneHot -> add(oneHot.field(), false, true, false, false, 1);
                case Feature.Cyclical cyclical -> number(cyclical.field());
                case Feature.Vector vector -> add(vector.field(), true, false, false, true, vector.width());
            }
        }
        spec.weight().ifPresent(this::number);
        switch (spec.label()) {
            case Label.Regression regression ->
                add(regression.field(), true, false, true, regression.width() > 1, regression.width());
            case Label.Classification classification -> add(classification.field(), false, true, true, false, 1);
        }
        List<Field> placed = new ArrayList<>();
        int offset = 0;
        for (Field field : byName.values()) {
            placed.add(new Field(field.name, placed.size(), field.number, field.text, field.label, field.array, offset, field.width));
            offset += field.width;
        }
        fields = List.copyOf(placed);
        places = offset;
        fields.forEach(field -> byName.put(field.name, field));
    }

    /** The fields, by slot: those of the features in the order of their first use, then the weight, the label last. */
    public List<Field> fields() {
        return fields;
    }

    /** An empty record for this schema. */
    public RawRecord newRecord() {
        RawRecord record = new RawRecord(places, fields.size());
        record.clear();
        return record;
    }

    /** The field of that name, which the specification names. */
    Field field(String name) {
        Field field = byName.get(name);
        if (field == null) {
            throw new IllegalArgumentException("no field is named " + name);
        }
        return field;
    }

    private void number(String name) {
        add(name, true, false, false, false, 1);
    }

    private void add(String name, boolean number, boolean text, boolean label, boolean array, int width) {
        Field known = byName.get(name);
        if (known != null && (known.label || label)) {
            throw new IllegalArgumentException(
                    "the label's field " + name + " is also a feature or the weight: the answer would be in the question");
        }
        if (known != null && (known.array != array || known.width != width)) {
            throw new IllegalArgumentException("the field " + name + " cannot be both " + form(known.array, known.width) + " and "
                    + form(array, width));
        }
        boolean numberToo = number || (known != null && known.number);
        boolean textToo = text || (known != null && known.text);
        byName.put(name, new Field(name, 0, numberToo, textToo, label, array, 0, width));
    }

    private static String form(boolean array, int width) {
        return array ? "an array of " + width : "a single value";
    }
}
