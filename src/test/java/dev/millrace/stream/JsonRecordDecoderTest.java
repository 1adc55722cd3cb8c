package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.Reason;
import dev.millrace.learn.RecordSchema;
import dev.millrace.learn.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonRecordDecoderTest {
    private final RecordSchema schema = new OnlineLearner(Specs.REGRESSION).schema();
    private final RawRecord raw = schema.newRecord();
    private final JsonRecordDecoder decoder = new JsonRecordDecoder(schema);

    @Test
    void readsKnownFieldsInAnyOrderAndSkipsOthers() {
        for (String json : new String[]{ "{\"x\":1.5,\"z\":2,\"v\":[1,2,3],\"y\":-4e0}",
                "{\"y\":-4,\"unknown\":{\"x\":9,\"deep\":[[1]]},\"v\":[1.0,2e0,3],\"z\":2.0,\"x\":1.5,\"more\":\"x\"}",
                " \n{ \"v\" : [1,2,3], \"x\":99, \"x\":1.5, \"z\":2, \"y\":-4 }\n"}) {
            assertThat(decode(json)).as(json).isNull();
            assertThat(numbers()).as(json).containsEntry("x", 1.5).containsEntry("z", 2.0).containsEntry("y", -4.0);
            RecordSchema.Field v = field("v");
            assertThat(raw.numbers[v.offset() + 2]).isEqualTo(3);
        }
    }

    @Test
    void nullAndAbsentAreTheSame() {
        assertThat(decode("{\"x\":null,\"z\":1}")).isNull();
        assertThat(numbers().get("x")).isNaN();
        assertThat(numbers().get("y")).isNaN();
    }

    @Test
    void aValueOfThePreviousRecordNeverStays() {
        decode("{\"x\":1,\"z\":2,\"v\":[1,2,3],\"y\":4}");
        decode("{}");
        assertThat(raw.numbers).containsOnly(Double.NaN);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "`` | MALFORMED | empty",
            "`{` | MALFORMED | not JSON",
            "`{\"x\":1}}` | MALFORMED | not JSON",
            "`{\"x\":1} {}` | MALFORMED | follows",
            "`{\"x\":NaN}` | MALFORMED | not JSON",
            "`hello` | MALFORMED | not JSON",
            "`[1,2]` | NOT_AN_OBJECT | an array",
            "`17` | NOT_AN_OBJECT | the number 17",
            "`null` | NOT_AN_OBJECT | null",
            "`{\"x\":\"abc\"}` | WRONG_TYPE | field x: found the text \"abc\", a number is needed",
            "`{\"x\":true}` | WRONG_TYPE | field x: found the boolean true",
            "`{\"x\":{}}` | WRONG_TYPE | field x: found an object",
            "`{\"x\":[1]}` | WRONG_TYPE | field x: found an array",
            "`{\"v\":1}` | WRONG_TYPE | field v: found the number 1, an array of 3 numbers is needed",
            "`{\"v\":[1,2]}` | WRONG_WIDTH | field v: found an array of 2 values, 3 are needed",
            "`{\"v\":[1,2,3,4]}` | WRONG_WIDTH | 4 values",
            "`{\"v\":[1,\"a\",3]}` | WRONG_TYPE | field v[1]: found the text \"a\""})
    void saysWhyARecordCannotBeRead(String json, Reason reason, String detail) {
        Rejection rejection = decode(json);
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo(reason);
        assertThat(rejection.detail()).contains(detail);
    }

    @Test
    void longAndDeepValuesAreRefusedWithShortDetails() {
        assertThat(decode("{\"x\":\"" + "a".repeat(900_000) + "\"}").detail()).hasSizeLessThan(200);
        assertThat(decode("{\"unknown\":\"" + "a".repeat(900_000) + "\",\"x\":1}")).isNull();
        Rejection deep = decode("{\"u\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
        assertThat(deep.reason()).isEqualTo(Reason.MALFORMED);
        assertThat(decode("{\"x\":" + "1".repeat(5_000) + "}").reason()).isEqualTo(Reason.MALFORMED);
    }

    @Property(tries = 2000)
    void bytesAreReadOrRefusedAndNeverThrow(@ForAll @Size(max = 200) byte[] bytes) {
        Rejection rejection = decoder.decode(bytes, raw);
        assertThat(rejection == null || !rejection.detail().isEmpty()).isTrue();
    }

    private @Nullable Rejection decode(String json) {
        return decoder.decode(json.getBytes(StandardCharsets.UTF_8), raw);
    }

    private RecordSchema.Field field(String name) {
        return schema.fields().stream().filter(field -> field.name().equals(name)).findFirst().orElseThrow();
    }

    private Map<String, Double> numbers() {
        return schema.fields().stream().collect(Collectors.toMap(RecordSchema.Field::name, field -> raw.numbers[field.offset()]));
    }
}
