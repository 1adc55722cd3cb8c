package dev.millrace.stream;

import dev.millrace.learn.Example;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import dev.millrace.metrics.LearnerMetrics;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The first stop of a record when the input has several partitions: labelled ones go on to the one learner, others are answered
 * here from the model view, bad ones go to the dead letters.
 */
final class RouterProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private final LearnerTopology.Nodes nodes;
    private final ModelView view;
    private final LearnerMetrics metrics;
    private final int maxRecordBytes;
    private final OnlineLearner encodings;
    private final JsonRecordDecoder decoder;
    private final RawRecord raw;
    private final Example example;
    private final float[] outputs;
    private final PredictionEncoder encoder;
    private ModelView.@Nullable Answerer answerer;
    private ProcessorContext<byte[], byte[]> context;

    @SuppressWarnings("NullAway.Init") // context is set by init(), which Kafka Streams calls before anything else
    RouterProcessor(LearnerTopology.Nodes nodes, String modelName, ModelView view, LearnerMetrics metrics, int maxRecordBytes) {
        this.nodes = nodes;
        this.view = view;
        this.metrics = metrics;
        this.maxRecordBytes = maxRecordBytes;
        encodings = view.fresh();
        decoder = new JsonRecordDecoder(encodings.schema());
        raw = encodings.schema().newRecord();
        example = encodings.newExample();
        outputs = new float[encodings.spec().label().width()];
        encoder = new PredictionEncoder(modelName, encodings.spec().label());
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        context = processorContext;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Rejection rejection = read(record);
        if (rejection != null) {
            reject(record, rejection);
        } else if (example.labelled()) {
            context.forward(DeadLetters.withSource(record, source()), nodes.labelled());
        } else {
            answer(record);
        }
    }

    private @Nullable Rejection read(Record<byte[], byte[]> record) {
        Rejection tooLarge = DeadLetters.tooLarge(record, maxRecordBytes);
        if (tooLarge != null) {
            return tooLarge;
        }
        if (record.value() == null) {
            return new Rejection(Reason.NULL_VALUE, "the value is null");
        }
        Rejection rejection = decoder.decode(record.value(), raw);
        return rejection != null ? rejection : encodings.encode(raw, example);
    }

    private void answer(Record<byte[], byte[]> record) {
        ModelView.Answerer current = view.answerer(answerer);
        answerer = current;
        current.predict(example, outputs);
        if (Float.isNaN(outputs[0])) {
            reject(record, PredictionEncoder.OVERFLOW);
            return;
        }
        Record<byte[], byte[]> answer = record.withValue(encoder.encode(current.version(), outputs));
        Rejection tooLarge = DeadLetters.tooLarge(answer, maxRecordBytes);
        if (tooLarge != null) {
            reject(record, tooLarge);
            return;
        }
        metrics.prediction();
        context.forward(answer, nodes.predictions());
    }

    private void reject(Record<byte[], byte[]> record, Rejection rejection) {
        metrics.deadLetter(rejection.reason());
        context.forward(DeadLetters.of(record, source(), rejection, maxRecordBytes), nodes.deadLetters());
    }

    private DeadLetters.Source source() {
        RecordMetadata metadata = context.recordMetadata().orElseThrow();
        return new DeadLetters.Source(metadata.topic(), metadata.partition(), metadata.offset());
    }
}
