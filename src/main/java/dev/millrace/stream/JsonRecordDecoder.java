package dev.millrace.stream;

import dev.millrace.learn.RawRecord;
import dev.millrace.learn.Reason;
import dev.millrace.learn.RecordSchema;
import dev.millrace.learn.Rejection;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the fields of a {@link RecordSchema} out of a flat JSON object, without a tree. Unknown fields are skipped; of a field
 * that stands twice the last value counts. One decoder serves one thread.
 */
public final class JsonRecordDecoder {
    private static final int SHOWN = 60;

    private final JsonFactory factory = JsonFactory.builder().enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER).build();
    private final List<RecordSchema.Field> fields;
    private final Map<String, RecordSchema.Field> byName = new HashMap<>();
    /** Fields in the order of the last record: producers rarely change it, so a name is usually met where it is expected. */
    private final RecordSchema.Field[] expected;

    public JsonRecordDecoder(RecordSchema schema) {
        fields = schema.fields();
        expected = fields.toArray(new RecordSchema.Field[0]);
        fields.forEach(field -> byName.put(field.name(), field));
    }

    /**
     * Decodes one record.
     *
     * @param value UTF-8
     * @param into cleared, then filled
     * @return why the value cannot be used, or null
     */
    public @Nullable Rejection decode(byte[] value, RawRecord into) {
        into.clear();
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), value)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return parser.currentToken() == null
                        ? new Rejection(Reason.MALFORMED, "the value is empty, a JSON object is needed")
                        : new Rejection(Reason.NOT_AN_OBJECT, "found " + kind(parser) + ", a JSON object is needed");
            }
            int next = 0;
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                parser.nextToken();
                RecordSchema.Field field;
                if (next < expected.length && expected[next].name().equals(name)) {
                    field = expected[next++];
                } else {
                    field = byName.get(name);
                    if (field == null) {
                        parser.skipChildren();
                        continue;
                    }
                    if (next < expected.length) {
                        expected[next++] = field;
                    }
                }
                Rejection rejection = read(parser, field, into);
                if (rejection != null) {
                    return rejection;
                }
            }
            if (parser.nextToken() != null) {
                return new Rejection(Reason.MALFORMED,
                        "something follows the JSON object at byte " + byteOffset(parser.currentTokenLocation()));
            }
            return null;
        } catch (JacksonException e) {
            return new Rejection(Reason.MALFORMED,
                    "not JSON at byte " + byteOffset(e.getLocation()) + ": " + shorten(e.getOriginalMessage(), 200));
        }
    }

    private static @Nullable Rejection read(JsonParser parser, RecordSchema.Field field, RawRecord into) {
        if (field.array() && parser.currentToken() == JsonToken.START_ARRAY) {
            return readArray(parser, field, into);
        }
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            if (field.number()) {
                Arrays.fill(into.numbers, field.offset(), field.offset() + field.width(), Double.NaN);
            }
            into.texts[field.slot()] = null;
            return null;
        }
        if (token.isNumeric() && !field.array()) {
            double number = parser.getDoubleValue();
            if (field.number()) {
                into.numbers[field.offset()] = number;
            }
            if (field.text()) {
                into.texts[field.slot()] = RawRecord.text(number);
            }
            return null;
        }
        if (token.isScalarValue() && !token.isNumeric() && field.text() && !field.number()) {
            into.texts[field.slot()] = parser.getString();
            return null;
        }
        return wrongType(parser, field);
    }

    private static @Nullable Rejection readArray(JsonParser parser, RecordSchema.Field field, RawRecord into) {
        int count = 0;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            double number;
            if (token.isNumeric()) {
                number = parser.getDoubleValue();
            } else if (token == JsonToken.VALUE_NULL) {
                number = Double.NaN;
            } else {
                return new Rejection(Reason.WRONG_TYPE,
                        "field " + field.name() + "[" + count + "]: found " + kind(parser) + ", a number is needed");
            }
            if (count < field.width()) {
                into.numbers[field.offset() + count] = number;
            }
            count++;
        }
        return count == field.width()
                ? null
                : new Rejection(Reason.WRONG_WIDTH,
                        "field " + field.name() + ": found an array of " + count + " values, " + field.width() + " are needed");
    }

    private static Rejection wrongType(JsonParser parser, RecordSchema.Field field) {
        String needed = field.array()
                ? "an array of " + field.width() + " numbers is"
                : field.number() ? "a number is" : "a text, number or boolean is";
        return new Rejection(Reason.WRONG_TYPE, "field " + field.name() + ": found " + kind(parser) + ", " + needed + " needed");
    }

    private static String kind(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "the text \"" + shorten(parser.getString(), SHOWN) + "\"";
            case VALUE_NULL -> "null";
            case VALUE_TRUE, VALUE_FALSE -> "the boolean " + parser.getString();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + shorten(parser.getString(), SHOWN);
            default -> parser.currentToken().toString();
        };
    }

    private static long byteOffset(@Nullable TokenStreamLocation location) {
        return location == null ? -1 : location.getByteOffset();
    }

    private static String shorten(@Nullable String text, int length) {
        if (text == null) {
            return "";
        }
        return text.length() <= length ? text : text.substring(0, length) + "…";
    }
}
