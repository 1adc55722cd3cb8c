package dev.millrace.bench;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.RecordFormat;
import dev.millrace.demo.Replay;
import dev.millrace.server.HttpServer;
import dev.millrace.server.page.PageSource;
import dev.millrace.stream.LearnerApplication;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * What answers over HTTP cost a learner that trains as fast as it can, and how long they take then. Each round
 * trains a new learner on the same records, and questions come at a fixed rate in every other half second of it: so near to each other,
 * both halves have the same machine. Two rounds before the first warm up.
 */
public final class ServeBench implements AutoCloseable {
    private static final long SEED = 4;
    private static final String TOPIC = "labelled";
    /** So many rounds are not counted, with so many times the requests: what answers is compiled only when it has answered often. */
    private static final int WARM_UPS = 2;
    private static final int WARM_UP_RATE = 10;

    /**
     * How much to measure.
     *
     * @param records to train on, each round
     * @param rounds that count
     * @param rate requests per second
     */
    public record Options(long records, int rounds, int rate) {
        public Options {
            if (records < 2_000_000) {
                throw new IllegalArgumentException("a measurement needs at least 2000000 records, found " + records);
            }
            if (rounds < 1) {
                throw new IllegalArgumentException("a measurement needs at least 1 round, found " + rounds);
            }
            if (rate < 1 || rate > 100_000) {
                throw new IllegalArgumentException("a rate is from 1 to 100000 requests per second, found " + rate);
            }
        }
    }

    private final Options options;
    private final BenchCluster cluster;

    /** Starts the broker. */
    public ServeBench(Options options) {
        this.options = options;
        this.cluster = new BenchCluster();
    }

    /**
     * Measures everything.
     *
     * @param status told what goes on, a line each
     */
    public ServeResult run(Consumer<String> status) {
        status.accept("producing " + options.records() + " labelled records");
        ApplicationConfig producer = cluster.application("producer", TOPIC, BenchModels.small()).withFormat(RecordFormat.JSON);
        BenchCluster.createTopics(producer);
        Replay.ofHousing(SEED, options.records(), producer, new Replay.Options(1, OptionalLong.empty(), 0, 0, 0))
                .run(producer, TOPIC, OptionalLong.empty());
        double[] alone = new double[options.rounds()];
        double[] asked = new double[options.rounds()];
        double[] p50 = new double[options.rounds()];
        double[] p99 = new double[options.rounds()];
        int answered = 0;
        int failed = 0;
        for (int round = -WARM_UPS; round < options.rounds(); round++) {
            Latencies heard = new Latencies();
            ServeTurns turns = train(round < 0 ? WARM_UP_RATE * options.rate() : options.rate(), heard);
            status.accept(String.format(Locale.ROOT, "%s: asked %,.0f records/s, alone %,.0f",
                    round < 0 ? "warm-up" : "round " + (round + 1) + " of " + options.rounds(), turns.asked(), turns.alone()));
            if (round >= 0) {
                alone[round] = turns.alone();
                asked[round] = turns.asked();
                answered += heard.count();
                failed += heard.failed();
                p50[round] = heard.millis(0.5);
                p99[round] = heard.millis(0.99);
            }
        }
        return new ServeResult(options.rate(), answered, failed, p50, p99, alone, asked);
    }

    private ServeTurns train(int rate, Latencies latencies) {
        ApplicationConfig config = cluster.application("asked", TOPIC, BenchModels.small());
        BenchCluster.createTopics(config);
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (LearnerApplication learner = new LearnerApplication(config, registry);
                HttpServer server = new HttpServer(config.http(), registry, learner::live, learner::ready, config.name(), learner::model,
                        PageSource.of(config, learner));
                ServeTurns turns = new ServeTurns(options.records(), () -> learner.model().isPresent(),
                        () -> new Asker(server.url(), "/v1/models/" + config.name() + ":predict", rate, latencies)::close)) {
            learner.start();
            Commits.follow(cluster.admin(), config.applicationId(), BenchCluster.only(TOPIC), turns);
            return turns;
        } finally {
            registry.close();
            cluster.deleteTopics(config);
        }
    }

    /** Ends the broker and deletes everything; safe to call twice. */
    @Override
    public void close() {
        cluster.close();
    }
}
