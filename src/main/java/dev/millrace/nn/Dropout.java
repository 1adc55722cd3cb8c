package dev.millrace.nn;

import java.util.List;

/**
 * In training sets each value to 0 with probability {@code rate} and divides the others by {@code 1 - rate}; in prediction changes
 * nothing (Srivastava et al. 2014). Which values are dropped depends on the seed, the place of the layer in its network, the number
 * of finished steps, and the value's place in the batch, and on nothing else: a replay drops the same ones.
 *
 * @param rate from 0 to 1
 * @param seed Keras draws a seed where none is given; here it is 0 then, since two runs have to be equal
 */
public record Dropout(String name, float rate, long seed) implements Layer {
    public Dropout {
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException(
                    "Invalid value received for argument `rate`. Expected a float value between 0 and 1. Received: rate=" + rate);
        }
    }

    public Dropout(String name, float rate) {
        this(name, rate, 0);
    }

    @Override
    public List<VariableSpec> variables(int inputs) {
        return List.of();
    }
}
