package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void countsEachStridedNumberOnceAndLeavesOutWhatIsNone() {
        Histogram histogram = Histogram.of(new float[]{ 9, 0, 9, 1, 9, Float.NaN, 9, 2, 9, Float.NEGATIVE_INFINITY, 9, 4}, 1, 2, 4);
        assertThat(histogram.count()).isEqualTo(4);
        assertThat(histogram.least()).isZero();
        assertThat(histogram.greatest()).isEqualTo(4);
        assertThat(histogram.bins()).containsExactly(1, 1, 1, 1);
        assertThat(histogram.mean()).isEqualTo(1.75);
        assertThat(histogram.deviation()).isCloseTo(Math.sqrt(2.1875), within(1e-12));
    }

    @Test
    void hasOneFullBinForEqualNumbersAndNoneForNoNumbers() {
        assertThat(Histogram.of(new float[]{ 3, 3}, 0, 1, 3).bins()).containsExactly(2, 0, 0);
        assertThat(Histogram.of(new float[]{ Float.NaN}, 0, 1, 3).bins()).isEmpty();
    }

    @Test
    void takesTheLargestNumbers() {
        Histogram histogram = Histogram.of(new float[]{ -Float.MAX_VALUE, Float.MAX_VALUE, 0}, 0, 1, 3);
        assertThat(histogram.bins()).containsExactly(1, 1, 1);
        assertThat(histogram.deviation()).isFinite();
    }
}
