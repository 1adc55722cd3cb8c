package dev.millrace.learn;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one record as a decoder found them; reused from record to record. A number that is absent is NaN (JSON has no
 * NaN), an absent text is null.
 */
public final class RawRecord {
    /** By {@link RecordSchema.Field#offset()}. */
    public final double[] numbers;
    /** By {@link RecordSchema.Field#slot()}; a number is written as {@link #text(double)} does. */
    public final @Nullable String[] texts;

    RawRecord(int numbers, int texts) {
        this.numbers = new double[numbers];
        this.texts = new String[texts];
    }

    /** Makes every field absent. */
    public void clear() {
        Arrays.fill(numbers, Double.NaN);
        Arrays.fill(texts, null);
    }

    /** The text under which a number is looked up in a vocabulary: {@code 1}, {@code 1.0} and {@code 1e0} are all "1". */
    public static String text(double number) {
        long integral = (long) number;
        return integral == number && Math.abs(number) < 1e15 ? Long.toString(integral) : Double.toString(number);
    }
}
