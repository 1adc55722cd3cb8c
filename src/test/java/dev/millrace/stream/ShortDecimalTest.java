package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShortDecimalTest {
    @Property(tries = 5000)
    void readsWhatTheJdkReads(@ForAll @LongRange(min = -900_000_000_000_000L, max = 900_000_000_000_000L) long digits,
            @ForAll @IntRange(min = 0, max = 22) int scale) {
        String text = BigDecimal.valueOf(digits, scale).toPlainString();
        assertThat(Double.doubleToRawLongBits(parse(text))).isEqualTo(Double.doubleToRawLongBits(Double.parseDouble(text)));
    }

    @Property(tries = 5000)
    void leavesTheRestOrIsRight(@ForAll @BigRange(min = "-1e25", max = "1e25") @Scale(30) BigDecimal number) {
        double parsed = parse(number.toPlainString());
        assertThat(Double.isNaN(parsed) || parsed == number.doubleValue()).as(number.toPlainString()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "0", "-0", "-0.0", "0.10", "9007199254740989", "-122.05", "0.00000000000000000001"})
    void readsShortOnes(String text) {
        assertThat(Double.doubleToRawLongBits(parse(text))).isEqualTo(Double.doubleToRawLongBits(Double.parseDouble(text)));
    }

    @ParameterizedTest
    @ValueSource(strings = { "1e3", "1.5E-7", "90071992547409910", "0.12345678901234567890", "0.00000000000000000000001"})
    void leavesLongOnesToOthers(String text) {
        assertThat(parse(text)).isNaN();
    }

    private static double parse(String text) {
        return ShortDecimal.parse(("xx" + text + "9").toCharArray(), 2, text.length());
    }
}
