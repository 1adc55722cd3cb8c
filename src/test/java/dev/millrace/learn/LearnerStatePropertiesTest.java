package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.nn.Optimizer;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class LearnerStatePropertiesTest {
    @Provide
    Arbitrary<Optimizer> optimizer() {
        return Arbitraries.of(Learners.sgd(0.05f), Learners.momentum(0.02f), Learners.adagrad(0.1f), Learners.adam(0.01f));
    }

    /** One record of a stream in which some records have no label, some features are missing and some values are absurd. */
    private static void handle(OnlineLearner learner, long seed, int position) {
        Random random = new Random(seed * 1_000_003 + position);
        RawRecord record = learner.schema().newRecord();
        record.numbers[0] = random.nextGaussian();
        record.numbers[1] = random.nextInt(5) == 0 ? Double.NaN : random.nextGaussian() * 100;
        record.numbers[2] = random.nextInt(25) == 0 ? 3e38 : random.nextInt(3);
        if (random.nextInt(4) > 0) {
            record.texts[3] = Integer.toString(random.nextInt(3));
            record.numbers[3] = random.nextInt(25) == 0 ? -3e38 : random.nextGaussian();
        }
        long time = 1_000L * position + random.nextInt(3000);
        learner.advanceTo(time);
        Example example = learner.newExample();
        assertThat(learner.encode(record, example)).isNull();
        if (example.labelled()) {
            learner.learn(example, time);
        } else {
            learner.predict(example, new float[learner.spec().label().width()]);
        }
    }

    @Property(tries = 200)
    void aLearnerCutAnywhereGoesOnBitForBit(@ForAll long seed, @ForAll boolean classes, @ForAll boolean raw,
            @ForAll("optimizer") Optimizer optimizer, @ForAll @IntRange(min = 1, max = 7) int batchSize,
            @ForAll @IntRange(min = 0, max = 60) int cut, @ForAll @IntRange(min = 0, max = 60) int rest, @ForAll boolean maxWait) {
        Learners learners = Learners.picking(3).missing(Missing.MEAN).hidden(5).optimizer(optimizer).batchSize(batchSize).window(10)
                .maxWaitMillis(maxWait ? 4000 : 0);
        if (classes) {
            learners.classes("0", "1", "2");
        }
        if (raw) {
            learners.raw();
        }
        OnlineLearner uninterrupted = learners.learner();
        OnlineLearner first = learners.learner();
        OnlineLearner second = learners.learner();
        for (int i = 0; i < cut; i++) {
            handle(uninterrupted, seed, i);
            handle(first, seed, i);
            handle(second, seed + 1, i);
        }
        Learners.restore(second, Learners.bytes(first));
        assertThat(Learners.bytes(second)).isEqualTo(Learners.bytes(first));
        assertThat(second.state().training().iterations()).isEqualTo(first.version());
        for (int i = cut; i < cut + rest; i++) {
            handle(uninterrupted, seed, i);
            handle(second, seed, i);
        }
        assertThat(Learners.bytes(second)).isEqualTo(Learners.bytes(uninterrupted));
        assertThat(second.version()).isEqualTo(uninterrupted.version());
    }

    @Property(tries = 200)
    void anyAlignedRangeCanBeWrittenAndReadOnItsOwn(@ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int words,
            @ForAll @IntRange(min = 0, max = 9) int offset) {
        Learners learners = Learners.picking(3).missing(Missing.MEAN).hidden(3).optimizer(Learners.adam(0.01f)).batchSize(3);
        OnlineLearner from = learners.learner();
        OnlineLearner to = learners.learner();
        for (int i = 0; i < 20; i++) {
            handle(from, seed, i);
        }
        byte[] buffer = new byte[words * 8 + offset];
        for (int s = 0; s < from.state().sections().size(); s++) {
            LearnerState.Section section = from.state().sections().get(s);
            for (int at = 0; at < section.byteLength(); at += words * 8) {
                int length = Math.min(words * 8, section.byteLength() - at);
                section.write(at, length, buffer, offset);
                to.state().sections().get(s).read(at, length, buffer, offset);
            }
        }
        assertThat(Learners.bytes(to)).isEqualTo(Learners.bytes(from));
        assertThat(to.state().training().iterations()).isEqualTo(from.version());
    }
}
