package dev.millrace.stream;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;

/**
 * What cannot be written aborts the transaction, and the error is the one that is reported. Kafka Streams' own handler would
 * first try to make a dead letter, which would be aborted too, and which fails itself if what was written came from no record.
 */
public final class StopOnWriteError implements ProductionExceptionHandler {
    /** For Kafka Streams. */
    public StopOnWriteError() {
    }

    @Override
    public void configure(Map<String, ?> settings) {
        // Nothing to choose.
    }

    @Override
    public Response handleError(ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
        return exception instanceof RetriableException ? Response.retry() : Response.fail(List.of());
    }
}
