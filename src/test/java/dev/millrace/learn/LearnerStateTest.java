package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.learn.LearnerState.Section;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class LearnerStateTest {
    private final OnlineLearner learner = Learners.picking(3).hidden(5).optimizer(Learners.adam(0.01f)).batchSize(3).learner();

    private Section section(String name) {
        return learner.state().sections().stream().filter(section -> section.name().equals(name)).findFirst().orElseThrow();
    }

    private ByteBuffer bytes(String name) {
        byte[] bytes = new byte[section(name).byteLength()];
        section(name).write(0, bytes.length, bytes, 0);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void listsItsSectionsSmallOnesFirst() {
        assertThat(learner.state().sections()).extracting(Section::name).containsExactly("counters", "scaler", "outliers",
                "step_guard", "evaluation", "steering",
                "pending/features", "pending/targets", "parameters", "slot/momentum", "slot/velocity");
        assertThat(learner.state().sections()).filteredOn(Section::changesByStepOnly).extracting(Section::name)
                .containsExactly("parameters", "slot/momentum", "slot/velocity");
        assertThat(learner.state().sections())
                .allSatisfy(section -> assertThat(section.byteLength()).isPositive().matches(length -> length % 8 == 0));
    }

    @Test
    void writesNumbersLittleEndianAndZeroBehindAnOddLastOne() {
        learner.learn(Learners.example(learner, new float[]{ 1, 2, 3}, 7), 123);
        assertThat(bytes("pending/features").getFloat(4)).isEqualTo(2);
        assertThat(bytes("pending/features").capacity()).isEqualTo(40);
        assertThat(bytes("pending/features").getInt(36)).isZero();
        assertThat(bytes("scaler").getDouble(3 * 8)).isEqualTo(1);
        assertThat(bytes("counters").getLong(4 * 8)).isEqualTo(123);
        assertThat(bytes("parameters").getFloat(0)).isEqualTo(learner.state().training().parameters()[0]);
    }

    @Test
    void followsTheArraysThatAStepExchanges() {
        for (int i = 1; i <= 9; i++) {
            learner.learn(Learners.example(learner, new float[]{ i, 2, 3}, i), 0);
            float[] written = new float[learner.state().training().parameters().length];
            bytes("parameters").asFloatBuffer().get(written);
            assertThat(written).containsExactly(learner.state().training().parameters());
        }
    }

    @Test
    void changesItsStepSectionsByStepsOnly() {
        ByteBuffer before = bytes("parameters");
        learner.learn(Learners.example(learner, new float[]{ 1, 2, 3}, 1), 0);
        learner.learn(Learners.example(learner, new float[]{ 2, 2, 3}, 2), 0);
        assertThat(bytes("parameters")).isEqualTo(before);
        learner.learn(Learners.example(learner, new float[]{ 3, 2, 3}, 3), 0);
        assertThat(bytes("parameters")).isNotEqualTo(before);
    }

    @Test
    void refusesRangesOutsideAndUnaligned() {
        Section counters = section("counters");
        byte[] bytes = new byte[100];
        assertThatThrownBy(() -> counters.write(0, counters.byteLength() + 8, bytes, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> counters.write(-8, 8, bytes, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> counters.read(0, 8, bytes, 93)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> counters.write(4, 8, bytes, 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("counters");
    }

    @Test
    void refusesCountersThatCannotBe() {
        byte[] three = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(3).array();
        assertThatThrownBy(() -> section("counters").read(3 * 8, 8, three, 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 pending examples");
        byte[] negative = ByteBuffer.allocate(8).putLong(-1).array();
        learner.reset();
        assertThatThrownBy(() -> section("counters").read(0, 8, negative, 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("negative");
    }
}
