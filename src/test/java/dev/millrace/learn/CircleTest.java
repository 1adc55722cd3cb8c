package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CircleTest {
    @Test
    void agreesWithStrictMath() {
        for (double turns = -1; turns <= 1; turns += 1 / 4093.0) {
            assertThat(Circle.sine(turns)).isCloseTo(StrictMath.sin(2 * Math.PI * turns), within(1e-15));
            assertThat(Circle.cosine(turns)).isCloseTo(StrictMath.cos(2 * Math.PI * turns), within(1e-15));
        }
    }

    @Test
    void isExactAtTheQuarters() {
        for (int quarters = -4; quarters <= 4; quarters++) {
            assertThat(Circle.sine(quarters / 4.0)).isEqualTo(Math.rint(Math.sin(quarters * Math.PI / 2)) + 0.0);
            assertThat(Circle.cosine(quarters / 4.0)).isEqualTo(Math.rint(Math.cos(quarters * Math.PI / 2)) + 0.0);
        }
    }
}
