package dev.millrace.bench;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.RecordFormat;
import dev.millrace.demo.Replay;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * How fast records go through the learner, beside the same records through less. All contestants read the same topics of one
 * partition, with the same settings of their clients, in rounds; each round lets every contestant run once, every other round in
 * reverse order. Its first records warm it up, and so does a whole round before the first that counts.
 */
public final class PipelineBench implements AutoCloseable {
    private static final long SEED = 2;

    /**
     * How much to measure.
     *
     * @param records of each topic
     * @param rounds that count
     */
    public record Options(long records, int rounds) {
        public Options {
            if (records < 200_000) {
                throw new IllegalArgumentException("a measurement needs at least 200000 records, found " + records);
            }
            if (rounds < 1) {
                throw new IllegalArgumentException("a measurement needs at least 1 round, found " + rounds);
            }
        }

        long warmUp() {
            return records / 4;
        }
    }

    private final Options options;
    private final BenchCluster cluster;

    /** Starts the broker. */
    public PipelineBench(Options options) {
        this.options = options;
        this.cluster = new BenchCluster();
    }

    /**
     * Measures everything.
     *
     * @param status told what goes on, a line each
     */
    public PipelineResult run(Consumer<String> status) {
        status.accept("producing " + options.records() + " records, labelled and not");
        Contestant.Topics topics = new Contestant.Topics(produce("labelled", 0, RecordFormat.JSON),
                produce("unlabelled", 1, RecordFormat.JSON), produce("packed", 0, RecordFormat.FLOAT32));
        Map<Contestant, double[]> rates = new EnumMap<>(Contestant.class);
        for (int round = -1; round < options.rounds(); round++) {
            List<Contestant> order = Arrays.asList(Contestant.values());
            for (Contestant contestant : round % 2 == 0 ? order : order.reversed()) {
                double rate = contestant.run(cluster, topics, options.warmUp(), options.records());
                status.accept((round < 0 ? "warm-up" : "round " + (round + 1)) + ": " + contestant.id() + " " + Math.round(rate)
                        + " records/s");
                if (round >= 0) {
                    rates.computeIfAbsent(contestant, _ -> new double[options.rounds()])[round] = rate;
                }
            }
        }
        return new PipelineResult(rates);
    }

    private String produce(String topic, double unlabelled, RecordFormat format) {
        ApplicationConfig config = cluster.application("producer", topic, BenchModels.small()).withFormat(format);
        BenchCluster.createTopics(config);
        Replay.ofHousing(SEED, options.records(), config, new Replay.Options(1, OptionalLong.empty(), unlabelled, 0, 0))
                .run(config, topic, OptionalLong.empty());
        return topic;
    }

    /** Ends the broker and deletes everything; safe to call twice and from a shutdown hook. */
    @Override
    public void close() {
        cluster.close();
    }
}
