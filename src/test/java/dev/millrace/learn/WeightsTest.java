package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.nn.Network;
import dev.millrace.nn.Trainer;
import dev.millrace.nn.TrainingState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records that count more or less than others. */
class WeightsTest {
    private static Learners learners() {
        return Learners.picking(2).raw().hidden(3).optimizer(Learners.momentum(0.05f)).batchSize(3).weight("w");
    }

    private static Example example(OnlineLearner learner, float weight, float x0, float x1, float y) {
        Example example = Learners.example(learner, new float[]{ x0, x1}, y);
        example.weight = weight;
        return example;
    }

    private static RawRecord record(OnlineLearner learner, double weight, double label) {
        RawRecord record = learner.schema().newRecord();
        record.numbers[learner.schema().field("x0").offset()] = 1;
        record.numbers[learner.schema().field("x1").offset()] = 2;
        record.numbers[learner.schema().field("w").offset()] = weight;
        record.numbers[learner.schema().field("y").offset()] = label;
        return record;
    }

    @Test
    void aStepTakesTheWeightsOfItsRecords() {
        OnlineLearner learner = learners().learner();
        float[] x = { 1, 2, -1, 0.5f, 3, 1};
        float[] y = { 1, 2, 3};
        float[] w = { 0.5f, 0, 3};
        Network network = new Network(learner.spec().network());
        Trainer trainer = new Trainer(network, learner.spec().training(), 3);
        TrainingState expected = trainer.initialState(learner.spec().seed());
        for (int step = 0; step < 3; step++) {
            for (int i = 0; i < 3; i++) {
                learner.learn(example(learner, w[i], x[2 * i], x[2 * i + 1], y[i]), i);
            }
            assertThat(trainer.step(expected, x, y, w, 3)).isTrue();
            assertThat(learner.state().training().parameters()).containsExactly(expected.parameters());
            assertThat(learner.loss()).isEqualTo(trainer.dataLoss());
        }
    }

    /** {@code (0.5 · 1² + 0 · 2² + 3 · 3²) / 3}: divided by the records, not by the weights. */
    @Test
    void theLossIsDividedByTheNumberOfRecords() {
        OnlineLearner learner = Learners.picking(1).raw().batchSize(3).weight("w").learner();
        float[] w = { 0.5f, 0, 3};
        for (int i = 0; i < 3; i++) {
            Example example = Learners.example(learner, new float[]{ 0}, i + 1);
            example.weight = w[i];
            learner.learn(example, 0);
        }
        assertThat(learner.loss()).isEqualTo((0.5 + 27) / 3);
    }

    @Test
    void aBatchWithoutWeightTeachesNothing() {
        OnlineLearner learner = learners().optimizer(Learners.sgd(0.1f)).learner();
        float[] before = learner.state().training().parameters().clone();
        for (int i = 0; i < 3; i++) {
            Outcome outcome = learner.learn(example(learner, 0, i, 1, 5), 0);
            assertThat(outcome).isEqualTo(i < 2 ? Outcome.PENDING : Outcome.STEPPED);
        }
        assertThat(learner.state().training().parameters()).containsExactly(before);
        assertThat(learner.loss()).isZero();
    }

    @Test
    void figuresOfTheStreamCountEveryRecordAlike() {
        OnlineLearner weighted = Learners.picking(1).raw().batchSize(2).weight("w").learner();
        for (int i = 0; i < 2; i++) {
            Example example = Learners.example(weighted, new float[]{ 0}, i == 0 ? 1 : 3);
            example.weight = i == 0 ? 100 : 0;
            weighted.learn(example, 0);
        }
        assertThat(weighted.evaluation().figure("mae", Evaluation.Span.STREAM)).isEqualTo(2);
    }

    @Test
    void weightsOfThePendingBatchAreState() {
        OnlineLearner one = learners().learner();
        one.learn(example(one, 0.25f, 1, 2, 3), 0);
        one.learn(example(one, 4, 2, 1, 0), 0);
        OnlineLearner two = learners().learner();
        Learners.restore(two, Learners.bytes(one));
        for (OnlineLearner learner : List.of(one, two)) {
            learner.learn(example(learner, 1, 1, 1, 1), 0);
        }
        assertThat(Learners.bytes(two)).isEqualTo(Learners.bytes(one));
        assertThat(one.state().sections()).extracting(LearnerState.Section::name).contains("pending/weights");
        one.reset();
        assertThat(Learners.bytes(one)).isEqualTo(Learners.bytes(learners().learner()));
    }

    @Test
    void refusesWeightsThatAreNone() {
        OnlineLearner learner = learners().learner();
        Example example = learner.newExample();
        assertThat(learner.encode(record(learner, 0.5, 1), example)).isNull();
        assertThat(example.weight).isEqualTo(0.5f);
        assertThat(learner.encode(record(learner, 0, 1), example)).isNull();
        assertThat(learner.encode(record(learner, -0.0, 1), example)).isNull();
        for (double bad : new double[]{ -1e-3, 1e39, Double.POSITIVE_INFINITY}) {
            assertThat(learner.encode(record(learner, bad, 1), example)).isEqualTo(new Rejection(Reason.INVALID_WEIGHT,
                    "weight w: found " + bad + "; allowed are numbers from 0 to 3.4028235E38"));
        }
        assertThat(learner.encode(record(learner, Double.NaN, 1), example)).isEqualTo(new Rejection(Reason.INVALID_WEIGHT,
                "weight w: found absent or null; allowed are numbers from 0 to 3.4028235E38"));
    }

    @Test
    void aRecordToBeAnsweredNeedsNoWeight() {
        OnlineLearner learner = learners().learner();
        assertThat(learner.encode(record(learner, Double.NaN, Double.NaN), learner.newExample())).isNull();
    }

    @Test
    void theWeightMayBeAFeatureButNotTheLabel() {
        assertThat(Learners.picking(2).weight("x1").learner().schema().fields()).hasSize(3);
        assertThatThrownBy(() -> Learners.picking(2).weight("y").learner()).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the label's field y");
    }

    @Test
    void aStoredModelKeepsItsWeight() {
        LearnerSpec weighted = learners().spec();
        LearnerSpec plain = learners().weight(null).spec();
        assertThat(plain.obstacleToContinue(weighted)).isEqualTo("weight: stored is w, configured is none");
        assertThat(weighted.obstacleToContinue(plain)).isEqualTo("weight: stored is none, configured is w");
        assertThat(weighted.obstacleToContinue(learners().spec())).isNull();
    }
}
