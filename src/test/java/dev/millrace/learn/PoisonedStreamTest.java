package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.learn.Evaluation.Span;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Optimizer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Spikes, constant columns, labels near the end of the range and learning rates beyond reason. */
class PoisonedStreamTest {
    private static final List<Optimizer> OPTIMIZERS = List.of(Learners.sgd(0.1f), Learners.sgd(1e6f), Learners.momentum(10),
            Learners.adagrad(1e10f), Learners.adam(1e30f));

    static Stream<Learners> learners() {
        return OPTIMIZERS.stream().flatMap(optimizer -> Stream.of(1, 4)
                .flatMap(batch -> Stream.of(poisonable(), poisonable().raw(), poisonable().classes("0", "1", "2"),
                        poisonable().raw().classes("0", "1").loss(new Loss.BinaryCrossentropy(false, 0))
                                .outputActivation(Activation.SIGMOID))
                        .map(learners -> learners.optimizer(optimizer).batchSize(batch))));
    }

    private static Learners poisonable() {
        return Learners.picking(4).missing(Missing.MEAN).hidden(8).window(20);
    }

    @ParameterizedTest
    @MethodSource("learners")
    void leavesEveryNumberOfTheStateFinite(Learners learners) {
        OnlineLearner learner = learners.learner();
        RawRecord record = learner.schema().newRecord();
        Example example = learner.newExample();
        float[] outputs = new float[learner.spec().label().width()];
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            record.numbers[0] = random.nextGaussian();
            record.numbers[1] = 7;
            record.numbers[2] = i % 100 == 50 ? 1e30 : random.nextGaussian();
            record.numbers[3] = i % 10 == 0 ? Double.NaN : i % 333 == 7 ? -3.4e38 : 1e-40 * random.nextGaussian();
            record.numbers[4] = i % 250 == 9 ? 3.4e38 : record.numbers[0];
            record.texts[4] = Integer.toString(random.nextInt(2));
            assertThat(learner.encode(record, example)).isNull();
            learner.predict(example, outputs);
            learner.learn(example, i);
        }
        LearnerState state = learner.state();
        assertFinite(state.training().parameters());
        for (int slot = 0; slot < state.training().slotCount(); slot++) {
            assertFinite(state.training().slot(slot));
        }
        assertThat(Arrays.stream(learner.scaler().state()).allMatch(Double::isFinite)).isTrue();
        assertThat(Arrays.stream(learner.evaluation().state()).allMatch(Double::isFinite)).isTrue();
        assertThat(learner.labelled()).isEqualTo(2000);
        assertThat(learner.version() + learner.refusedSteps()).isEqualTo(2000 / learner.spec().batchSize());
        for (Span span : Span.values()) {
            assertThat(learner.evaluation().figures(span).values()).noneMatch(figure -> Double.isInfinite(figure));
        }
        assertThat(learner.weightNorm()).isFinite();
    }

    private static void assertFinite(float[] values) {
        for (float value : values) {
            assertThat(value).isFinite();
        }
    }
}
