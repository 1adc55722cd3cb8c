package dev.millrace.stream;

import dev.millrace.learn.RawRecord;
import dev.millrace.learn.Reason;
import dev.millrace.learn.RecordSchema;
import dev.millrace.learn.Rejection;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.BufferRecycler;
import tools.jackson.core.util.RecyclerPool;

/**
 * Reads the fields of a {@link RecordSchema} out of JSON, without a tree. A record is a flat object, or an array of rows; a row
 * is such an object, or an array of the fields' values in the order of the schema, in which the label, the last, may be left
 * out. Unknown fields are skipped; of a field that stands twice the last value counts. One decoder serves one thread.
 */
public final class JsonRecordDecoder implements RecordDecoder {
    private static final int SHOWN = 60;

    private final JsonFactory factory = JsonFactory.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .recyclerPool(new OwnBuffers())
            .build();
    private final RecordSchema.Field[] fields;
    private final Map<String, RecordSchema.Field> byName = new HashMap<>();
    private final SerializedString[] names; // by slot
    /** Fields in the order of the last record: producers rarely change it, so a name is usually met where it is expected. */
    private final RecordSchema.Field[] expected;

    /** A decoder of these fields. */
    public JsonRecordDecoder(RecordSchema schema) {
        fields = schema.fields().toArray(new RecordSchema.Field[0]);
        expected = fields.clone();
        names = new SerializedString[fields.length];
        for (RecordSchema.Field field : fields) {
            byName.put(field.name(), field);
            names[field.slot()] = new SerializedString(field.name());
        }
    }

    /**
     * Decodes one object.
     *
     * @param value UTF-8
     * @param into cleared, then filled
     * @return why the value cannot be used, or null
     */
    public @Nullable Rejection decode(byte[] value, RawRecord into) {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), value)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return notAnObject(parser, "a JSON object is");
            }
            Rejection rejection = object(parser, into);
            return rejection != null ? rejection : rest(parser);
        } catch (JacksonException e) {
            return notJson(e);
        }
    }

    @Override
    public @Nullable Rejection decode(byte[] value, RecordExamples into) {
        into.begin(false);
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), value)) {
            JsonToken first = parser.nextToken();
            if (first == JsonToken.START_ARRAY) {
                Rejection rejection = rows(parser, into);
                return rejection != null ? rejection : rest(parser);
            }
            if (first != JsonToken.START_OBJECT) {
                return notAnObject(parser, "a JSON object, or an array of them, is");
            }
            Rejection rejection = object(parser, into.row());
            if (rejection == null) {
                rejection = rest(parser);
            }
            return rejection != null ? rejection : into.add();
        } catch (JacksonException e) {
            return notJson(e);
        }
    }

    private @Nullable Rejection rows(JsonParser parser, RecordExamples into) {
        into.begin(true);
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            Rejection rejection;
            if (token == JsonToken.START_OBJECT) {
                rejection = object(parser, into.row());
            } else if (token == JsonToken.START_ARRAY) {
                rejection = values(parser, into.row());
            } else {
                rejection = new Rejection(Reason.NOT_AN_OBJECT, "found " + kind(parser) + ", an object or an array of values is needed");
            }
            if (rejection != null) {
                return into.inRow(rejection);
            }
            rejection = into.add();
            if (rejection != null) {
                return rejection;
            }
        }
        return into.count() > 0 ? null : new Rejection(Reason.WRONG_WIDTH, "found an array of no rows, at least 1 is needed");
    }

    private @Nullable Rejection object(JsonParser parser, RawRecord into) {
        into.clear();
        int next = 0;
        while (true) {
            RecordSchema.Field field;
            if (next < expected.length && parser.nextName(names[expected[next].slot()])) {
                field = expected[next++];
                parser.nextToken();
            } else {
                if (next == expected.length) {
                    parser.nextName();
                }
                if (parser.currentToken() != JsonToken.PROPERTY_NAME) {
                    return null;
                }
                field = byName.get(parser.currentName());
                parser.nextToken();
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
    }

    private @Nullable Rejection values(JsonParser parser, RawRecord into) {
        into.clear();
        int count = 0;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (count < fields.length) {
                Rejection rejection = read(parser, fields[count], into);
                if (rejection != null) {
                    return rejection;
                }
            } else {
                parser.skipChildren();
            }
            count++;
        }
        return count == fields.length || count == fields.length - 1
                ? null
                : new Rejection(Reason.WRONG_WIDTH, "found an array of " + count + " values, " + (fields.length - 1) + " are needed, or "
                        + fields.length + " with the label");
    }

    private static @Nullable Rejection rest(JsonParser parser) {
        return parser.nextToken() == null
                ? null
                : new Rejection(Reason.MALFORMED, "something follows the JSON value at byte " + byteOffset(parser.currentTokenLocation()));
    }

    private static Rejection notAnObject(JsonParser parser, String needed) {
        return parser.currentToken() == null
                ? new Rejection(Reason.MALFORMED, "the value is empty, " + needed + " needed")
                : new Rejection(Reason.NOT_AN_OBJECT, "found " + kind(parser) + ", " + needed + " needed");
    }

    private static Rejection notJson(JacksonException e) {
        return new Rejection(Reason.MALFORMED,
                "not JSON at byte " + byteOffset(e.getLocation()) + ": " + shorten(e.getOriginalMessage(), 200));
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
            double number = number(parser, token);
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
                number = number(parser, token);
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

    private static double number(JsonParser parser, JsonToken token) {
        if (token == JsonToken.VALUE_NUMBER_FLOAT) {
            double number = ShortDecimal.parse(parser.getStringCharacters(), parser.getStringOffset(), parser.getStringLength());
            if (!Double.isNaN(number)) {
                return number;
            }
        }
        return parser.getDoubleValue();
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

    /** The buffers of one thread's parser: measured, looking them up in a queue or by thread takes 4 % of a record's time. */
    @SuppressWarnings("serial") // Jackson's interface is serializable; a decoder is not.
    private static final class OwnBuffers implements RecyclerPool<BufferRecycler> {
        private final BufferRecycler buffers = new BufferRecycler();

        @Override
        public BufferRecycler acquirePooled() {
            return buffers;
        }

        @Override
        public BufferRecycler acquireAndLinkPooled() {
            return buffers;
        }

        @Override
        public void releasePooled(BufferRecycler released) {
            // It is the only one.
        }
    }
}
