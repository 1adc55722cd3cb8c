package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.learn.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.OptionalDouble;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LearnerCommandTest {
    private final LearnerCommandReader reader = new LearnerCommandReader();

    static LearnerCommand[] commands() {
        return new LearnerCommand[]{ new LearnerCommand.Freeze(), new LearnerCommand.Unfreeze(), new LearnerCommand.TakeSnapshot(),
                new LearnerCommand.Reset(), new LearnerCommand.RollBack(0), new LearnerCommand.RollBack(Long.MAX_VALUE),
                new LearnerCommand.SetLearningRate(OptionalDouble.empty()), new LearnerCommand.SetLearningRate(OptionalDouble.of(0)),
                new LearnerCommand.SetLearningRate(OptionalDouble.of(0.25))};
    }

    /** Found by fuzzing: more digits than a double can hold. */
    @Test
    void aRateOfFourHundredDigitsIsRefused() {
        Rejection rejection = read("{\"command\":\"set_learning_rate\",\"learning_rate\":" + "1".repeat(400) + "}");
        assertThat(rejection).isNotNull();
        assertThat(rejection.detail()).contains("a number from 0").hasSizeLessThan(300);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void whatIsSentIsRead(LearnerCommand command) {
        assertThat(read(command.json().toString())).isNull();
        assertThat(reader.command()).isEqualTo(command);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "{|malformed|not JSON", "''|not_an_object|found", "{}{}|malformed|not JSON",
            "{\"command\":\"freeze\",\"command\":\"reset\"}|malformed|not JSON", "[\"freeze\"]|not_an_object|a JSON object is needed",
            "{}|invalid_command|one of freeze", "{\"command\":3}|invalid_command|one of freeze",
            "{\"command\":\"frezee\"}|invalid_command|found {\"command\":\"frezee\"}",
            "{\"command\":\"reset\",\"version\":3}|invalid_command|no field but command",
            "{\"command\":\"set_learning_rate\"}|invalid_command|learning_rate is needed",
            "{\"command\":\"set_learning_rate\",\"learning_rate\":-1}|invalid_command|a number from 0",
            "{\"command\":\"set_learning_rate\",\"learning_rate\":1e60}|invalid_command|a number from 0",
            "{\"command\":\"set_learning_rate\",\"learning_rate\":1e9991}|invalid_command|a number from 0",
            "{\"command\":\"set_learning_rate\",\"learning_rate\":\"1\"}|invalid_command|a number from 0",
            "{\"command\":\"rollback\",\"version\":1.5}|invalid_command|a whole number from 0",
            "{\"command\":\"rollback\",\"version\":-1}|invalid_command|a whole number from 0",
            "{\"command\":\"rollback\",\"version\":99999999999999999999}|invalid_command|a whole number from 0"})
    void anythingElseIsRefusedWithAReason(String json, String reason, String detail) {
        Rejection rejection = read(json);
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason().id()).isEqualTo(reason);
        assertThat(rejection.detail()).contains(detail).hasSizeLessThan(300);
    }

    @Property(tries = 1000)
    void anyBytesAreRefused(@ForAll @Size(max = 100) byte[] bytes) {
        assertThat(reader.read(bytes)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({ "[, 100000", "{\"a\":, 100000", "9, 100000"})
    void deepAndLongOnesAreRefusedToo(String part, int times) {
        assertThat(read(part.repeat(times))).isNotNull();
        assertThat(read("{\"command\":\"rollback\",\"version\":" + part.repeat(times) + "}")).isNotNull();
    }

    private Rejection read(String json) {
        return reader.read(json.getBytes(StandardCharsets.UTF_8));
    }
}
