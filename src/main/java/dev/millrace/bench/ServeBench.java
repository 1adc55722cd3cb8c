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
 * What answers over HTTP cost a learner that trains as fast as it can, and how long they take then. Each round trains twice on the
 * same records, once with nobody asking and once with questions at a fixed rate, every other round in reverse order; two rounds before
 * the first warm up.
 */
public final class ServeBench implements AutoCloseable {
    private static final long SEED = 4;
    private static final String TOPIC = "labelled";
    /** So many rounds are not counted: what answers is compiled only when it has answered often. */
    private static final int WARM_UPS = 2;

    /**
     * How much to measure.
     *
     * @param records to train on, each time
     * @param rounds that count
     * @param rate requests per second
     */
    public record Options(long records, int rounds, int rate) {
        public Options {
            if (records < 400_000) {
                throw new IllegalArgumentException("a measurement needs at least 400000 records, found " + records);
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
        double[] serving = new double[options.rounds()];
        double[] p50 = new double[options.rounds()];
        double[] p99 = new double[options.rounds()];
        int answered = 0;
        int failed = 0;
        for (int round = -WARM_UPS; round < options.rounds(); round++) {
            Latencies heard = new Latencies();
            for (int half = 0; half < 2; half++) {
                boolean asked = (half == 0) == (round % 2 == 0);
                double rate = train(asked, heard);
                status.accept(String.format(Locale.ROOT, "%s: %s %,.0f records/s",
                        round < 0 ? "warm-up" : "round " + (round + 1) + " of " + options.rounds(), asked ? "asked" : "alone", rate));
                if (round >= 0) {
                    (asked ? serving : alone)[round] = rate;
                }
            }
            if (round >= 0) {
                answered += heard.count();
                failed += heard.failed();
                p50[round] = heard.millis(0.5);
                p99[round] = heard.millis(0.99);
            }
        }
        return new ServeResult(options.rate(), answered, failed, p50, p99, alone, serving);
    }

    /** Gives records per second. */
    private double train(boolean asked, Latencies latencies) {
        ApplicationConfig config = cluster.application(asked ? "asked" : "alone", TOPIC, BenchModels.small());
        BenchCluster.createTopics(config);
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (LearnerApplication learner = new LearnerApplication(config, registry);
                HttpServer server = new HttpServer(config.http(), registry, learner::live, learner::ready, config.name(), learner::model,
                        PageSource.of(config, learner))) {
            learner.start();
            if (!asked) {
                return rate(config);
            }
            try (Asker _ = new Asker(server.url(), "/v1/models/" + config.name() + ":predict", () -> learner.model().isPresent(),
                    options.rate(), latencies)) {
                return rate(config);
            }
        } finally {
            registry.close();
            cluster.deleteTopics(config);
        }
    }

    private double rate(ApplicationConfig config) {
        return CommittedRate.measure(cluster.admin(), config.applicationId(), BenchCluster.only(TOPIC), options.records() / 4,
                options.records());
    }

    /** Ends the broker and deletes everything; safe to call twice. */
    @Override
    public void close() {
        cluster.close();
    }
}
