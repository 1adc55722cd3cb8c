package dev.millrace.bench;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.RecordFormat;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.stream.ClientSettings;
import dev.millrace.stream.LearnerApplication;
import dev.millrace.stream.PredictionEncoder;
import dev.millrace.stream.Progress;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;

/**
 * What reads a topic of the benchmark from its beginning to its end. Those that are compared run one after the other: the fewer
 * seconds lie between them, the less may have changed.
 */
enum Contestant {
    RAW_POLL, PARSE_ONLY, LEARN_LABELLED, LEARN_LABELLED_FLOAT32, PARSE_ECHO, LEARN_PREDICTED;

    private static final Duration POLL = Duration.ofSeconds(5);
    private static final CloseOptions LEAVE = CloseOptions.timeout(Duration.ofSeconds(30))
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);

    /** The name in results. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a topic once, with an application that has never run.
     *
     * @param warmUp records that are not counted
     * @param records of the topic
     * @return records per second
     */
    double run(BenchCluster cluster, Topics topics, long warmUp, long records) {
        LearnerSpec spec = BenchModels.small();
        return switch (this) {
            case RAW_POLL -> poll(cluster.application(id(), topics.labelled(), spec), warmUp, records);
            case PARSE_ONLY -> reference(cluster, cluster.application(id(), topics.labelled(), spec), false, warmUp, records);
            case PARSE_ECHO -> reference(cluster, cluster.application(id(), topics.unlabelled(), spec), true, warmUp, records);
            case LEARN_LABELLED -> learner(cluster, cluster.application(id(), topics.labelled(), spec), warmUp, records);
            case LEARN_PREDICTED -> learner(cluster, cluster.application(id(), topics.unlabelled(), spec), warmUp, records);
            case LEARN_LABELLED_FLOAT32 -> {
                ApplicationConfig config = cluster.application(id(), topics.packed(), spec).withFormat(RecordFormat.FLOAT32);
                yield learner(cluster, config, warmUp, records);
            }
        };
    }

    private static double poll(ApplicationConfig config, long warmUp, long records) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(ClientSettings.consumer(config))) {
            consumer.assign(List.of(BenchCluster.only(config.topics().features())));
            consumer.seekToBeginning(consumer.assignment());
            long count = 0;
            while (count < warmUp) {
                count += consumer.poll(POLL).count();
            }
            long from = count;
            long start = System.nanoTime();
            while (count < records) {
                int polled = consumer.poll(POLL).count();
                if (polled == 0) {
                    throw new IllegalStateException("the broker gave " + count + " of " + records + " records");
                }
                count += polled;
            }
            return (count - from) * 1e9 / (System.nanoTime() - start);
        }
    }

    private static double reference(BenchCluster cluster, ApplicationConfig config, boolean answers, long warmUp, long records) {
        BenchCluster.createTopics(config);
        OnlineLearner learner = new OnlineLearner(config.learner());
        byte[] answer = new PredictionEncoder(config.name(), config.learner().label()).encode(0, new float[]{ 1.2345678f});
        Topology topology = ReferenceTopology.of(learner, config.topics().features(), answers ? config.topics().predictions() : null,
                answer);
        KafkaStreams streams = new KafkaStreams(topology, ClientSettings.streams(config));
        try {
            streams.start();
            return rate(cluster, config, warmUp, records);
        } finally {
            streams.close(LEAVE);
            cluster.deleteTopics(config);
        }
    }

    private static double learner(BenchCluster cluster, ApplicationConfig config, long warmUp, long records) {
        BenchCluster.createTopics(config);
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (LearnerApplication application = new LearnerApplication(config, registry)) {
            application.start();
            double rate = rate(cluster, config, warmUp, records);
            Progress progress = application.progress();
            if (progress.deadLetters() > 0) {
                throw new IllegalStateException(progress.deadLetters() + " records of the benchmark became dead letters");
            }
            return rate;
        } finally {
            registry.close();
            cluster.deleteTopics(config);
        }
    }

    private static double rate(BenchCluster cluster, ApplicationConfig config, long warmUp, long records) {
        TopicPartition features = BenchCluster.only(config.topics().features());
        return CommittedRate.measure(cluster.admin(), config.applicationId(), features, warmUp, records);
    }

    /**
     * The topics that are read, one partition each.
     *
     * @param packed the same as labelled, in float32
     */
    record Topics(String labelled, String unlabelled, String packed) {
    }
}
