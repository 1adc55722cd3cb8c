package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ParameterLayoutTest {
    @Test
    void listsVariablesAsKerasNamesThem() {
        ParameterLayout layout = new ParameterLayout(new NetworkSpec(3,
                List.of(new Dense("dense", 17, Activation.RELU),
                        new Dense("dense_1", 2, Activation.LINEAR, false, Initializer.ZEROS, Initializer.ZEROS, Regularizer.NONE,
                                Regularizer.NONE))));

        assertThat(layout.variables()).containsExactly( //
                new ParameterLayout.Variable("dense/kernel", 3, 17, false, 0, 96),
                new ParameterLayout.Variable("dense/bias", 1, 17, true, 96, 32),
                new ParameterLayout.Variable("dense_1/kernel", 17, 2, false, 128, 272));
        assertThat(layout.length()).isEqualTo(400);
        assertThat(layout.parameterCount()).isEqualTo(3 * 17 + 17 + 17 * 2);
    }

    @Test
    void storesPanelsOfSixteenColumns() {
        ParameterLayout layout = new ParameterLayout(new NetworkSpec(2, List.of(new Dense("dense", 17, Activation.RELU))));
        float[] rowMajor = new float[34];
        for (int i = 0; i < 34; i++) {
            rowMajor[i] = i + 1;
        }
        float[] flat = new float[layout.length()];
        layout.fromRowMajor(rowMajor, layout.variables().get(0), flat);

        assertThat(flat[0]).isEqualTo(1); // row 0, column 0
        assertThat(flat[15]).isEqualTo(16);
        assertThat(flat[16]).isEqualTo(18); // row 1, column 0
        assertThat(flat[32]).isEqualTo(17); // row 0, column 16: first of the second panel
        assertThat(flat[48]).isEqualTo(34);
    }

    @Property(tries = 100)
    void rowMajorOrderSurvivesTheRoundTripAndPaddingIsZero(@ForAll @IntRange(min = 1, max = 40) int inputs,
            @ForAll @IntRange(min = 1, max = 40) int units) {
        ParameterLayout layout = new ParameterLayout(new NetworkSpec(inputs, List.of(new Dense("dense", units, Activation.RELU))));
        float[] flat = new float[layout.length()];
        Arrays.fill(flat, Float.NaN);
        for (ParameterLayout.Variable variable : layout.variables()) {
            float[] values = new float[variable.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = i + 1;
            }
            layout.fromRowMajor(values, variable, flat);
            assertThat(layout.toRowMajor(flat, variable)).isEqualTo(values);
        }
        int zeros = 0;
        for (float value : flat) {
            zeros += value == 0 ? 1 : 0;
        }
        assertThat(zeros).isEqualTo(layout.length() - layout.parameterCount());
        float[] ones = new float[layout.length()];
        layout.fill(ones, 1);
        for (int i = 0; i < flat.length; i++) {
            assertThat(ones[i]).isEqualTo(flat[i] == 0 ? 0 : 1);
        }
    }

    @Test
    void refusesArraysOfAnotherSize() {
        ParameterLayout layout = new ParameterLayout(new NetworkSpec(2, List.of(new Dense("dense", 3, Activation.RELU))));
        ParameterLayout.Variable kernel = layout.variables().get(0);
        assertThatThrownBy(() -> layout.toRowMajor(new float[5], kernel)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> layout.fromRowMajor(new float[5], kernel, new float[layout.length()]))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("dense/kernel has 6 values, found 5");
    }

    @Test
    void refusesANetworkThatDoesNotFitIntoAnArray() {
        NetworkSpec spec = new NetworkSpec(1 << 16, List.of(new Dense("dense", 1 << 16, Activation.RELU)));
        assertThatThrownBy(() -> new ParameterLayout(spec)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too large");
    }
}
