package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class EncodingPropertiesTest {
    private static final List<Feature> EVERY_KIND = List.of(new Feature.Pick("pick", "a"), new Feature.Ratio("ratio", "a", "b"),
            new Feature.Product("product", "a", "b"), new Feature.Difference("difference", "b", "c"), new Feature.Log1p("log1p", "c"),
            new Feature.OneHot("one_hot", "a", List.of("0", "1", "2")), new Feature.Cyclical("cyclical", "d", 1e-3),
            new Feature.Vector("vector", "v", 3));

    /** Any double at all, and often one of the awkward ones. */
    @Provide
    Arbitrary<Double> anyDouble() {
        Arbitrary<Double> bits = Arbitraries.longs().map(Double::longBitsToDouble);
        Arbitrary<Double> awkward = Arbitraries.of(Double.NaN, 0.0, -0.0, 1.0, -1.0, Double.MIN_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE,
                Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, (double) Float.MAX_VALUE, 3.5e38);
        return Arbitraries.oneOf(bits, awkward, Arbitraries.doubles().between(-1e6, 1e6));
    }

    @Property(tries = 3000)
    void neverThrowsAndNeverAcceptsWhatIsNotFinite(@ForAll Missing missing, @ForAll boolean nothing,
            @ForAll("anyDouble") double a, @ForAll("anyDouble") double b, @ForAll("anyDouble") double c,
            @ForAll("anyDouble") double d) {
        OnlineLearner learner = Learners.with(EVERY_KIND).missing(missing).outputs(2).learner();
        RawRecord record = learner.schema().newRecord();
        double[] values = { a, b, c, d};
        for (int i = 0; i < record.numbers.length; i++) {
            record.numbers[i] = values[i % values.length];
        }
        record.texts[0] = nothing ? null : RawRecord.text(a);
        Example example = learner.newExample();

        Rejection rejection = learner.encode(record, example);

        if (rejection != null) {
            assertThat(rejection.detail()).hasSizeLessThan(300).containsAnyOf("feature ", "label y");
            return;
        }
        for (float feature : example.features) {
            assertThat(Float.isFinite(feature) || missing == Missing.MEAN && Float.isNaN(feature)).isTrue();
        }
        if (example.labelled()) {
            for (float target : example.target) {
                assertThat(target).isFinite();
            }
        }
    }

    @Property(tries = 300)
    void anAcceptedRecordCanAlwaysBeLearnedFrom(@ForAll("anyDouble") double a, @ForAll("anyDouble") double b,
            @ForAll("anyDouble") double y) {
        OnlineLearner learner = Learners.picking(2).missing(Missing.MEAN).hidden(4).learner();
        RawRecord record = learner.schema().newRecord();
        Example example = learner.newExample();
        double[][] stream = { { 1, 2, 3}, { a, b, y}, { 2, 1, 0}, { y, a, b}, { b, y, a}};
        for (double[] values : stream) {
            System.arraycopy(values, 0, record.numbers, 0, 3);
            if (learner.encode(record, example) == null && example.labelled()) {
                learner.learn(example, 0);
            }
        }
        assertThat(learner.weightNorm()).isFinite();
        assertThat(Arrays.stream(learner.evaluation().state()).allMatch(Double::isFinite)).isTrue();
        assertThat(Arrays.stream(learner.scaler().state()).allMatch(Double::isFinite)).isTrue();
    }
}
