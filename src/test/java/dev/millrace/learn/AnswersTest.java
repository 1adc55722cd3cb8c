package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.nn.Activation;
import dev.millrace.nn.Loss;
import org.junit.jupiter.api.Test;

class AnswersTest {
    private static float[] answer(Learners learners, float... outputs) {
        LearnerSpec spec = learners.spec();
        float[] answer = new float[spec.label().width()];
        new Answers(spec).put(outputs, 0, answer);
        return answer;
    }

    @Test
    void copiesNumbers() {
        assertThat(answer(Learners.picking(1).outputs(2), -3, 7)).containsExactly(-3, 7);
    }

    @Test
    void makesTwoProbabilitiesOfOneLogit() {
        Learners binary = Learners.picking(1).classes("no", "yes").loss(new Loss.BinaryCrossentropy(true, 0));
        assertThat(answer(binary, (float) Math.log(3))).containsExactly(new float[]{ 0.25f, 0.75f}, within(1e-6f));
    }

    @Test
    void makesTwoProbabilitiesOfOneProbabilityAndKeepsThemInRange() {
        Learners binary = Learners.picking(1).classes("no", "yes").loss(new Loss.BinaryCrossentropy(false, 0));
        assertThat(answer(binary.outputActivation(Activation.SIGMOID), 0.75f)).containsExactly(0.25f, 0.75f);
        assertThat(answer(binary.outputActivation(Activation.LINEAR), 1.5f)).containsExactly(0, 1);
        assertThat(answer(binary.outputActivation(Activation.LINEAR), -0.5f)).containsExactly(1, 0);
    }

    @Test
    void takesTheSoftmaxOfLogits() {
        Learners classes = Learners.picking(1).classes("a", "b");
        assertThat(answer(classes, 0, (float) Math.log(3))).containsExactly(new float[]{ 0.25f, 0.75f}, within(1e-6f));
        assertThat(answer(classes.loss(new Loss.CategoricalCrossentropy(true, 0)), 5, 5)).containsExactly(new float[]{ 0.5f, 0.5f},
                within(1e-6f));
    }

    @Test
    void keepsTheBitsOfASoftmaxLayer() {
        Learners classes = Learners.picking(1).classes("a", "b").loss(new Loss.SparseCategoricalCrossentropy(false))
                .outputActivation(Activation.SOFTMAX);
        assertThat(answer(classes, 0.1f, 0.8999999f)).containsExactly(0.1f, 0.8999999f);
    }

    @Test
    void cutsAndNormalizesWhatIsNoDistribution() {
        Learners classes = Learners.picking(1).classes("a", "b", "c", "d").loss(new Loss.MeanSquaredError());
        assertThat(answer(classes, -1, 0.5f, 1.5f, 0)).containsExactly(0, 0.25f, 0.75f, 0);
        assertThat(answer(classes, -1, 0, -2, -3)).containsExactly(0.25f, 0.25f, 0.25f, 0.25f);
        assertThat(answer(classes, Float.MAX_VALUE, Float.MAX_VALUE, 0, 0)).containsExactly(0.5f, 0.5f, 0, 0);
        Learners sigmoids = classes.loss(new Loss.BinaryCrossentropy(true, 0));
        assertThat(answer(sigmoids, 0, 0, 0, 0)).containsExactly(new float[]{ 0.25f, 0.25f, 0.25f, 0.25f}, within(1e-6f));
    }

    @Test
    void hasNoAnswerIfAnOutputIsNotFinite() {
        assertThat(answer(Learners.picking(1).classes("a", "b"), 1, Float.POSITIVE_INFINITY)).containsOnly(Float.NaN);
        assertThat(answer(Learners.picking(1).outputs(2), 1, Float.NaN)).containsOnly(Float.NaN);
    }
}
