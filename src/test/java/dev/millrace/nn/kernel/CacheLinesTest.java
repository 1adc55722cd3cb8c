package dev.millrace.nn.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CacheLinesTest {
    private final CacheLines lines = new CacheLines();

    @Test
    void linesAreSixteenFloatsApart() {
        float[] a = new float[100];
        int first = lines.next(a, 0);
        for (int index = 0; index < 64; index++) {
            int next = lines.next(a, index);
            assertThat(next).isBetween(0, 15);
            assertThat((index + next - first) % 16).isZero();
        }
    }

    @Test
    void aLineIsSixtyFourBytes() {
        assertThat(CacheLines.before(0)).isZero();
        assertThat(CacheLines.before(4)).isEqualTo(15);
        assertThat(CacheLines.before(0x7f00_0000_0010L)).isEqualTo(12);
        assertThat(CacheLines.before(0x7f00_0000_003cL)).isEqualTo(1);
        assertThat(CacheLines.before(0x7f00_0000_0040L)).isZero();
    }

    @Test
    void arraysBeginAnywhere() {
        assertThat(CacheLines.class.getModule().isNativeAccessEnabled()).as("--enable-native-access").isTrue();
        Set<Integer> distances = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            distances.add(lines.next(new float[i % 16 + 1], 0));
        }
        assertThat(distances).hasSizeGreaterThan(4);
    }
}
