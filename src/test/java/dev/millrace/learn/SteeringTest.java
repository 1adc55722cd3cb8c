package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.nn.Clipping;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Optimizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Freezing, another learning rate, going back. */
class SteeringTest {
    private final Learners learners = Learners.picking(2).hidden(5).optimizer(Learners.adam(0.02f)).batchSize(3);
    private final OnlineLearner learner = learners.learner();

    @Test
    void aFrozenLearnerTestsAndAnswersTheSame() {
        learn(learner, 0, 30);
        float before = Learners.predict(learner, 0.5f, -1)[0];
        learner.setFrozen(true);
        assertThat(learn(learner, 30, 60)).isEqualTo(Outcome.TESTED);
        assertThat(learner.frozen()).isTrue();
        assertThat(learner.version()).isEqualTo(10);
        assertThat(learner.labelled()).isEqualTo(60);
        assertThat(learner.evaluation().examples()).isEqualTo(60);
        assertThat(Learners.predict(learner, 0.5f, -1)[0]).isEqualTo(before);
    }

    @Test
    void aFrozenBatchIsTestedWithTheWeightsThatAnswer() {
        learn(learner, 0, 30);
        learner.setFrozen(true);
        double absolute = 0;
        for (int i = 30; i < 33; i++) {
            absolute += Math.abs(Learners.predict(learner, features(i))[0] - label(i));
        }
        double before = 30 * learner.evaluation().figure("mae", Evaluation.Span.STREAM);
        learn(learner, 30, 33);
        assertThat(33 * learner.evaluation().figure("mae", Evaluation.Span.STREAM)).isCloseTo(before + absolute,
                org.assertj.core.data.Offset.offset(1e-4));
    }

    @Test
    void aThawedLearnerGoesOnAsIfItHadNotSeenWhatItOnlyTested() {
        OnlineLearner never = learners.learner();
        learn(learner, 0, 30);
        learner.setFrozen(true);
        learn(learner, 100, 130);
        learner.setFrozen(false);
        learn(learner, 30, 60);
        learn(never, 0, 60);
        assertThat(learner.state().training().parameters()).isEqualTo(never.state().training().parameters());
    }

    @Test
    void anotherRateIsThatOfALearnerDefinedWithIt() {
        OnlineLearner slow = Learners.picking(2).hidden(5).optimizer(Learners.adam(0.001f)).batchSize(3).learner();
        learner.setLearningRate(OptionalDouble.of(0.001f));
        learn(learner, 0, 60);
        learn(slow, 0, 60);
        assertThat(learner.state().training().parameters()).isEqualTo(slow.state().training().parameters());
    }

    @Test
    void theConfiguredScheduleGoesOnWhereItWouldBe() {
        Optimizer schedule = new Optimizer.Sgd(new LearningRate.PiecewiseConstantDecay(java.util.List.of(5L), java.util.List.of(0.1f, 0f)),
                0,
                false, Clipping.NONE);
        OnlineLearner scheduled = Learners.picking(2).optimizer(schedule).batchSize(3).learner();
        scheduled.setLearningRate(OptionalDouble.of(0.01));
        learn(scheduled, 0, 30);
        float[] before = scheduled.state().training().parameters().clone();
        scheduled.setLearningRate(OptionalDouble.empty());
        learn(scheduled, 30, 60);
        assertThat(scheduled.version()).isEqualTo(20);
        assertThat(scheduled.state().training().parameters()).isEqualTo(before);
    }

    @Test
    void whatWasSetIsPartOfTheState() {
        learn(learner, 0, 31);
        learner.setLearningRate(OptionalDouble.of(0.005));
        OnlineLearner restored = learners.learner();
        Learners.restore(restored, Learners.bytes(learner));
        assertThat(restored.learningRate()).hasValue(0.005f);
        learn(learner, 31, 60);
        learn(restored, 31, 60);
        assertThat(Learners.bytes(restored)).isEqualTo(Learners.bytes(learner));
        learner.setFrozen(true);
        Learners.restore(restored, Learners.bytes(learner));
        assertThat(restored.frozen()).isTrue();
        learner.setFrozen(false);
        learner.setLearningRate(OptionalDouble.empty());
        Learners.restore(restored, Learners.bytes(learner));
        assertThat(restored.frozen()).isFalse();
        assertThat(restored.learningRate()).isEmpty();
    }

    @Test
    void refusesRatesThatAreNone() {
        for (double rate : new double[]{ -1, Double.NaN, 1e300}) {
            assertThatThrownBy(() -> learner.setLearningRate(OptionalDouble.of(rate))).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(learner.learningRate()).isEmpty();
        LearnerState.Section steering = learner.state().sections().stream().filter(section -> section.name().equals("steering")).findFirst()
                .orElseThrow();
        for (long[] impossible : new long[][]{ { 2, 0, 0}, { 0, -1, 0}, { 0, 1, Float.floatToRawIntBits(Float.NaN)}, { 0, 1, 1L << 32}}) {
            ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asLongBuffer().put(impossible);
            assertThatThrownBy(() -> steering.read(0, 24, bytes.array(), 0)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("steering");
        }
    }

    @Test
    void goesBackToWhatItHadLearnedAndKeepsWhatItHasCounted() {
        learn(learner, 0, 30);
        OnlineLearner past = learners.learner();
        Learners.restore(past, Learners.bytes(learner));
        learn(learner, 30, 61);
        learner.setLearningRate(OptionalDouble.of(0.5));
        learner.rollBackTo(past);
        assertThat(learner.version()).isEqualTo(10);
        assertThat(learner.labelled()).isEqualTo(61);
        assertThat(learner.pending()).isEqualTo(1);
        assertThat(learner.evaluation().examples()).isEqualTo(60);
        assertThat(learner.learningRate()).hasValue(0.5);
        assertThat(Learners.predict(learner, 0.5f, -1)).isEqualTo(Learners.predict(past, 0.5f, -1));
        // The pending example is in the next step, and nothing else of what came after.
        learner.setLearningRate(OptionalDouble.empty());
        learn(learner, 61, 63);
        assertThat(learner.version()).isEqualTo(11);
        assertThat(learner.state().training().iterations()).isEqualTo(11);
    }

    @Test
    void doesNotGoBackToAnotherNetwork() {
        OnlineLearner other = Learners.picking(2).hidden(6).optimizer(Learners.adam(0.02f)).batchSize(3).learner();
        assertThatThrownBy(() -> learner.rollBackTo(other)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("units");
    }

    @Test
    void aResetForgetsWhatWasSetToo() {
        byte[] fresh = Learners.bytes(learner);
        learner.setLearningRate(OptionalDouble.of(0.5));
        learn(learner, 0, 20);
        learner.setFrozen(true);
        learn(learner, 20, 40);
        learner.reset();
        assertThat(Learners.bytes(learner)).isEqualTo(fresh);
        OnlineLearner other = learners.learner();
        learn(learner, 0, 30);
        learn(other, 0, 30);
        assertThat(Learners.bytes(learner)).isEqualTo(Learners.bytes(other));
    }

    private static Outcome learn(OnlineLearner learner, int from, int to) {
        Outcome last = Outcome.PENDING;
        for (int i = from; i < to; i++) {
            last = learner.learn(Learners.example(learner, features(i), label(i)), i);
        }
        return last;
    }

    private static float[] features(int i) {
        Random random = new Random(i);
        return new float[]{ random.nextFloat(), random.nextFloat()};
    }

    private static float label(int i) {
        return features(i)[0] - 2 * features(i)[1];
    }
}
