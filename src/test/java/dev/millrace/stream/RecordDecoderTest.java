package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.RecordFormat;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.PackedRow;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records of one and of several rows, in both formats; the learner reads x, z, v[3] and the label y. */
class RecordDecoderTest {
    private final OnlineLearner learner = new OnlineLearner(Specs.REGRESSION);
    private final RecordExamples examples = new RecordExamples(learner);
    private final RecordDecoder json = RecordDecoder.of(RecordFormat.JSON, learner);
    private final RecordDecoder packed = RecordDecoder.of(RecordFormat.FLOAT32, learner);

    @Test
    void rowsAreObjectsOrArraysInTheOrderOfTheSchema() {
        List<String> predictions = new ArrayList<>();
        for (String rows : List.of("[{\"x\":1,\"z\":2,\"v\":[3,4,5]},{\"v\":[9,8,7],\"z\":4,\"x\":3}]", "[[1,2,[3,4,5]],[3,4,[9,8,7]]]",
                "[[1,2,[3,4,5],null], {\"x\":3,\"z\":4,\"v\":[9,8,7],\"y\":null}]")) {
            assertThat(decode(rows)).isNull();
            assertThat(examples.count()).isEqualTo(2);
            assertThat(examples.ofRows()).isTrue();
            assertThat(examples.labelled()).isFalse();
            predictions.add(answer());
        }
        assertThat(decode(packed(1, 2, 3, 4, 5, Float.NaN, 3, 4, 9, 8, 7, Float.NaN))).isNull();
        predictions.add(answer());
        assertThat(predictions).hasSize(4).containsOnly(predictions.getFirst());
        assertThat(predictions.getFirst()).matches("\\{\"model\":\"m\",\"version\":0,\"predictions\":\\[-?[0-9.E-]+,-?[0-9.E-]+]}");
    }

    @Test
    void onePackedRowIsOneExampleWithOrWithoutItsLabel() {
        assertThat(decode(packed(1, 2, 3, 4, 5))).isNull();
        assertThat(examples.labelled()).isFalse();
        assertThat(examples.ofRows()).isFalse();
        assertThat(decode(packed(1, 2, 3, 4, 5, Float.NaN))).isNull();
        assertThat(examples.labelled()).isFalse();
        assertThat(decode(packed(1, 2, 3, 4, 5, 6))).isNull();
        assertThat(examples.labelled()).isTrue();
        assertThat(examples.count()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "`[]` | WRONG_WIDTH | found an array of no rows",
            "`[[]]` | WRONG_WIDTH | row 0: found an array of 0 values, 3 are needed, or 4 with the label",
            "`[[1,2,[3,4,5]],[1,2,[3,4,5],6,7]]` | WRONG_WIDTH | row 1: found an array of 5 values",
            "`[1,2]` | NOT_AN_OBJECT | row 0: found the number 1",
            "`[[1,2,[3,4,5],6],[1,2,[3,4,5]]]` | MIXED_LABELS | row 1: it has no label",
            "`[[1,2,[3,4,5]],{\"x\":1,\"z\":2,\"v\":[3,4,5],\"y\":0}]` | MIXED_LABELS | row 1: it has a label",
            "`[[1,2,[3,4,5]],[1,0,[3,4,5]]]` | NON_FINITE | row 1: feature x_per_z",
            "`[[1,2,[3,4,5]],[1,\"a\",[3,4,5]]]` | WRONG_TYPE | row 1: field z: found the text",
            "`[[1,2,[3,4,5]],[null,1,[3,4,5]]]` | MISSING_FEATURE | row 1: feature x",
            "`[[1,2,[3,4,5]]` | MALFORMED | not JSON",
            "`[[1,2,[3,4,5]]]]` | MALFORMED | not JSON",
            "`[[1,2,[3,4,5]]] 1` | MALFORMED | follows"})
    void aBadRowRefusesTheWholeRecordAndIsNamed(String rows, Reason reason, String detail) {
        Rejection rejection = decode(rows);
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo(reason);
        assertThat(rejection.detail()).contains(detail);
    }

