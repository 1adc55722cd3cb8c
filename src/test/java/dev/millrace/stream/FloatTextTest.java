package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class FloatTextTest {
    private final byte[] bytes = new byte[FloatText.MAX_LENGTH];

    private String text(float value) {
        return new String(bytes, 0, FloatText.write(value, bytes, 0), StandardCharsets.US_ASCII);
    }

    private void assertAsTheJdkWrites(float value) {
        if (FloatText.fits(value)) {
            assertThat(text(value)).isEqualTo(Float.toString(value));
        }
    }

    /** A prime stride, so that all exponents and all kinds of mantissas are met: about two million. */
    @Test
    void writesWhatTheJdkWrites() {
        for (int bits = Float.floatToIntBits(1e-3f); bits < Float.floatToIntBits(1e7f); bits += 131) {
            float value = Float.intBitsToFloat(bits);
            if (!text(value).equals(Float.toString(value))) {
                assertThat(text(value)).isEqualTo(Float.toString(value));
            }
        }
    }

    @Test
    void writesPowersAndTheirNeighbours() {
        for (int exponent = -10; exponent < 24; exponent++) {
            assertNeighbours(Math.scalb(1f, exponent));
        }
        for (int exponent = -3; exponent < 7; exponent++) {
            for (int digit = 1; digit < 10; digit++) {
                assertNeighbours(Float.parseFloat(digit + "e" + exponent));
            }
        }
        assertNeighbours(9_999_999f);
        assertNeighbours(0.1f + 0.2f);
    }

    private void assertNeighbours(float value) {
        for (float near : new float[]{ value, Math.nextUp(value), Math.nextDown(value)}) {
            assertAsTheJdkWrites(near);
            assertAsTheJdkWrites(-near);
        }
    }

    @Property
    void writesShortDecimals(@ForAll int digits) {
        for (double scale : new double[]{ 1, 10, 1e2, 1e3, 1e4, 1e5}) {
            assertAsTheJdkWrites((float) (digits % 100_000 / scale));
        }
    }

    @Test
    void leavesWhatHasAnExponentToTheJdk() {
        for (float value : new float[]{ 0, -0f, 1e7f, Math.nextDown(1e-3f), Float.NaN, Float.POSITIVE_INFINITY, Float.MIN_VALUE}) {
            assertThat(FloatText.fits(value)).isFalse();
        }
    }
}
