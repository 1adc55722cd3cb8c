package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.config.RecordFormat;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Outcome;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

/**
 * What this program itself allocates for a record, from the value that Kafka hands over to the value that goes back: reading,
 * checking, learning, remembering the original, predicting and writing the answer. Kafka's own objects, such as the record that
 * carries an answer, are not counted; the array with the answer is subtracted, as somebody else keeps it.
 */
class RecordAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 20_000;
    private static final String JSON = "{\"f0\":-122.05,\"f1\":37.71,\"f2\":27,\"f3\":3885,\"f4\":661,\"f5\":1537,\"f6\":606,\"f7\":6.6085";

    private final OnlineLearner learner = new OnlineLearner(Specs.flat(8));
    private final PendingOriginals originals = new PendingOriginals();
    private final AnswerWriter answers = new AnswerWriter("m", learner.spec().label());
    private final AnswerWriter.Model model = learner::predict;
    private long answerBytes;

    @Test
    void aPackedRecordIsHandledWithoutGarbage() {
        // The compiler may still move a few objects off the stack while it replaces code; garbage per record would be >= 16.
        assertThat(perRecord(RecordFormat.FLOAT32, packed(1.25f, 2.5f, 1, -2.125f, 30, 0, 1, 2, 0.75f))).isLessThan(1);
        assertThat(perRecord(RecordFormat.FLOAT32, packed(1.25f, 2.5f, 1, -2.125f, 30, 0, 1, 2))).isLessThan(1);
        assertThat(perRecord(RecordFormat.FLOAT32, packed(1, 2, 3, 4, 5, 6, 7, 8, Float.NaN, 1, 2, 3, 4, 5, 6, 7, 8, Float.NaN)))
                .isLessThan(1);
    }

    @Test
    void aJsonRecordCostsWhatItsParserDoes() {
        assertThat(perRecord(RecordFormat.JSON, (JSON + ",\"y\":344700}").getBytes(StandardCharsets.UTF_8))).isLessThan(700);
        assertThat(perRecord(RecordFormat.JSON, (JSON + "}").getBytes(StandardCharsets.UTF_8))).isLessThan(700);
    }

    private double perRecord(RecordFormat format, byte[] value) {
        RecordReader reader = new RecordReader(format, learner, 1 << 20);
        Record<byte[], byte[]> record = new Record<>(new byte[8], value, 0);
        double least = Double.MAX_VALUE;
        // Until the kernels of a step are compiled they box their vectors; garbage of a record would be there in every round.
        for (int round = 0; round < 100; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            run(reader, record);
            least = Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before - answerBytes) / (double) ROUNDS);
        }
        return least;
    }

    private void run(RecordReader reader, Record<byte[], byte[]> record) {
        answerBytes = 0;
        for (int i = 0; i < ROUNDS; i++) {
            if (reader.read(record) != null) {
                throw new AssertionError("rejected");
            }
            RecordExamples examples = reader.examples();
            if (!examples.labelled()) {
                byte[] answer = answers.answer(examples, model, learner.version());
                answerBytes += (16 + answer.length + 7) / 8 * 8; // with the header of an array
            } else if (learner.learn(examples.get(0), i) == Outcome.PENDING) {
                originals.append(record, "features", 0, i, PendingOriginals.Rows.ONE);
            } else {
                originals.clear();
            }
        }
    }

    private static byte[] packed(float... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : numbers) {
            bytes.putFloat(number);
        }
        return bytes.array();
    }
}
