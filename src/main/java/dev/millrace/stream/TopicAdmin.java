package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import java.util.List;

/** Creates and checks the topics of an application. */
public final class TopicAdmin implements AutoCloseable {
    /** What a topic is and whether it fits; {@code problem} is empty if it does. */
    public record TopicState(String purpose, String topic, boolean exists, int partitions, int replication, String cleanupPolicy,
            String problem) {
    }

    /**
     * Connects.
     *
     * @throws StartException if no broker answers within the time limit
     */
    public TopicAdmin(ApplicationConfig config) {
        throw new UnsupportedOperationException();
    }

    /**
     * Creates the topics that do not exist.
     *
     * @param partitions of the features and predictions topics
     * @param replication of all topics; -1: the broker's default
     * @return names of the topics that were created
     */
    public List<String> create(int partitions, short replication) {
        throw new UnsupportedOperationException();
    }

    /** All topics of the application, in the order a record meets them. */
    public List<TopicState> describe() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
