package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ScalerTest {
    private static Scaler fed(boolean standardize, float[]... rows) {
        Scaler scaler = new Scaler(rows[0].length, standardize, 1000);
        for (float[] row : rows) {
            scaler.update(row);
        }
        return scaler;
    }

    private static float[] applied(Scaler scaler, float... row) {
        float[] inputs = new float[row.length];
        int width = scaler.width();
        scaler.apply(row, row.length / width, inputs);
        double[] means = IntStream.range(0, width).mapToDouble(scaler::mean).toArray();
        double[] divisors = IntStream.range(0, width).mapToDouble(scaler::divisor).toArray();
        float[] single = new float[width];
        for (int at = 0; at < row.length; at += width) {
            scaler.apply(means, divisors, Arrays.copyOfRange(row, at, at + width), single);
            assertThat(single).as("one example").containsExactly(Arrays.copyOfRange(inputs, at, at + width));
        }
        return inputs;
    }

    @Property(tries = 500)
    void equalsTheTwoPassMeanAndVariance(
            @ForAll @Size(min = 1, max = 32) List<@FloatRange(min = -1e6f, max = 1e6f) Float> values) {
        Scaler scaler = new Scaler(1, true, 1000);
        values.forEach(value -> scaler.update(new float[]{ value}));

        double mean = values.stream().mapToDouble(Float::doubleValue).average().orElseThrow();
        double variance = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).average().orElseThrow();
        double scale = values.stream().mapToDouble(Math::abs).max().orElseThrow();
        assertThat(scaler.count(0)).isEqualTo(values.size());
        assertThat(scaler.mean(0)).isCloseTo(mean, within(1e-13 * scale));
        assertThat(scaler.variance(0)).isCloseTo(variance, within(1e-12 * variance + 1e-26 * scale * scale));
    }

    @Test
    void keepsItsDigitsFarFromZero() {
        List<Float> values = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            values.add(1e7f + i % 2);
        }
        Scaler scaler = new Scaler(1, true, 1000);
        values.forEach(value -> scaler.update(new float[]{ value}));
        assertThat(scaler.variance(0)).isCloseTo(0.25, within(1e-9));
    }

    @Test
    void doesNotBelieveAnAbsurdValueUntilThereIsNothingElse() {
        Scaler scaler = new Scaler(1, true, 50);
        for (int i = 0; i < 1000; i++) {
            scaler.update(new float[]{ i % 2 == 0 ? 9 : 11});
        }
        scaler.update(new float[]{ 1e30f});
        assertThat(scaler.count(0)).isEqualTo(1000);
        float[] inputs = new float[3];
        scaler.applyToBatch(new float[]{ 11, 1e30f, 9}, 3, inputs);
        assertThat(inputs).containsExactly(1, 0, -1);
        assertThat(applied(scaler, 1e30f)[0]).as("answers are not flattered").isGreaterThan(1e29f);
        for (int i = 0; i < 48; i++) {
            scaler.update(new float[]{ 1e6f + i % 2});
        }
        scaler.update(new float[]{ 10});
        assertThat(scaler.mean(0)).as("one good value among them").isEqualTo(10);
        for (int i = 0; i < 50; i++) {
            scaler.update(new float[]{ 1e6f + i % 2});
        }
        assertThat(scaler.mean(0)).as("changed for good").isGreaterThan(1e6 - 1);
    }

    @Test
    void aColumnInAnotherUnitForAWhileLeavesLittleBehind() {
        for (float unit : new float[]{ 100, 1e3f, 1e6f, 1e30f}) {
            Random random = new Random(7);
            Scaler scaler = new Scaler(1, true, 1000);
            for (int i = 0; i < 5000; i++) {
                float value = (float) random.nextGaussian();
                scaler.update(new float[]{ i >= 2000 && i < 2400 ? value * unit : value});
            }
            assertThat(scaler.variance(0)).as("unit %s", unit).isBetween(0.9, 20.0);
        }
    }

    @Test
    void aRareValueIsNoOutlierHoweverRare() {
        Scaler scaler = new Scaler(1, true, 1000);
        for (int i = 1; i <= 20_000; i++) {
            scaler.update(new float[]{ i % 2000 == 0 ? 1 : 0});
        }
        assertThat(scaler.count(0)).isEqualTo(20_000);
        assertThat(scaler.mean(0)).isCloseTo(10 / 20_000.0, within(1e-12));
        assertThat(applied(scaler, 1)[0]).isGreaterThan(40);
    }

    @Test
    void shiftsAndScalesEachColumn() {
        Scaler scaler = fed(true, new float[]{ 1, 10}, new float[]{ 3, 30});
        assertThat(applied(scaler, 1, 10, 3, 30, 2, 40)).containsExactly(-1, -1, 1, 1, 0, 2);
    }

    @Test
    void onlyShiftsAColumnThatNeverVaried() {
        assertThat(applied(fed(true, new float[]{ 0.1f}, new float[]{ 0.1f}, new float[]{ 0.1f}), 0.1f, 5.1f)).containsExactly(0, 5);
    }

    @Test
    void leavesRawInputsAloneButForMissingOnes() {
        Scaler scaler = fed(false, new float[]{ 1, 10}, new float[]{ 4, Float.NaN});
        assertThat(applied(scaler, 7, Float.NaN, Float.NaN, 3)).containsExactly(7, 10, 2.5f, 3);
    }

    @Test
    void doesNotCountMissingValuesAndPutsTheMeanInTheirPlace() {
        Scaler scaler = fed(true, new float[]{ 1}, new float[]{ Float.NaN}, new float[]{ 3});
        assertThat(scaler.count(0)).isEqualTo(2);
        assertThat(scaler.mean(0)).isEqualTo(2);
        assertThat(applied(scaler, Float.NaN)).containsExactly(0);
    }

    @Test
    void knowsNothingBeforeTheFirstValue() {
        Scaler scaler = new Scaler(1, true, 1000);
        assertThat(scaler.variance(0)).isZero();
        assertThat(applied(scaler, 5, Float.NaN)).containsExactly(5, 0);
    }

    @Test
    void staysFiniteForTheLargestFloats() {
        Scaler scaler = fed(true, new float[]{ Float.MAX_VALUE}, new float[]{ -Float.MAX_VALUE}, new float[]{ Float.MAX_VALUE});
        assertThat(scaler.variance(0)).isFinite().isPositive();
        assertThat(applied(scaler, Float.MAX_VALUE, -Float.MAX_VALUE)).doesNotContain(Float.NaN, Float.POSITIVE_INFINITY);

        Scaler narrow = fed(true, new float[]{ 0}, new float[]{ Float.MIN_VALUE});
        assertThat(applied(narrow, 1e30f, -1e30f)).containsExactly(Float.MAX_VALUE, -Float.MAX_VALUE);
        Scaler constant = fed(true, new float[]{ -Float.MAX_VALUE});
        assertThat(applied(constant, Float.MAX_VALUE)).containsExactly(Float.MAX_VALUE);
    }
}
