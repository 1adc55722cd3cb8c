package dev.millrace.stream;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells when a copy of another instance's model is up to date, so that this instance can take over at once, and when it ends. */
final class StandbyLog implements StandbyUpdateListener {
    private static final Logger LOG = LoggerFactory.getLogger(StandbyLog.class);

    /** How far behind still counts: the active instance goes on writing, and markers of transactions are offsets without records. */
    private static final int NEARLY = 100;

    private final ModelStores stores;
    private final Set<TopicPartition> upToDate = ConcurrentHashMap.newKeySet();

    StandbyLog(ModelStores stores) {
        this.stores = stores;
    }

    @Override
    public void onUpdateStart(TopicPartition partition, String store, long start) {
        upToDate.remove(partition);
    }

    @Override
    public void onBatchLoaded(TopicPartition partition, String store, TaskId task, long batchEnd, long batchSize, long end) {
        if (batchEnd + NEARLY >= end && upToDate.add(partition)) {
            LOG.info("The copy of {} is up to date", partition);
        }
    }

    @Override
    public void onUpdateSuspended(TopicPartition partition, String store, long offset, long end, SuspendReason reason) {
        LOG.info("The copy of {} ends at offset {}: {}", partition, offset, reason);
        if (reason == SuspendReason.PROMOTED) {
            stores.promoted(partition.partition());
        }
    }
}
