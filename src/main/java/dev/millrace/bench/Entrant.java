package dev.millrace.bench;

import dev.millrace.config.ApplicationConfig;
import org.apache.kafka.common.TopicPartition;

/**
 * A contestant's application, which has been started.
 *
 * @param pause lets it handle no more records
 * @param resume lets it go on
 * @param close stops it and deletes its topics
 */
record Entrant(ApplicationConfig config, Runnable pause, Runnable resume, Runnable close) {
    /** Whose commits tell how far it is. */
    String group() {
        return config.applicationId();
    }

    /** What it reads. */
    TopicPartition partition() {
        return BenchCluster.only(config.topics().features());
    }
}
