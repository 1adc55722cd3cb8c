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
 * How far an application has got, seen from outside: a record counts when the transaction that has its consequences has ended,
 * whatever the application is.
 */
final class Commits {
    private static final long POLL_NANOS = Duration.ofMillis(3).toNanos();
    /** Applications commit every 100 ms; a question takes time from what is measured, and before this there is no answer to it. */
    private static final long REST_NANOS = Duration.ofMillis(90).toNanos();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Told every commit that is seen. */
    interface Listener {
        /**
         * A commit has moved the group on.
         *
         * @param offset of the first record that is not committed yet; the end of the partition when all are
         * @param nanos when that was seen
         * @return whether to tell the next one too
         */
        boolean committed(long offset, long nanos);
    }

    private Commits() {
    }

    /**
     * Tells the commits of a group in a partition, that which is there and new ones, until the listener has heard enough.
     *
     * @throws IllegalStateException if the group stands still for a minute
     */
    static void follow(Admin admin, String group, TopicPartition partition, Listener listener) {
        long seen = -1;
        long changed = System.nanoTime();
        boolean more = true;
        while (more) {
            long offset = offset(admin, group, partition);
            long now = System.nanoTime();
            if (offset != seen) {
                seen = offset;
                changed = now;
                more = listener.committed(offset, now);
            } else if (now - changed > PATIENCE.toNanos()) {
                throw new IllegalStateException(group + " stands still at record " + seen);
            }
            if (more) {
                LockSupport.parkNanos(now == changed ? REST_NANOS : POLL_NANOS);
            }
        }
    }

    /** Records of a partition that a group has committed. */
    static long offset(Admin admin, String group, TopicPartition partition) {
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