    @ParameterizedTest
    @ValueSource(ints = { 0, 1, 19, 21, 23, 25, 40, 44})
    void anyOtherNumberOfBytesIsRefused(int bytes) {
        Rejection rejection = decode(new byte[bytes]);
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo(Reason.WRONG_WIDTH);
        assertThat(rejection.detail()).isEqualTo("found " + bytes + " bytes; a record has 20 (5 float32 numbers without a label) or a"
                + " multiple of 24 (rows of 6 with the label's place)");
    }

    @Test
    void packedNumbersAreCheckedLikeOthers() {
        assertThat(decode(packed(Float.NaN, 2, 3, 4, 5)).reason()).isEqualTo(Reason.MISSING_FEATURE);
        assertThat(decode(packed(1, 2, 3, Float.POSITIVE_INFINITY, 5)).reason()).isEqualTo(Reason.NON_FINITE);
        Rejection second = decode(packed(1, 2, 3, 4, 5, 6, 1, 0, 3, 4, 5, 6));
        assertThat(second.reason()).isEqualTo(Reason.NON_FINITE);
        assertThat(second.detail()).startsWith("row 1: feature x_per_z");
        assertThat(decode(packed(1, 2, 3, 4, 5, Float.NaN, 1, 1, 3, 4, 5, 6)).reason()).isEqualTo(Reason.MIXED_LABELS);
    }

    @Property(tries = 500)
    void aPackedRecordIsWhatItsJsonIs(@ForAll @Size(6) float[] numbers) {
        StringBuilder text = new StringBuilder("[[");
        for (int i = 0; i < numbers.length; i++) {
            String number = Float.isNaN(numbers[i])
                    ? "null"
                    : Float.isInfinite(numbers[i]) ? (numbers[i] > 0 ? "1e999" : "-1e999") : Double.toString(numbers[i]);
            text.append(i == 0 ? "" : ",").append(i == 2 ? "[" : "").append(number).append(i == 4 ? "]" : "");
        }
        Rejection fromJson = decode(text.append("]]").toString());
        RecordExamples twin = new RecordExamples(learner);
        Rejection fromPacked = packed.decode(packed(numbers), twin);
        assertThat(fromPacked == null).isEqualTo(fromJson == null);
        if (fromPacked == null) {
            assertThat(twin.labelled()).isEqualTo(examples.labelled());
            float[] one = new float[1];
            float[] other = new float[1];
            learner.predict(twin.get(0), one);
            learner.predict(examples.get(0), other);
            assertThat(one).isEqualTo(other);
        } else {
            assertThat(fromPacked.reason()).isEqualTo(fromJson.reason());
        }
    }

    @Property(tries = 1000)
    void anyBytesAreReadOrRefused(@ForAll @Size(max = 120) byte[] bytes) {
        assertThat(decode(bytes) == null || examples.count() >= 0).isTrue();
        Rejection rejection = json.decode(bytes, examples);
        assertThat(rejection == null || !rejection.detail().isEmpty()).isTrue();
    }

    @Test
    void aRowTooManyIsRefusedBeforeItTakesMemory() {
        OnlineLearner wide = new OnlineLearner(Specs.wide(1 << 18));
        RecordExamples few = new RecordExamples(wide);
        PackedRow row = new PackedRow(wide.spec(), wide.schema());
        RawRecord raw = wide.schema().newRecord();
        java.util.Arrays.fill(raw.numbers, 1);
        byte[] one = row.write(raw);
        byte[] many = new byte[65 * one.length];
        for (int i = 0; i < 65; i++) {
            System.arraycopy(one, 0, many, i * one.length, one.length);
        }
        Rejection rejection = RecordDecoder.of(RecordFormat.FLOAT32, wide).decode(many, few);
        assertThat(rejection).isEqualTo(new Rejection(Reason.WRONG_WIDTH, "found more than 64 rows, which is what a record may have"));
    }

    private @Nullable Rejection decode(String text) {
        return json.decode(text.getBytes(StandardCharsets.UTF_8), examples);
    }

    private @Nullable Rejection decode(byte[] bytes) {
        return packed.decode(bytes, examples);
    }

    private String answer() {
        byte[] answer = new AnswerWriter("m", learner.spec().label()).answer(examples, learner::predict, 0);
        return new String(answer, StandardCharsets.UTF_8);
    }

    private static byte[] packed(float... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : numbers) {
            bytes.putFloat(number);
        }
        return bytes.array();
    }
}
