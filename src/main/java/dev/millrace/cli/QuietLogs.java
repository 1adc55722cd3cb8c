package dev.millrace.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What a broker says while it comes and goes is of no use to somebody who did not ask for one. */
final class QuietLogs {
    private static final List<String> BROKER = List.of("kafka", "state.change.logger", "org.apache.kafka.clients.NetworkClient",
            "org.apache.kafka.controller", "org.apache.kafka.coordinator", "org.apache.kafka.image", "org.apache.kafka.metadata",
            "org.apache.kafka.network", "org.apache.kafka.raft", "org.apache.kafka.server", "org.apache.kafka.storage",
            // Warns of a state directory under /tmp, where the demo's belongs.
            "org.apache.kafka.streams.processor.internals.StateDirectory");

    private QuietLogs() {
    }

    /** From now on: only errors of the broker, only warnings of the learner. */
    static void ofEmbeddedBroker() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            BROKER.forEach(name -> context.getLogger(name).setLevel(Level.ERROR));
            // The first transactions after a cold start are refused and sent again, which both sides report.
            context.getLogger("kafka.server.ReplicaManager").setLevel(Level.OFF);
            context.getLogger("org.apache.kafka.clients.producer.internals.Sender").setLevel(Level.ERROR);
            context.getLogger("dev.millrace").setLevel(Level.WARN);
        }
    }

    /** The same without word of how good a learner's model is, which has only begun to learn. */
    static void ofBenchmark() {
        ofEmbeddedBroker();
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger("dev.millrace.stream.LearnerProcessor").setLevel(Level.ERROR);
        }
    }
}
