package dev.millrace.bench;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * How fast an application gets on, seen from outside: the slope between two of its commits. A record counts when the transaction
 * that has its consequences has ended, whatever the application is.
 */
final class CommittedRate {
    private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private CommittedRate() {
    }

    /**
     * Waits until a group has committed all records of a partition.
     *
     * @param from records before this one warm up and are not counted
     * @param end records of the partition
     * @return records per second between the first commit at or after {@code from} and the last before the end, which may have
     *         waited for its time without work
     * @throws IllegalStateException if the group stands still for a minute
     */
    static double measure(Admin admin, String group, TopicPartition partition, long from, long end) {
        long startOffset = -1;
        long startNanos = 0;
        long lastOffset = -1;
        long lastNanos = 0;
        long seen = -1;
        long changed = System.nanoTime();
        while (seen < end) {
            long offset = committed(admin, group, partition);
            long now = System.nanoTime();
            if (offset != seen) {
                seen = offset;
                changed = now;
                if (offset >= from && startOffset < 0) {
                    startOffset = offset;
                    startNanos = now;
                } else if (startOffset >= 0 && (offset < end || lastOffset < 0)) {
                    lastOffset = offset;
                    lastNanos = now;
                }
            } else if (now - changed > PATIENCE.toNanos()) {
                throw new IllegalStateException(group + " stands still at record " + seen + " of " + end);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        if (lastOffset < 0) {
            throw new IllegalStateException(group + " was done after one commit: give it more records");
        }
        return (lastOffset - startOffset) * 1e9 / (lastNanos - startNanos);
    }

    private static long committed(Admin admin, String group, TopicPartition partition) {
        try {
            Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
            OffsetAndMetadata offset = offsets.get(partition);
            return offset == null ? 0 : offset.offset();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return 0;
            }
            throw new IllegalStateException("the broker does not tell the offsets of " + group, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
