package dev.millrace.bench;

import dev.millrace.config.RecordFormat;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.stream.RecordDecoder;
import dev.millrace.stream.RecordExamples;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** What any Kafka Streams application would do with the records: parse them, and at most answer with some bytes. */
final class ReferenceTopology {
    private ReferenceTopology() {
    }

    /**
     * A topology that decodes each record with the product's decoder: from JSON to checked features and label.
     *
     * @param learner whose fields are read
     * @param answers topic for one answer per record; null: no answers
     * @param answer what is answered, each time in a new array
     */
    static Topology of(OnlineLearner learner, String input, @Nullable String answers, byte[] answer) {
        Topology topology = new Topology();
        topology.addSource(AutoOffsetReset.earliest(), "features", new ByteArrayDeserializer(), new ByteArrayDeserializer(), input);
        topology.addProcessor("parser", () -> new Parser(learner, answers == null ? null : answer), "features");
        if (answers != null) {
            topology.addSink("answers", answers, new ByteArraySerializer(), new ByteArraySerializer(), "parser");
        }
        return topology;
    }

    private static final class Parser implements Processor<byte[], byte[], byte[], byte[]> {
        private final RecordDecoder decoder;
        private final RecordExamples examples;
        private final byte @Nullable [] answer;
        private ProcessorContext<byte[], byte[]> context;

        @SuppressWarnings("NullAway.Init") // context is set by init(), which Kafka Streams calls before anything else
        Parser(OnlineLearner learner, byte @Nullable [] answer) {
            this.decoder = RecordDecoder.of(RecordFormat.JSON, learner);
            this.examples = new RecordExamples(learner);
            this.answer = answer;
        }

        @Override
        public void init(ProcessorContext<byte[], byte[]> processorContext) {
            context = processorContext;
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            if (decoder.decode(record.value(), examples) != null) {
                throw new IllegalStateException("a record of the benchmark cannot be decoded");
            }
            if (answer != null) {
                context.forward(record.withValue(answer.clone()));
            }
        }
    }
}
