package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.nn.ParameterLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObservationTest {
    private static final float RATE = 0.125f;

    private static void learn(OnlineLearner learner, Random random, int examples) {
        for (int i = 0; i < examples; i++) {
            float[] features = { random.nextFloat(), random.nextFloat()};
            learner.learn(Learners.example(learner, features, features[0] - 2 * features[1]), 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = { 1, 4})
    void showsTheGradientOfTheLastStepAlsoWhereTheStepHadNoneInMemory(int batchSize) {
        OnlineLearner learner = Learners.picking(2).hidden(3).optimizer(Learners.sgd(RATE)).batchSize(batchSize).learner();
        Random random = new Random(1);
        learn(learner, random, 40);
        ParameterLayout layout = learner.network().layout();
        List<float[]> before = layout.variables().stream().map(variable -> layout.toRowMajor(parameters(learner), variable)).toList();
        learn(learner, random, batchSize);
        List<float[]> gradients = learner.observe(100).gradients();
        assertThat(gradients).hasSize(layout.variables().size());
        for (int i = 0; i < gradients.size(); i++) {
            float[] after = layout.toRowMajor(parameters(learner), layout.variables().get(i));
            for (int j = 0; j < after.length; j++) {
                assertThat(gradients.get(i)[j]).isCloseTo((before.get(i)[j] - after[j]) / RATE, within(1e-5f));
            }
        }
        assertThat(gradients.getFirst()).isNotEqualTo(new float[6]);
        assertThat(learner.observe(2).gradients().getFirst()).containsExactly(gradients.getFirst()[0], gradients.getFirst()[3]);
    }

    private static float[] parameters(OnlineLearner learner) {
        return learner.state().training().parameters();
    }

    @Test
    void lookingChangesNothing() {
        OnlineLearner seen = Learners.picking(2).hidden(3).optimizer(Learners.sgd(RATE)).learner();
        OnlineLearner alone = Learners.picking(2).hidden(3).optimizer(Learners.sgd(RATE)).learner();
        Random first = new Random(2);
        Random second = new Random(2);
        for (int i = 0; i < 50; i++) {
            learn(seen, first, 3);
            learn(alone, second, 3);
            seen.observe(10);
        }
        assertThat(Learners.bytes(seen)).isEqualTo(Learners.bytes(alone));
    }

    @Test
    void remembersTheLatestTestsBesideTheirTruth() {
        OnlineLearner learner = Learners.picking(2).optimizer(Learners.sgd(RATE)).learner();
        assertThat(learner.observe(1).truths()).isEmpty();
        learn(learner, new Random(3), 3000);
        Observation observation = learner.observe(1);
        assertThat(observation.labelled()).isEqualTo(3000);
        assertThat(observation.truths()).hasSize(1024);
        for (int i = 0; i < observation.truths().length; i++) {
            assertThat(observation.answers()[i]).isCloseTo(observation.truths()[i], within(0.05f));
        }
        assertThat(observation.features()).hasSize(2 * 512);
        learner.reset();
        assertThat(learner.observe(1).features()).isEmpty();
    }

    @Test
    void remembersClassesByTheirPositions() {
        OnlineLearner learner = Learners.picking(1).classes("low", "high").optimizer(Learners.sgd(1)).learner();
        RawRecord record = learner.schema().newRecord();
        Example example = learner.newExample();
        for (int i = 0; i < 2000; i++) {
            record.numbers[0] = i % 3 - 1;
            record.texts[1] = i % 3 == 2 ? "high" : "low";
            assertThat(learner.encode(record, example)).isNull();
            learner.learn(example, 0);
        }
        Observation observation = learner.observe(1);
        assertThat(observation.truths()).contains(0, 1).isEqualTo(observation.answers());
    }
}
