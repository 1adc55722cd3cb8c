package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.nn.Activation;
import dev.millrace.nn.Loss;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EncodingTest {
    private static final double ABSENT = Double.NaN;

    /** A learner, one record of its schema and the example made from it. */
    private static final class Given {
        private final OnlineLearner learner;
        private final RawRecord record;
        private final Example example;

        Given(Learners learners) {
            learner = learners.learner();
            record = learner.schema().newRecord();
            example = learner.newExample();
        }

        Given field(String name, double... numbers) {
            RecordSchema.Field field = learner.schema().field(name);
            System.arraycopy(numbers, 0, record.numbers, field.offset(), numbers.length);
            record.texts[field.slot()] = RawRecord.text(numbers[0]);
            return this;
        }

        Given text(String name, String text) {
            record.texts[learner.schema().field(name).slot()] = text;
            return this;
        }

        float[] features() {
            assertThat(learner.encode(record, example)).isNull();
            return example.features;
        }

        float[] target() {
            assertThat(learner.encode(record, example)).isNull();
            assertThat(example.labelled()).isTrue();
            return example.target;
        }

        Rejection rejection() {
            Rejection rejection = learner.encode(record, example);
            assertThat(rejection).isNotNull();
            return rejection;
        }
    }

    private static Given given(Feature... features) {
        return new Given(Learners.with(List.of(features)));
    }

    @Test
    void picksANumber() {
        assertThat(given(new Feature.Pick("p", "a")).field("a", 0.1).features()).containsExactly(0.1f);
    }

    @Test
    void divides() {
        assertThat(given(new Feature.Ratio("r", "a", "b")).field("a", 1).field("b", 3).features()).containsExactly(1 / 3f);
    }

    @Test
    void multipliesInDoubleAndRoundsOnce() {
        assertThat(given(new Feature.Product("p", "a", "b")).field("a", 1e30).field("b", 1e-30).features())
                .containsExactly((float) (1e30 * 1e-30));
    }

    @Test
    void subtractsInDoubleAndRoundsOnce() {
        assertThat(given(new Feature.Difference("d", "a", "b")).field("a", 1e9 + 1).field("b", 1e9).features()).containsExactly(1f);
    }

    @Test
    void takesTheLogarithmOfOnePlusANumber() {
        assertThat(given(new Feature.Log1p("l", "a")).field("a", 9).features()).containsExactly((float) Math.log(10));
    }

    @Test
    void marksTheKnownWordOfAOneHot() {
        Feature color = new Feature.OneHot("color", "color", List.of("red", "green", "3"));
        assertThat(given(color).text("color", "green").features()).containsExactly(0, 1, 0);
        assertThat(given(color).field("color", 3.0).features()).containsExactly(0, 0, 1);
        assertThat(given(color).text("color", "blue").features()).containsExactly(0, 0, 0);
    }

    @Test
    void bendsAPeriodIntoACircle() {
        Feature hour = new Feature.Cyclical("c", "hour", 24);
        for (double value = -100; value < 100; value += 0.25) {
            float[] circle = given(hour).field("hour", value).features();
            assertThat(circle[0]).isCloseTo((float) Math.sin(2 * Math.PI * value / 24), within(1e-6f));
            assertThat(circle[1]).isCloseTo((float) Math.cos(2 * Math.PI * value / 24), within(1e-6f));
        }
    }

    @Test
    void comesBackToTheSamePointOfTheCircleHoweverFarItWent() {
        Feature angle = new Feature.Cyclical("c", "angle", 360);
        assertThat(given(angle).field("angle", 90).features()).containsExactly(1, 0);
        assertThat(given(angle).field("angle", 360e12 + 45).features()).containsExactly(given(angle).field("angle", 45).features());
        assertThat(given(new Feature.Cyclical("c", "a", 1e-300)).field("a", 1e300).features()).doesNotContain(Float.NaN);
    }

    @Test
    void copiesAVector() {
        assertThat(given(new Feature.Vector("v", "v", 3)).field("v", 1, 2, 3).features()).containsExactly(1, 2, 3);
    }

    @Test
    void putsTheFeaturesSideBySide() {
        Given record = given(new Feature.OneHot("o", "o", List.of("a", "b")), new Feature.Vector("v", "v", 2), new Feature.Pick("p", "p"));
        assertThat(record.text("o", "b").field("v", 5, 6).field("p", 7).features()).containsExactly(0, 1, 5, 6, 7);
    }

    @Test
    void rejectsAMissingFieldWithItsFeatureAndName() {
        Rejection rejection = given(new Feature.Ratio("rooms_per_person", "rooms", "people")).field("rooms", 4).rejection();
        assertThat(rejection).isEqualTo(
                new Rejection(Reason.MISSING_FEATURE, "feature rooms_per_person: field people is absent or null"));
        assertThat(given(new Feature.OneHot("o", "color", List.of("red"))).rejection().detail()).contains("feature o: field color");
        assertThat(given(new Feature.Vector("v", "v", 3)).field("v", 1, ABSENT, 3).rejection().detail())
                .isEqualTo("feature v: element 1 of field v is absent or null");
    }

    @Test
    void replacesMissingFeaturesByZero() {
        Given record = new Given(Learners.with(List.of(new Feature.Pick("p", "a"), new Feature.OneHot("o", "o", List.of("x", "y")),
                new Feature.Cyclical("c", "c", 7), new Feature.Vector("v", "v", 2))).missing(Missing.ZERO));
        assertThat(record.field("v", ABSENT, 8).features()).containsExactly(0, 0, 0, 0, 0, 0, 8);
    }

    @Test
    void leavesMissingFeaturesToTheScalerUnderMean() {
        Given record = new Given(Learners.with(List.of(new Feature.Pick("p", "a"), new Feature.Pick("q", "b"))).missing(Missing.MEAN));
        assertThat(record.field("b", 2).features()).containsExactly(Float.NaN, 2);
    }

    @Test
    void rejectsWhatIsNotFinite() {
        assertThat(given(new Feature.Ratio("r", "a", "b")).field("a", 5).field("b", 0).rejection())
                .isEqualTo(new Rejection(Reason.NON_FINITE,
                        "feature r: Infinity from a = 5.0, b = 0.0; allowed are finite numbers up to 3.4028235E38"));
        assertThat(given(new Feature.Ratio("r", "a", "b")).field("a", 0).field("b", 0).rejection().reason()).isEqualTo(Reason.NON_FINITE);
        assertThat(given(new Feature.Ratio("r", "a", "b")).field("a", 1).field("b", Double.POSITIVE_INFINITY).rejection().reason())
                .isEqualTo(Reason.NON_FINITE);
        assertThat(given(new Feature.Pick("p", "a")).field("a", 1e39).rejection().reason()).isEqualTo(Reason.NON_FINITE);
        assertThat(given(new Feature.Log1p("l", "a")).field("a", -1).rejection().reason()).isEqualTo(Reason.NON_FINITE);
        assertThat(given(new Feature.Cyclical("c", "a", 7)).field("a", Double.NEGATIVE_INFINITY).rejection().reason())
                .isEqualTo(Reason.NON_FINITE);
        assertThat(given(new Feature.Vector("v", "v", 2)).field("v", 1, -1e300).rejection().reason()).isEqualTo(Reason.NON_FINITE);
    }

    @Test
    void takesARecordWithoutLabelAsUnlabelled() {
        Given number = given(new Feature.Pick("p", "a")).field("a", 1).field("y", 1);
        assertThat(number.target()).containsExactly(1);
        number.field("y", ABSENT).features();
        assertThat(number.example.labelled()).isFalse();

        Given word = new Given(Learners.picking(1).classes("a", "b")).field("x0", 1);
        word.features();
        assertThat(word.example.labelled()).isFalse();
    }

    @Test
    void scalesTheLabel() {
        Given record = new Given(Learners.picking(1).label(new Label.Regression("price", 2, 0.001)));
        assertThat(record.field("x0", 1).field("price", 66900, 80100).target()).containsExactly(66.9f, 80.1f);
    }

    @Test
    void rejectsALabelThatIsNotFinite() {
        Given record = new Given(Learners.picking(1).label(new Label.Regression("price", 1, 1000)));
        assertThat(record.field("x0", 1).field("price", 1e36).rejection())
                .isEqualTo(new Rejection(Reason.NON_FINITE,
                        "label price: 1.0E36 times the scale 1000.0; allowed are finite numbers up to 3.4028235E38"));
    }

    @Test
    void rejectsALabelWithHoles() {
        Given record = new Given(Learners.picking(1).outputs(3));
        assertThat(record.field("x0", 1).field("y", 1, ABSENT, 3).rejection()).isEqualTo(
                new Rejection(Reason.WRONG_TYPE, "label y: 1 of its 3 elements are absent or null; allowed are numbers"));
    }

    @Test
    void writesAClassAsItsLossWantsIt() {
        Learners sparse = Learners.picking(1).classes("a", "b", "c");
        assertThat(new Given(sparse).field("x0", 1).text("y", "c").target()).containsExactly(2);
        assertThat(new Given(sparse.loss(new Loss.CategoricalCrossentropy(true, 0))).field("x0", 1).text("y", "c").target())
                .containsExactly(0, 0, 1);
        assertThat(new Given(sparse.loss(new Loss.MeanSquaredError())).field("x0", 1).text("y", "a").target()).containsExactly(1, 0, 0);
        assertThat(new Given(sparse.loss(new Loss.BinaryCrossentropy(true, 0))).field("x0", 1).text("y", "b").target())
                .containsExactly(0, 1, 0);

        Learners binary = Learners.picking(1).classes("0", "1").outputActivation(Activation.SIGMOID);
        assertThat(new Given(binary.loss(new Loss.BinaryCrossentropy(false, 0))).field("x0", 1).field("y", 1.0).target())
                .containsExactly(1);
    }

    @Test
    void rejectsAnUnknownClassAndShortensWhatItFound() {
        Given few = new Given(Learners.picking(1).classes("up", "down"));
        assertThat(few.field("x0", 1).text("y", "x".repeat(1000)).rejection()).isEqualTo(new Rejection(Reason.UNKNOWN_CLASS,
                "label y: found \"" + "x".repeat(64) + "…\"; allowed are \"up\", \"down\""));
        String[] classes = IntStream.range(0, 37).mapToObj(Integer::toString).toArray(String[]::new);
        Given many = new Given(Learners.picking(1).classes(classes));
        assertThat(many.field("x0", 1).field("y", 37).rejection().detail()).startsWith("label y: found \"37\"")
                .endsWith("\"9\", … (37 classes)");
    }
}
