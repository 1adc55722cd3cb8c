package dev.millrace.learn;

import dev.millrace.learn.RecordSchema.Field;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An example as a row of little-endian float32 numbers: the fields in the order of {@link RecordSchema#fields()}, an array field
 * with all its elements, the label last. NaN is what null is in JSON.
 *
 * <p>
 * A field that is wanted as text is a number here. If all words of its vocabulary (or all classes) are whole numbers, it is
 * that number; otherwise it is the position of the word, from 0. Any other number is a word that nobody knows.
 */
public final class PackedRow {
    private static final VarHandle FLOAT = MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

    /** One field of a row. */
    private record Column(Field field, int at, Words words) {
    }

    /** The texts that numbers from {@code first} on stand for; null where a number stands for none. */
    private record Words(int first, @Nullable String[] texts) {
        /** More numbers than this between the smallest and the largest word are looked up by their text. */
        private static final int MAX_TABLE = 4096;

        static Words of(String field, List<String> words) {
            if (words.stream().allMatch(Words::isWhole)) {
                long first = words.stream().mapToLong(Long::parseLong).min().orElse(0);
                long last = words.stream().mapToLong(Long::parseLong).max().orElse(0);
                if (last - first < MAX_TABLE && Math.max(Math.abs(first), Math.abs(last)) < 1 << 24) {
                    @Nullable
                    String[] texts = new @Nullable String[words.isEmpty() ? 0 : (int) (last - first) + 1];
                    words.forEach(word -> texts[(int) (Long.parseLong(word) - first)] = word);
                    return new Words((int) first, texts);
                }
                throw new IllegalArgumentException("the field " + field + " has a vocabulary from " + first + " to " + last
                        + "; in packed rows whole numbers may be " + MAX_TABLE + " apart and have seven digits");
            }
            return new Words(0, words.toArray(new String[0]));
        }

        private static boolean isWhole(String word) {
            return word.matches("0|-?[1-9][0-9]{0,9}");
        }

        /** The inverse of {@link #text}; a number of no word for one that is not there. */
        float number(String text) {
            for (int i = 0; i < texts.length; i++) {
                if (text.equals(texts[i])) {
                    return first + i;
                }
            }
            return first - 1;
        }

        String text(float number) {
            int index = (int) number - first;
            String text = index >= 0 && index < texts.length && number == (int) number ? texts[index] : null;
            return text != null ? text : "number " + RawRecord.text(number) + " of " + texts.length;
        }
    }

    private final Column[] columns;
    private final int width;
    private final int labelWidth;

    /** @throws IllegalArgumentException if a field is wanted as two things that one number cannot be */
    public PackedRow(LearnerSpec spec, RecordSchema schema) {
        List<Column> all = new ArrayList<>();
        int at = 0;
        int label = 0;
        for (Field field : schema.fields()) {
            all.add(new Column(field, at, words(spec, field)));
            at += field.width();
            label += field.label() ? field.width() : 0;
        }
        columns = all.toArray(new Column[0]);
        width = at;
        labelWidth = label;
    }

    private static Words words(LearnerSpec spec, Field field) {
        List<List<String>> vocabularies = new ArrayList<>();
        for (Feature feature : spec.features()) {
            if (feature instanceof Feature.OneHot oneHot && oneHot.field().equals(field.name())) {
                vocabularies.add(oneHot.vocabulary());
            }
        }
        if (field.label() && spec.label() instanceof Label.Classification classification) {
            vocabularies.add(classification.classes());
        }
        List<String> words = vocabularies.stream().flatMap(List::stream).distinct().toList();
        boolean positions = !words.stream().allMatch(Words::isWhole);
        if (positions && (field.number() || vocabularies.stream().distinct().count() > 1)) {
            throw new IllegalArgumentException("the field " + field.name() + " has words in its vocabulary and is used in another way too;"
                    + " in packed rows it would have to be two numbers");
        }
        return Words.of(field.name(), words);
    }

    /** Numbers in a row with its label. */
    public int width() {
        return width;
    }

    /** Numbers in a row without its label. */
    public int featureWidth() {
        return width - labelWidth;
    }

    /**
     * Reads a row.
     *
     * @param at first byte of the row
     * @param labelled whether the row is {@link #width} numbers long, or {@link #featureWidth}
     * @param into written completely
     */
    public void read(byte[] bytes, int at, boolean labelled, RawRecord into) {
        for (Column column : columns) {
            Field field = column.field;
            boolean there = labelled || !field.label();
            if (field.number()) {
                for (int i = 0; i < field.width(); i++) {
                    into.numbers[field.offset() + i] = there ? number(bytes, at + 4 * (column.at + i)) : Double.NaN;
                }
            }
            if (field.text()) {
                float number = there ? number(bytes, at + 4 * column.at) : Float.NaN;
                into.texts[field.slot()] = Float.isNaN(number) ? null : column.words.text(number);
            }
        }
    }

    /** A record as one row; without the label's place if it has no label. */
    public byte[] write(RawRecord from) {
        boolean labelled = false;
        byte[] bytes = new byte[4 * width];
        for (Column column : columns) {
            Field field = column.field;
            if (field.number()) {
                for (int i = 0; i < field.width(); i++) {
                    float number = (float) from.numbers[field.offset() + i];
                    FLOAT.set(bytes, 4 * (column.at + i), number);
                    labelled |= field.label() && !Float.isNaN(number);
                }
            } else {
                String text = from.texts[field.slot()];
                FLOAT.set(bytes, 4 * column.at, text == null ? Float.NaN : column.words.number(text));
                labelled |= field.label() && text != null;
            }
        }
        return labelled ? bytes : Arrays.copyOf(bytes, 4 * featureWidth());
    }

    private static float number(byte[] bytes, int at) {
        return (float) FLOAT.get(bytes, at);
    }
}
