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

    /** Told every commit that is seen. */
    interface Listener {
        /**
         * A commit has moved the group on.
         *
         * @param offset of the first record that is not committed yet; the end of the partition when all are
         * @param nanos when that was seen
         */
        void committed(long offset, long nanos);
    }

    private CommittedRate() {
    }

    /**
     * Waits until a group has committed all records of a partition.
     *
     * @throws IllegalStateException if the group stands still for a minute
     */
    static void follow(Admin admin, String group, TopicPartition partition, long end, Listener listener) {
        long seen = -1;
        long changed = System.nanoTime();
        while (seen < end) {
            long offset = committed(admin, group, partition);
            long now = System.nanoTime();
            if (offset != seen) {
                seen = offset;
                changed = now;
                listener.committed(offset, now);
            } else if (now - changed > PATIENCE.toNanos()) {
                throw new IllegalStateException(group + " stands still at record " + seen + " of " + end);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /**
     * Waits until a group has committed all records of a partition, and gives how fast it was.
     *
     * @param from records before this one warm up and are not counted
     * @param end records of the partition
     * @return records per second between the first commit at or after {@code from} and the last before the end, which may have
     *         waited for its time without work
     * @throws IllegalStateException if the group stands still for a minute
     */
    static double measure(Admin admin, String group, TopicPartition partition, long from, long end) {
        Slope slope = new Slope();
        follow(admin, group, partition, end, (offset, nanos) -> {
            if (offset >= from && (offset < end || slope.last == slope.first)) {
                slope.add(offset, nanos);
            }
        });
        if (slope.last == slope.first) {
            throw new IllegalStateException(group + " was done after one commit: give it more records");
        }
        return (slope.last - slope.first) * 1e9 / (slope.lastNanos - slope.firstNanos);
    }

    /** Between the first and the last of some commits. */
    private static final class Slope {
        private long first = -1;
        private long last = -1;
        private long firstNanos;
        private long lastNanos;

        void add(long offset, long nanos) {
            if (first < 0) {
                first = offset;
                firstNanos = nanos;
            }
            last = offset;
            lastNanos = nanos;
        }
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
