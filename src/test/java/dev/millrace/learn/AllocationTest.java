package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.nn.Loss;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A million records a second leave no room for garbage: encoding, learning and predicting allocate nothing. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 20_000;
    private static final int MOST_ROUNDS = 50;

    static Stream<Learners> learners() {
        List<Feature> features = List.of(new Feature.Pick("p", "a"), new Feature.Ratio("r", "a", "b"), new Feature.Log1p("l", "b"),
                new Feature.Cyclical("c", "a", 24), new Feature.OneHot("o", "o", List.of("x", "y")), new Feature.Vector("v", "v", 3));
        return Stream.of(Learners.with(features).hidden(8).batchSize(1),
                Learners.with(features).hidden(8).batchSize(16).optimizer(Learners.adam(0.01f)),
                Learners.with(features).hidden(8).classes("a", "b", "c"),
                Learners.with(features).hidden(8).classes("a", "b").loss(new Loss.BinaryCrossentropy(true, 0)),
                Learners.with(features).hidden(8).classes("a", "b", "c").loss(new Loss.MeanSquaredError()).missing(Missing.MEAN));
    }

    @ParameterizedTest
    @MethodSource("learners")
    void aRecordIsEncodedLearnedAndPredictedWithoutGarbage(Learners learners) {
        OnlineLearner learner = learners.learner();
        RawRecord record = learner.schema().newRecord();
        Example example = learner.newExample();
        float[] outputs = new float[learner.spec().label().width()];
        double perRecord = Double.MAX_VALUE;
        for (int round = 0; round < MOST_ROUNDS && perRecord >= 1; round++) { // vectors are objects until the compiler is done
            long before = THREADS.getCurrentThreadAllocatedBytes();
            run(learner, record, example, outputs);
            perRecord = (THREADS.getCurrentThreadAllocatedBytes() - before) / (double) ROUNDS;
        }

        // The compiler may still move a few objects off the stack while it replaces code; garbage per record would be >= 16.
        assertThat(perRecord).isLessThan(1);
    }

    private static void run(OnlineLearner learner, RawRecord record, Example example, float[] outputs) {
        int oneHot = learner.schema().field("o").slot();
        int label = learner.schema().field("y").slot();
        for (int i = 0; i < ROUNDS; i++) {
            for (int j = 0; j < record.numbers.length; j++) {
                record.numbers[j] = 1 + (i * 31 + j * 17) % 13;
            }
            record.texts[oneHot] = i % 2 == 0 ? "x" : "y";
            record.texts[label] = i % 3 == 0 ? "a" : "b";
            if (learner.encode(record, example) != null) {
                throw new AssertionError("rejected");
            }
            learner.advanceTo(i);
            learner.learn(example, i);
            learner.predict(example, outputs);
        }
    }
}
