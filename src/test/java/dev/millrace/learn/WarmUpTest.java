package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.nn.Activation;
import dev.millrace.nn.Loss;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    /** Of every kind of label, narrower and wider than what it shrinks to. */
    private static final List<Learners> SHAPES = List.of(
            Learners.picking(3).hidden(10, 10).optimizer(Learners.sgd(0.01f)),
            Learners.picking(5).hidden(300, 8).hiddenActivation(Activation.TANH).optimizer(Learners.adam(0.001f)).batchSize(200).outputs(4),
            Learners.picking(2).hidden(100).classes("a", "b", "c").optimizer(Learners.adagrad(0.1f)).batchSize(7),
            Learners.picking(2).outputActivation(Activation.SIGMOID).label(new Label.Classification("y", List.of("a", "b")))
                    .loss(new Loss.BinaryCrossentropy(false, 0)).weight("w"));

    @Test
    void endsByItselfForEveryShape() {
        List<WarmUp> all = SHAPES.stream().map(shape -> new WarmUp(shape.spec())).toList();
        assertThat(all).noneMatch(WarmUp::done);
        all.forEach(WarmUp::start);
        await().atMost(Duration.ofMinutes(1)).until(() -> all.stream().allMatch(WarmUp::done));
    }

    @Test
    void changingTheLoopsInTheMiddleChangesNoBit() {
        for (Learners shape : SHAPES) {
            OnlineLearner changing = shape.learner();
            OnlineLearner other = shape.learner();
            Random random = new Random(5);
            for (int i = 0; i < 1_000; i++) {
                float[] features = new float[changing.spec().network().inputs()];
                for (int k = 0; k < features.length; k++) {
                    features[k] = (float) random.nextGaussian();
                }
                float[] target = new float[changing.newExample().target.length];
                target[random.nextInt(target.length)] = target.length > 1 ? 1 : random.nextInt(2);
                changing.usePlainLoops(i % 600 < 300);
                for (OnlineLearner learner : List.of(changing, other)) {
                    learner.learn(Learners.example(learner, features, target), i);
                }
            }
            assertThat(other.version()).isPositive();
            assertThat(Learners.bytes(changing)).isEqualTo(Learners.bytes(other));
        }
    }
}
