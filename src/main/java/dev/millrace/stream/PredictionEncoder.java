package dev.millrace.stream;

import dev.millrace.learn.Label;
import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Writes predictions as JSON: {@code {"model":"california","version":170,"prediction":212.4}}, an array for several values, and
 * {@code {"model":"m","version":3,"class":"b","probabilities":{"a":0.1,"b":0.9}}} for classes. A record of rows is answered with
 * {@code "predictions":[…]}: the numbers, or an object of class and probabilities for each row. Numbers have the digits of
 * {@link Float#toString(float)}.
 *
 * <p>
 * One encoder serves one thread. It allocates nothing but the answer itself.
 */
public final class PredictionEncoder {
    /** Why a record whose prediction is not a number is not answered: JSON has no word for it. */
    public static final Rejection OVERFLOW = new Rejection(Reason.NON_FINITE,
            "the features are so large that the network's arithmetic overflows");

    private static final byte[] PREDICTION = ascii(",\"prediction\":");
    private static final byte[] PREDICTIONS = ascii(",\"predictions\":[");
    private static final byte[] OWN_CLASS = ascii(",\"class\":");
    private static final byte[] CLASS = ascii("\"class\":");
    private static final byte[] PROBABILITIES = ascii(",\"probabilities\":{");

    private final byte[] start;
    private final byte[][] classes; // as JSON text; none for a regression
    /** Writes numbers: the builder of the JDK does so without garbage. */
    private final StringBuilder digits = new StringBuilder(32);
    private byte[] bytes = new byte[256];
    private int used;
    /** How much of {@link #bytes} is still right for another answer of the same version and kind. */
    private int startLength;
    private long startVersion;
    private boolean startOfRows;
    private int rows;

    public PredictionEncoder(String modelName, Label label) {
        start = utf8("{\"model\":" + quote(modelName) + ",\"version\":");
        List<String> names = switch (label) {
            case Label.Regression _ -> List.of();
            case Label.Classification classified -> classified.classes();
        };
        classes = names.stream().map(name -> utf8(quote(name))).toArray(byte[][]::new);
    }

    /** One answer. */
    public byte[] encode(long version, float[] outputs) {
        begin(version, false);
        if (classes.length > 0) {
            classAndProbabilities(outputs);
        } else {
            numbers(outputs);
        }
        put('}');
        return Arrays.copyOf(bytes, used);
    }

    /** Starts the answer of a record of rows. */
    void beginRows(long version) {
        begin(version, true);
        rows = 0;
    }

    /** The next row's answer. */
    void row(float[] outputs) {
        if (rows++ > 0) {
            put(',');
        }
        if (classes.length > 0) {
            put('{');
            put(CLASS);
            classAndProbabilities(outputs);
            put('}');
        } else {
            numbers(outputs);
        }
    }

    /** The answer of all rows since {@link #beginRows}. */
    byte[] endRows() {
        put(']');
        put('}');
        return Arrays.copyOf(bytes, used);
    }

    private void begin(long version, boolean ofRows) {
        if (startLength > 0 && version == startVersion && ofRows == startOfRows) {
            used = startLength;
            return;
        }
        used = 0;
        put(start);
        digits.setLength(0);
        digits.append(version);
        putDigits();
        put(ofRows ? PREDICTIONS : classes.length > 0 ? OWN_CLASS : PREDICTION);
        startLength = used;
        startVersion = version;
        startOfRows = ofRows;
    }

    private void numbers(float[] outputs) {
        if (outputs.length == 1) {
            number(outputs[0]);
            return;
        }
        for (int i = 0; i < outputs.length; i++) {
            put(i == 0 ? '[' : ',');
            number(outputs[i]);
        }
        put(']');
    }

    private void classAndProbabilities(float[] outputs) {
        put(classes[argmax(outputs)]);
        put(PROBABILITIES);
        for (int i = 0; i < outputs.length; i++) {
            if (i > 0) {
                put(',');
            }
            put(classes[i]);
            put(':');
            number(outputs[i]);
        }
        put('}');
    }

    private void number(float value) {
        if (FloatText.fits(value)) {
            ensure(FloatText.MAX_LENGTH);
            used = FloatText.write(value, bytes, used);
            return;
        }
        digits.setLength(0);
        digits.append(value);
        putDigits();
    }

    private void putDigits() {
        int length = digits.length();
        ensure(length);
        for (int i = 0; i < length; i++) {
            bytes[used + i] = (byte) digits.charAt(i);
        }
        used += length;
    }

    private void put(byte[] text) {
        ensure(text.length);
        System.arraycopy(text, 0, bytes, used, text.length);
        used += text.length;
    }

    private void put(char ascii) {
        ensure(1);
        bytes[used++] = (byte) ascii;
    }

    private void ensure(int more) {
        if (used + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(used + more, 2 * bytes.length));
        }
    }

    private static int argmax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    private static String quote(String value) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(value)) + '"';
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
