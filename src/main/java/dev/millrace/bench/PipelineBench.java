package dev.millrace.bench;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.config.RecordFormat;
import dev.millrace.demo.Replay;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * How fast records go through the learner, beside the same records through less. All read the same topics of one partition, with the
 * same settings of their clients. In each round those that are compared {@linkplain Race take turns}, every other round in reverse
 * order. Its first records warm a contestant up, and so does a whole round before the first that counts.
 */
public final class PipelineBench implements AutoCloseable {
    private static final long SEED = 2;
    private static final List<List<Contestant>> RACES = List.of(
            List.of(Contestant.PARSE_ONLY, Contestant.LEARN_LABELLED, Contestant.LEARN_LABELLED_FLOAT32),
            List.of(Contestant.PARSE_ECHO, Contestant.LEARN_PREDICTED));
    private static final int LATENCY_RATE = 2_000;
    private static final int LATENCY_SECONDS = 8;

    /** A size of model, and how many records make it commit a few times. */
    private record Model(int hiddenUnits, long records) {
    }

    /** 7 kB, 1 MB and 10 MB of state. */
    private static final List<Model> MODELS = List.of(new Model(10, 400_000), new Model(500, 40_000), new Model(1_600, 20_000));

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
        Race race = new Race(cluster, topics, options.warmUp(), options.records());
        List<Map<String, double[]>> rounds = new ArrayList<>();
        for (int round = -1; round < options.rounds(); round++) {
            Map<String, double[]> rates = new LinkedHashMap<>();
            rates.put(RawPoll.ID, new double[]{ RawPoll.run(cluster, topics.labelled(), options.warmUp(), options.records())});
            for (List<Contestant> contestants : RACES) {
                race.run(round % 2 == 0 ? contestants : contestants.reversed())
                        .forEach((contestant, turns) -> rates.put(contestant.id(), turns));
            }
            String name = round < 0 ? "warm-up" : "round " + (round + 1) + " of " + options.rounds();
            rates.forEach((contestant, turns) -> status.accept(
                    String.format(Locale.ROOT, "%s: %s %,.0f records/s", name, contestant, PipelineResult.median(turns))));
            if (round >= 0) {
                rounds.add(rates);
            }
        }
        status.accept("latency of predictions");
        PredictionLatency latency = PredictionLatency.measure(cluster, LATENCY_RATE, LATENCY_SECONDS);
        List<StateCost> states = new ArrayList<>();
        for (Model model : MODELS) {
            status.accept("commits and restore of a model with " + model.hiddenUnits() + " hidden units in each layer");
            states.add(StateCost.measure(cluster, topics.labelled(), model.hiddenUnits(), Math.min(model.records(), options.records())));
        }
        return new PipelineResult(rounds, latency, states);
    }

    private String produce(String topic, double unlabelled, RecordFormat format) {
        ApplicationConfig config = cluster.application("producer", topic, BenchModels.small()).withFormat(format);
        BenchCluster.createTopics(config);
        Replay.ofHousing(SEED, options.records(), config, new Replay.Options(1, OptionalLong.empty(), unlabelled, 0, 0))
                .run(config, topic, OptionalLong.empty());
        return topic;
    }

    /** Ends the broker and deletes everything; safe to call twice. */
    @Override
    public void close() {
        cluster.close();
    }
}
