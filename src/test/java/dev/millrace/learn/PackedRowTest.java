package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackedRowTest {
    @Test
    void fieldsLieInTheOrderOfTheSchemaWithTheLabelLast() {
        OnlineLearner learner = Learners
                .with(List.of(new Feature.Ratio("r", "a", "b"), new Feature.Vector("v", "v", 3), new Feature.Pick("c", "c")))
                .learner();
        PackedRow row = new PackedRow(learner.spec(), learner.schema());
        assertThat(learner.schema().fields()).extracting(RecordSchema.Field::name).containsExactly("a", "b", "v", "c", "y");
        assertThat(row.width()).isEqualTo(7);
        assertThat(row.featureWidth()).isEqualTo(6);
        RawRecord raw = learner.schema().newRecord();
        row.read(packed(1, 2, 3, 4, 5, 6, 7), 0, true, raw);
        assertThat(raw.numbers).containsExactly(1, 2, 3, 4, 5, 6, 7);
        row.read(packed(9, 1, 2, Float.NaN, 4, 5, 6), 4, false, raw);
        assertThat(raw.numbers).containsExactly(1, 2, Double.NaN, 4, 5, 6, Double.NaN);
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        OnlineLearner learner = Learners.with(List.of(new Feature.Pick("a", "a"), new Feature.OneHot("o", "o", List.of("x", "y"))))
                .classes("3", "5").learner();
        PackedRow row = new PackedRow(learner.spec(), learner.schema());
        RawRecord raw = learner.schema().newRecord();
        RecordSchema.Field category = learner.schema().field("o");
        RecordSchema.Field label = learner.schema().field("y");
        raw.numbers[0] = 0.25;
        raw.texts[category.slot()] = "y";
        raw.texts[label.slot()] = "5";
        byte[] bytes = row.write(raw);
        assertThat(bytes).isEqualTo(packed(0.25f, 1, 5));
        RawRecord again = learner.schema().newRecord();
        row.read(bytes, 0, true, again);
        assertThat(again.texts).isEqualTo(raw.texts);
        assertThat(again.numbers[0]).isEqualTo(0.25);
        raw.texts[label.slot()] = null;
        assertThat(row.write(raw)).hasSize(8);
    }

    @Test
    void aNumberThatIsNoWordIsUnknown() {
        OnlineLearner learner = Learners.with(List.of(new Feature.OneHot("o", "o", List.of("x", "y")))).classes("a", "b").learner();
        PackedRow row = new PackedRow(learner.spec(), learner.schema());
        RawRecord raw = learner.schema().newRecord();
        Example example = learner.newExample();
        for (float unknown : new float[]{ 2, -1, 0.5f, 1e30f, Float.NEGATIVE_INFINITY}) {
            row.read(packed(unknown, 1), 0, true, raw);
            assertThat(learner.encode(raw, example)).isNull();
            assertThat(example.features).containsExactly(0, 0);
            row.read(packed(0, unknown), 0, true, raw);
            assertThat(learner.encode(raw, example).reason()).isEqualTo(Reason.UNKNOWN_CLASS);
        }
    }

    @Test
    void aFieldThatWouldHaveToBeTwoNumbersIsRefused() {
        OnlineLearner both = Learners.with(List.of(new Feature.Pick("n", "o"), new Feature.OneHot("o", "o", List.of("x", "y")))).learner();
        assertThatThrownBy(() -> new PackedRow(both.spec(), both.schema())).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the field o");
        OnlineLearner numbers = Learners.with(List.of(new Feature.Pick("n", "o"), new Feature.OneHot("o", "o", List.of("1", "2"))))
                .learner();
        assertThat(new PackedRow(numbers.spec(), numbers.schema()).width()).isEqualTo(2);
    }

    private static byte[] packed(float... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : numbers) {
            bytes.putFloat(number);
        }
        return bytes.array();
    }
}
