package dev.millrace.bench;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.RecordFormat;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.stream.ClientSettings;
import dev.millrace.stream.LearnerApplication;
import dev.millrace.stream.PredictionEncoder;
import dev.millrace.stream.Progress;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;

/** What reads a topic of the benchmark and takes turns with others. */
enum Contestant {
    PARSE_ONLY, LEARN_LABELLED, LEARN_LABELLED_FLOAT32, PARSE_ECHO, LEARN_PREDICTED;

    private static final CloseOptions LEAVE = CloseOptions.timeout(Duration.ofSeconds(30))
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);

    /** What reads records must not wait, when it goes on after a pause, for half a second's fetch of nothing from before. */
    private static final Map<String, String> SETTINGS = Map.of("main.consumer.fetch.max.wait.ms", "50");

    /** The name in results. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Starts to read a topic, with an application that has never run. */
    Entrant start(BenchCluster cluster, Topics topics) {
        return switch (this) {
            case PARSE_ONLY -> reference(cluster, application(cluster, topics.labelled()), false);
            case PARSE_ECHO -> reference(cluster, application(cluster, topics.unlabelled()), true);
            case LEARN_LABELLED -> learner(cluster, application(cluster, topics.labelled()));
            case LEARN_PREDICTED -> learner(cluster, application(cluster, topics.unlabelled()));
            case LEARN_LABELLED_FLOAT32 ->
                learner(cluster, application(cluster, topics.packed()).withFormat(RecordFormat.FLOAT32));
        };
    }

    private ApplicationConfig application(BenchCluster cluster, String topic) {
        return cluster.application(id(), topic, BenchModels.small(), SETTINGS);
    }

    private static Entrant reference(BenchCluster cluster, ApplicationConfig config, boolean answers) {
        BenchCluster.createTopics(config);
        OnlineLearner learner = new OnlineLearner(config.learner());
        byte[] answer = new PredictionEncoder(config.name(), config.learner().label()).encode(0, new float[]{ 1.2345678f});
        Topology topology = ReferenceTopology.of(learner, config.topics().features(), answers ? config.topics().predictions() : null,
                answer);
        KafkaStreams streams = new KafkaStreams(topology, ClientSettings.streams(config));
        streams.start();
        return new Entrant(config, streams::pause, streams::resume, () -> {
            streams.close(LEAVE);
            cluster.deleteTopics(config);
        });
    }

    private static Entrant learner(BenchCluster cluster, ApplicationConfig config) {
        BenchCluster.createTopics(config);
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        LearnerApplication application = new LearnerApplication(config, registry);
        application.start();
        return new Entrant(config, application::pause, application::resume, () -> {
            application.close();
            registry.close();
            cluster.deleteTopics(config);
            Progress progress = application.progress();
            if (progress.deadLetters() > 0) {
                throw new IllegalStateException(progress.deadLetters() + " records of the benchmark became dead letters");
            }
        });
    }

    /**
     * The topics that are read, one partition each.
     *
     * @param packed the same as labelled, in float32
     */
    record Topics(String labelled, String unlabelled, String packed) {
    }
}
