package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.learn.RecordSchema.Field;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordSchemaTest {
    @Test
    void listsEachFieldOnceInTheOrderOfItsFirstUseAndTheLabelLast() {
        RecordSchema schema = Learners.with(List.of(new Feature.Pick("a", "a"), new Feature.Vector("v", "v", 3),
                new Feature.Ratio("r", "b", "a"), new Feature.OneHot("c", "c", List.of("x")))).learner().schema();
        assertThat(schema.fields()).containsExactly(new Field("a", 0, true, false, false, false, 0, 1),
                new Field("v", 1, true, false, false, true, 1, 3), new Field("b", 2, true, false, false, false, 4, 1),
                new Field("c", 3, false, true, false, false, 5, 1), new Field("y", 4, true, false, true, false, 6, 1));
    }

    @Test
    void wantsAFieldAsNumberAndTextIfFeaturesUseItAsBoth() {
        RecordSchema schema = Learners.with(List.of(new Feature.Pick("n", "hour"), new Feature.OneHot("t", "hour", List.of("1", "2"))))
                .learner()
                .schema();
        assertThat(schema.fields().getFirst()).isEqualTo(new Field("hour", 0, true, true, false, false, 0, 1));
    }

    @Test
    void makesRecordsInWhichEverythingIsAbsent() {
        RawRecord record = Learners.with(new Feature.Vector("v", "v", 3)).learner().schema().newRecord();
        assertThat(record.numbers).hasSize(4).containsOnly(Double.NaN);
        assertThat(record.texts).hasSize(2).containsOnlyNulls();
    }

    @Test
    void refusesTheLabelAsAFeature() {
        assertThatThrownBy(() -> Learners.with(new Feature.Pick("a", "y")).learner()).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("label's field y");
    }

    @Test
    void refusesAFieldThatIsBothAnArrayAndANumber() {
        assertThatThrownBy(
                () -> Learners.with(List.of(new Feature.Vector("v", "a", 3), new Feature.Pick("p", "a"))).learner())
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("an array of 3 and a single value");
    }
}
