package dev.millrace.stream;

import dev.millrace.config.RecordFormat;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Rejection;
import dev.millrace.metrics.Count;
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
    private final Count answered;
    private final LearnerWatch watch;
    private final int maxRecordBytes;
    private final RecordReader reader;
    private final AnswerWriter answers;
    private ModelView.@Nullable Answerer answerer;
    private ProcessorContext<byte[], byte[]> context;

    @SuppressWarnings("NullAway.Init") // context is set by init(), which Kafka Streams calls before anything else
    RouterProcessor(LearnerTopology.Nodes nodes, String modelName, RecordFormat format, ModelView view, LearnerMetrics metrics,
            LearnerWatch watch, int maxRecordBytes) {
        this.nodes = nodes;
        this.view = view;
        this.metrics = metrics;
        this.answered = metrics.newPredictions();
        this.watch = watch;
        this.maxRecordBytes = maxRecordBytes;
        OnlineLearner encodings = view.fresh();
        reader = new RecordReader(format, encodings, maxRecordBytes);
        answers = new AnswerWriter(modelName, encodings.spec().label());
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        context = processorContext;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Rejection rejection = reader.read(record);
        if (rejection != null) {
            reject(record, rejection);
        } else if (reader.examples().labelled()) {
            context.forward(DeadLetters.withSource(record, source()), nodes.labelled());
        } else {
            answer(record);
        }
    }

    private void answer(Record<byte[], byte[]> record) {
        ModelView.Answerer current = view.answerer(answerer);
        answerer = current;
        byte[] value = answers.answer(reader.examples(), current, current.version());
        if (value == null) {
            reject(record, answers.overflow(reader.examples()));
            return;
        }
        Record<byte[], byte[]> answer = record.withValue(value);
        Rejection tooLarge = DeadLetters.tooLarge(answer, maxRecordBytes);
        if (tooLarge != null) {
            reject(record, tooLarge);
            return;
        }
        answered.add(reader.examples().count());
        context.forward(answer, nodes.predictions());
    }

    private void reject(Record<byte[], byte[]> record, Rejection rejection) {
        DeadLetters.Source source = source();
        metrics.deadLetter(rejection.reason());
        watch.refused(record, source, rejection, context.currentSystemTimeMs());
        context.forward(DeadLetters.of(record, source, rejection, maxRecordBytes), nodes.deadLetters());
    }

    private DeadLetters.Source source() {
        RecordMetadata metadata = context.recordMetadata().orElseThrow();
        return new DeadLetters.Source(metadata.topic(), metadata.partition(), metadata.offset());
    }
}
