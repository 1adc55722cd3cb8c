package dev.millrace.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Contestants that are compared, in short {@linkplain Turn turns}: each is started for its first turn, which counts from when it is warm,
 * and is paused between its turns. What changes on the machine from second to second changes for all of them. One that has read its
 * topic to the end drops out; the race ends when no two are left.
 */
final class Race {
    private final BenchCluster cluster;
    private final Contestant.Topics topics;
    private final long warmUp;
    private final long records;

    /**
     * A race that has not begun.
     *
     * @param warmUp records of each contestant that are not counted
     * @param records of each topic
     */
    Race(BenchCluster cluster, Contestant.Topics topics, long warmUp, long records) {
        this.cluster = cluster;
        this.topics = topics;
        this.warmUp = warmUp;
        this.records = records;
    }

    /**
     * Lets contestants take turns, in this order.
     *
     * @return records per second by turn
     * @throws IllegalStateException if one had read its topic before it could be measured once
     */
    Map<Contestant, double[]> run(List<Contestant> contestants) {
        List<Runner> runners = contestants.stream().map(Runner::new).toList();
        try {
            List<Runner> left = new ArrayList<>(runners);
            while (left.size() > 1) {
                left.removeIf(runner -> !runner.takesTurn());
            }
        } finally {
            runners.forEach(Runner::close);
        }
        Map<Contestant, double[]> rates = new EnumMap<>(Contestant.class);
        runners.forEach(runner -> rates.put(runner.contestant, runner.rates));
        return rates;
    }

    private final class Runner {
        private final Contestant contestant;
        private @Nullable Entrant entrant;
        private double[] rates = {};

        Runner(Contestant contestant) {
            this.contestant = contestant;
        }

        /** Runs for a turn; gives whether that was a whole one. */
        boolean takesTurn() {
            Entrant started = entrant;
            long from = warmUp;
            if (started == null) {
                started = contestant.start(cluster, topics);
                entrant = started;
            } else {
                // What it handled before it stopped has been committed since.
                from = Commits.offset(cluster.admin(), started.group(), started.partition()) + 1;
                if (from > records) {
                    return false;
                }
                started.resume().run();
            }
            Turn turn = new Turn(from, records, System.nanoTime());
            Commits.follow(cluster.admin(), started.group(), started.partition(), turn);
            started.pause().run();
            if (rates.length == 0) {
                rates = new double[]{ turn.rate().orElseThrow(
                        () -> new IllegalStateException(contestant.id() + " was done after one commit: give it more records"))};
            } else if (turn.complete()) {
                rates = Arrays.copyOf(rates, rates.length + 1);
                rates[rates.length - 1] = turn.rate().orElseThrow();
            }
            return turn.complete();
        }

        void close() {
            if (entrant != null) {
                entrant.close().run();
            }
        }
    }
}
