package dev.millrace.stream;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells how much of its changelog a task had to read before it could go on; after a standby nearly nothing. */
final class RestoreLog implements StateRestoreListener {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreLog.class);

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long start, long end) {
        LOG.debug("Restoring {} from offset {} to {}", partition, start, end);
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long count) {
        LOG.debug("Restored {} records of {}", count, partition);
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long total) {
        LOG.info("Restored {} records of {}", total, partition);
    }
}
