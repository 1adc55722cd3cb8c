package dev.millrace.stream;

import dev.millrace.config.RecordFormat;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.PackedRow;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A record of eight features from bytes to an example, and an answer from numbers to bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RecordsBenchmark {
    private static final byte[] JSON = ("{\"f0\":-122.05,\"f1\":37.71,\"f2\":27,\"f3\":3885,\"f4\":661,\"f5\":1537,\"f6\":606,"
            + "\"f7\":6.6085,\"y\":344700}").getBytes(StandardCharsets.UTF_8);

    private final OnlineLearner learner = new OnlineLearner(Specs.flat(8));
    private final RecordExamples examples = new RecordExamples(learner);
    private final RecordDecoder json = RecordDecoder.of(RecordFormat.JSON, learner);
    private final RecordDecoder packed = RecordDecoder.of(RecordFormat.FLOAT32, learner);
    private final byte[] row = row();
    private final PredictionEncoder encoder = new PredictionEncoder("california", learner.spec().label());
    private final float[] outputs = { 2.1243567f};

    @Benchmark
    public Rejection decodeJson() {
        return json.decode(JSON, examples);
    }

    @Benchmark
    public Rejection decodeFloat32() {
        return packed.decode(row, examples);
    }

    @Benchmark
    public byte[] encodePrediction() {
        return encoder.encode(170, outputs);
    }

    private byte[] row() {
        RawRecord raw = learner.schema().newRecord();
        if (new JsonRecordDecoder(learner.schema()).decode(JSON, raw) != null) {
            throw new IllegalStateException("the record cannot be decoded");
        }
        return new PackedRow(learner.spec(), learner.schema()).write(raw);
    }
}
