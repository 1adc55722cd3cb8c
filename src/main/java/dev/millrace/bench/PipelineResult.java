package dev.millrace.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a pipeline benchmark measured.
 *
 * @param rounds by contestant's name its records per second by turn; in each round the same contestants, borrowed
 * @param states by growing size of the model
 */
public record PipelineResult(List<Map<String, double[]>> rounds, PredictionLatency latency, List<StateCost> states) {
    /** Medians over the turns of all rounds, by contestant. */
    public Map<String, Long> recordsPerSecond() {
        Map<String, Long> rounded = new LinkedHashMap<>();
        rounds.getFirst().keySet().forEach(contestant -> rounded.put(contestant, Math.round(median(
                rounds.stream().flatMapToDouble(rates -> Arrays.stream(turns(rates, contestant))).toArray()))));
        return rounded;
    }

    /** How the product stands beside less, and its formats beside each other. */
    public Map<String, Double> ratios() {
        Map<String, Double> ratios = new LinkedHashMap<>();
        ratios.put("labelled_to_parse_only", ratio(Contestant.LEARN_LABELLED, Contestant.PARSE_ONLY));
        ratios.put("predicted_to_parse_echo", ratio(Contestant.LEARN_PREDICTED, Contestant.PARSE_ECHO));
        ratios.put("float32_to_json", ratio(Contestant.LEARN_LABELLED_FLOAT32, Contestant.LEARN_LABELLED));
        return ratios;
    }

    /** The median of the ratios of turns that followed each other: they are closer in time than the medians of all. */
    private double ratio(Contestant one, Contestant other) {
        double[] ratios = rounds.stream().flatMapToDouble(rates -> {
            double[] ones = turns(rates, one.id());
            double[] others = turns(rates, other.id());
            return IntStream.range(0, Math.min(ones.length, others.length)).mapToDouble(turn -> ones[turn] / others[turn]);
        }).toArray();
        return rounded(median(ratios));
    }

    private static double[] turns(Map<String, double[]> rates, String contestant) {
        return rates.getOrDefault(contestant, new double[0]);
    }

    static double medianRatio(double[] ones, double[] others) {
        double[] ratios = new double[ones.length];
        Arrays.setAll(ratios, i -> ones[i] / others[i]);
        return rounded(median(ratios));
    }

    private static double rounded(double ratio) {
        return Math.round(ratio * 1000) / 1000.0;
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
