package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.learn.Evaluation.Span;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Loss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnlineLearnerTest {
    private static Outcome learn(OnlineLearner learner, float[] features, float... target) {
        return learner.learn(Learners.example(learner, features, target), 0);
    }

    private static float[] gaussian(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Test
    void beatsTheBaselinesOfASmoothFunction() {
        OnlineLearner learner = Learners.picking(3).hidden(32).optimizer(Learners.adagrad(0.1f)).window(500).learner();
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            float[] x = gaussian(random, 3);
            learn(learner, x, 10 + 3 * x[0] - 2 * x[1] * x[1] + Math.abs(x[2]));
        }
        Evaluation evaluation = learner.evaluation();
        assertThat(evaluation.figure("rmse", Span.WINDOW)).isLessThan(0.25 * evaluation.figure("baseline_mean_rmse", Span.WINDOW))
                .isLessThan(0.25 * evaluation.figure("baseline_last_rmse", Span.WINDOW));
        assertThat(evaluation.figure("r2", Span.WINDOW)).isGreaterThan(0.93);
    }

    @ParameterizedTest
    @ValueSource(strings = { "sparse", "categorical", "binary", "mse"})
    void beatsTheBaselinesOfAnExclusiveOr(String loss) {
        Learners learners = Learners.picking(2).classes("same", "different").hidden(16).optimizer(Learners.adam(0.01f)).batchSize(4);
        OnlineLearner learner = switch (loss) {
            case "sparse" -> learners.learner();
            case "categorical" -> learners.loss(new Loss.CategoricalCrossentropy(false, 0)).outputActivation(Activation.SOFTMAX).learner();
            case "binary" -> learners.loss(new Loss.BinaryCrossentropy(true, 0)).learner();
            default -> learners.loss(new Loss.MeanSquaredError()).learner();
        };
        Random random = new Random(2);
        Example example = learner.newExample();
        RawRecord record = learner.schema().newRecord();
        for (int i = 0; i < 10_000; i++) {
            record.numbers[0] = random.nextGaussian();
            record.numbers[1] = random.nextGaussian();
            record.texts[2] = record.numbers[0] * record.numbers[1] > 0 ? "same" : "different";
            assertThat(learner.encode(record, example)).isNull();
            learner.learn(example, 0);
        }
        Evaluation evaluation = learner.evaluation();
        assertThat(evaluation.figure("accuracy", Span.WINDOW)).isGreaterThan(0.9);
        assertThat(evaluation.figure("baseline_majority_accuracy", Span.WINDOW)).isLessThan(0.6);
        assertThat(evaluation.figure("kappa", Span.WINDOW)).isGreaterThan(0.8);
        assertThat(Learners.predict(learner, 1, 1)[0]).isGreaterThan(0.8f);
        assertThat(Learners.predict(learner, 1, -1)[1]).isGreaterThan(0.8f);
    }

    @Test
    void stepsWhenTheBatchIsFull() {
        OnlineLearner learner = Learners.picking(1).batchSize(3).learner();
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            outcomes.add(learn(learner, new float[]{ i}, i));
        }
        assertThat(outcomes).containsExactly(Outcome.PENDING, Outcome.PENDING, Outcome.STEPPED, Outcome.PENDING, Outcome.PENDING,
                Outcome.STEPPED, Outcome.PENDING);
        assertThat(learner.version()).isEqualTo(2).isEqualTo(learner.state().training().iterations());
        assertThat(learner.pending()).isEqualTo(1);
        assertThat(learner.labelled()).isEqualTo(7);
        assertThat(learner.evaluation().examples()).isEqualTo(6);
        assertThat(learner.loss()).isFinite();
        assertThat(learner.gradientNorm()).isPositive();
    }

    @Test
    void testsEachExampleBeforeItLearnsFromIt() {
        OnlineLearner learner = Learners.picking(2).hidden(8).raw().learner();
        Random random = new Random(3);
        double absoluteErrors = 0;
        for (int i = 0; i < 50; i++) {
            float[] x = gaussian(random, 2);
            absoluteErrors += Math.abs(x[0] - (double) Learners.predict(learner, x)[0]);
            learn(learner, x, x[0]);
        }
        assertThat(learner.evaluation().figure("mae", Span.STREAM)).isCloseTo(absoluteErrors / 50, within(1e-12));
    }

    @Test
    void standardizesABatchWithItsOwnFeaturesIncluded() {
        OnlineLearner standardizing = Learners.picking(1).batchSize(2).learner();
        OnlineLearner raw = Learners.picking(1).batchSize(2).raw().learner();
        learn(standardizing, new float[]{ 100}, 1);
        learn(standardizing, new float[]{ 300}, 2);
        learn(raw, new float[]{ -1}, 1);
        learn(raw, new float[]{ 1}, 2);
        assertThat(standardizing.state().training().parameters()).containsExactly(raw.state().training().parameters());
    }

    @Test
    void fillsAMissingFeatureWithTheMeanOfTheMomentItIsUsed() {
        OnlineLearner learner = Learners.picking(1).missing(Missing.MEAN).raw().batchSize(2).learner();
        OnlineLearner expected = Learners.picking(1).raw().batchSize(2).learner();
        learn(learner, new float[]{ Float.NaN}, 1);
        learn(learner, new float[]{ 6}, 2);
        learn(expected, new float[]{ 6}, 1);
        learn(expected, new float[]{ 6}, 2);
        assertThat(learner.state().training().parameters()).containsExactly(expected.state().training().parameters());
        assertThat(Learners.predict(learner, Float.NaN)).containsExactly(Learners.predict(expected, 6));
    }

    @Test
    void refusesAStepThatIsNotFiniteAndGoesOn() {
        OnlineLearner learner = Learners.picking(2).hidden(4).raw().optimizer(Learners.momentum(0.01f)).batchSize(2).learner();
        learn(learner, new float[]{ 1, 2}, 1);
        learn(learner, new float[]{ 2, 1}, 2);
        float[] parameters = learner.state().training().parameters().clone();
        float[] slot = learner.state().training().slot(0).clone();
        double loss = learner.loss();

        assertThat(learn(learner, new float[]{ 1, 1}, 1)).isEqualTo(Outcome.PENDING);
        assertThat(learn(learner, new float[]{ 3e38f, -3e38f}, 3e38f)).isEqualTo(Outcome.REFUSED);

        assertThat(learner.state().training().parameters()).containsExactly(parameters);
        assertThat(learner.state().training().slot(0)).containsExactly(slot);
        assertThat(learner.version()).isEqualTo(1);
        assertThat(learner.refusedSteps()).isEqualTo(1);
        assertThat(learner.pending()).isZero();
        assertThat(learner.labelled()).isEqualTo(4);
        assertThat(learner.loss()).isEqualTo(loss);
        assertThat(learner.evaluation().figures(Span.STREAM).values()).allSatisfy(figure -> assertThat(figure).isFinite());

        learn(learner, new float[]{ 1, 2}, 1);
        assertThat(learn(learner, new float[]{ 2, 1}, 2)).isEqualTo(Outcome.STEPPED);
        assertThat(learner.state().training().parameters()).isNotEqualTo(parameters);
    }

    @Test
    void closesABatchThatWaitedTooLongInStreamTime() {
        OnlineLearner learner = Learners.picking(1).batchSize(10).maxWaitMillis(1000).learner();
        assertThat(learner.advanceTo(Long.MAX_VALUE)).isEqualTo(Outcome.PENDING);
        learner.learn(Learners.example(learner, new float[]{ 1}, 1), 5_000);
        learner.learn(Learners.example(learner, new float[]{ 2}, 2), 5_900);
        assertThat(learner.advanceTo(4_000)).isEqualTo(Outcome.PENDING);
        assertThat(learner.advanceTo(5_999)).isEqualTo(Outcome.PENDING);
        assertThat(learner.advanceTo(6_000)).isEqualTo(Outcome.STEPPED);
        assertThat(learner.evaluation().examples()).isEqualTo(2);
        assertThat(learner.advanceTo(60_000)).isEqualTo(Outcome.PENDING);
        learner.learn(Learners.example(learner, new float[]{ 3}, 3), Long.MIN_VALUE);
        assertThat(learner.advanceTo(Long.MAX_VALUE)).isEqualTo(Outcome.STEPPED);
    }

    @Test
    void neverClosesABatchEarlyWithoutMaxWait() {
        OnlineLearner learner = Learners.picking(1).batchSize(2).learner();
        learner.learn(Learners.example(learner, new float[]{ 1}, 1), 0);
        assertThat(learner.advanceTo(Long.MAX_VALUE)).isEqualTo(Outcome.PENDING);
        assertThat(learner.pending()).isEqualTo(1);
    }

    @Test
    void predictsWithoutChangingAnything() {
        OnlineLearner learner = Learners.picking(2).hidden(4).batchSize(3).learner();
        Random random = new Random(4);
        for (int i = 0; i < 20; i++) {
            byte[] before = Learners.bytes(learner);
            Learners.predict(learner, gaussian(random, 2));
            assertThat(Learners.bytes(learner)).isEqualTo(before);
            learn(learner, gaussian(random, 2), 1);
        }
    }

    @Test
    void answersTheSameWhateverIsPending() {
        OnlineLearner learner = Learners.picking(2).hidden(4).raw().batchSize(10).learner();
        float[] before = Learners.predict(learner, 1, 2);
        for (int i = 0; i < 9; i++) {
            learn(learner, new float[]{ i, -i}, i);
            assertThat(Learners.predict(learner, 1, 2)).containsExactly(before);
        }
        learn(learner, new float[]{ 1, 1}, 1);
        assertThat(Learners.predict(learner, 1, 2)).isNotEqualTo(before);
    }

    @Test
    void answersNaNWhereTheArithmeticOverflows() {
        OnlineLearner learner = Learners.picking(2).hidden(4).raw().classes("a", "b").learner();
        learner.state().training().parameters()[0] = 3e38f;
        learner.state().training().parameters()[1] = 3e38f;
        assertThat(Learners.predict(learner, 3e38f, 3e38f)).containsOnly(Float.NaN);
    }

    @Test
    void doesNotLearnFromAnExampleWithoutLabel() {
        OnlineLearner learner = Learners.picking(1).learner();
        byte[] before = Learners.bytes(learner);
        assertThatThrownBy(() -> learn(learner, new float[]{ 1})).isInstanceOf(IllegalArgumentException.class);
        assertThat(Learners.bytes(learner)).isEqualTo(before);
    }

    @Test
    void refusesToLearnNumbersWithALossForClasses() {
        assertThatThrownBy(() -> Learners.picking(1).outputs(2).loss(new Loss.SparseCategoricalCrossentropy(true)).learner())
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("sparse_categorical_crossentropy");
    }

    @Test
    void isAsNewAfterAReset() {
        Learners learners = Learners.picking(2).hidden(4).batchSize(3).optimizer(Learners.adagrad(0.1f));
        OnlineLearner learner = learners.learner();
        for (int i = 0; i < 10; i++) {
            learn(learner, new float[]{ i, 1}, i);
        }
        learner.reset();
        assertThat(Learners.bytes(learner)).isEqualTo(Learners.bytes(learners.learner()));
        assertThat(learner.version()).isZero();
        assertThat(learner.loss()).isNaN();
    }

    @Test
    void measuresTheNormOfItsWeights() {
        OnlineLearner learner = Learners.picking(2).learner();
        float[] parameters = learner.state().training().parameters();
        Arrays.fill(parameters, 0);
        parameters[0] = 3;
        parameters[1] = 4;
        assertThat(learner.weightNorm()).isEqualTo(5);
    }
}
