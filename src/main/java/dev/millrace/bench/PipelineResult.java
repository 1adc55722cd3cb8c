package dev.millrace.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a pipeline benchmark measured.
 *
 * @param rates records per second of each contestant's name, by round; borrowed
 * @param states by growing size of the model
 */
public record PipelineResult(Map<String, double[]> rates, PredictionLatency latency, List<StateCost> states) {
    /** Medians over the rounds, by contestant. */
    public Map<String, Long> recordsPerSecond() {
        Map<String, Long> rounded = new LinkedHashMap<>();
        rates.forEach((contestant, rate) -> rounded.put(contestant, Math.round(median(rate))));
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

    /** The median of the rounds' ratios: two runs of one round are closer in time than the medians of all. */
    private double ratio(Contestant one, Contestant other) {
        return medianRatio(rates.getOrDefault(one.id(), new double[0]), rates.getOrDefault(other.id(), new double[0]));
    }

    static double medianRatio(double[] ones, double[] others) {
        double[] ratios = new double[ones.length];
        Arrays.setAll(ratios, i -> ones[i] / others[i]);
        return Math.round(median(ratios) * 1000) / 1000.0;
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
