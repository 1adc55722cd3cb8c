package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.DoubleStream;
import tools.jackson.databind.JsonNode;

/**
 * Expected numbers of a golden case: all of them (as nested arrays or as base64 of little-endian doubles), or a digest with their
 * sums and ends.
 */
final class GoldenTensor {
    /** Float arithmetic against a float64 reference, over up to five steps. */
    private static final double RELATIVE = 2e-4;
    /** Elements near 0 are differences of larger ones: they get a tenth of the tolerance of the tensor's largest. */
    private static final double FLOOR = 2e-5;

    /** Ten roundings. */
    private static final double CANCELLATION = 1e-6;

    private final JsonNode node;

    GoldenTensor(JsonNode node) {
        this.node = node;
    }

    static double[] doubles(JsonNode node) {
        if (node.has("f64le")) {
            byte[] bytes = Base64.getDecoder().decode(node.get("f64le").asString());
            double[] values = new double[bytes.length / Double.BYTES];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
            return values;
        }
        List<Double> values = new ArrayList<>();
        collect(node, values);
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static void collect(JsonNode node, List<Double> values) {
        if (node.isArray()) {
            for (JsonNode element : node) {
                collect(element, values);
            }
        } else {
            values.add(node.asDouble());
        }
    }

    static float[] floats(JsonNode node) {
        double[] doubles = doubles(node);
        float[] floats = new float[doubles.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) doubles[i];
        }
        return floats;
    }

    void check(String what, float[] actual) {
        check(what, actual, 0);
    }

    /** The scale of what is left of numbers of that size that cancel out. */
    static double cancelled(double size) {
        return CANCELLATION / FLOOR * size;
    }

    /** The largest number, or of a digest the largest that is known. */
    double largest() {
        double[] known = node.has("digest")
                ? DoubleStream.concat(Arrays.stream(doubles(node.at("/digest/head"))), Arrays.stream(doubles(node.at("/digest/tail"))))
                        .toArray()
                : doubles(node);
        return Arrays.stream(known).map(Math::abs).max().orElse(0);
    }

    /**
     * Compares all numbers.
     *
     * @param largestOfAll the largest number among tensors that were computed from the same terms: what cancels out in one of them has
     *            their rounding errors
     */
    void check(String what, float[] actual, double largestOfAll) {
        if (node.has("digest")) {
            checkDigest(what, node.get("digest"), actual);
        } else {
            double[] expected = doubles(node);
            assertThat(actual).as(what).hasSameSizeAs(expected);
            double largest = Math.max(largest(), cancelled(largestOfAll));
            for (int i = 0; i < actual.length; i++) {
                checkNumber(what + "[" + i + "]", actual[i], expected[i], largest);
            }
        }
    }

    private static void checkDigest(String what, JsonNode digest, float[] actual) {
        double sum = 0;
        double squares = 0;
        double dot = 0;
        double largest = 0;
        for (int i = 0; i < actual.length; i++) {
            sum += actual[i];
            squares += (double) actual[i] * actual[i];
            dot += actual[i] * ((i * 7919L % 1009) / 1009.0);
            largest = Math.max(largest, Math.abs(actual[i]));
        }
        double[] shape = doubles(digest.get("shape"));
        assertThat((double) actual.length).as(what + " size").isEqualTo(shape[0] * (shape.length > 1 ? shape[1] : 1));
        double l2 = Math.sqrt(squares);
        checkNumber(what + " l2", l2, digest.get("l2").asDouble(), l2);
        checkNumber(what + " sum", sum, digest.get("sum").asDouble(), 10 * l2);
        checkNumber(what + " dot", dot, digest.get("dot").asDouble(), 10 * l2);
        double[] head = doubles(digest.get("head"));
        double[] tail = doubles(digest.get("tail"));
        for (int i = 0; i < head.length; i++) {
            checkNumber(what + " head " + i, actual[i], head[i], largest);
            checkNumber(what + " tail " + i, actual[actual.length - tail.length + i], tail[i], largest);
        }
    }

    /** @param scale the size of the numbers this one was computed from */
    static void checkNumber(String what, double actual, double expected, double scale) {
        double tolerance = RELATIVE * Math.abs(expected) + FLOOR * Math.abs(scale);
        if (!(Math.abs(actual - expected) <= tolerance)) {
            throw new AssertionError(what + ": expected " + expected + ", found " + actual + ", tolerance " + tolerance);
        }
    }
}
