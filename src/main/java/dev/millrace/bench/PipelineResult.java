package dev.millrace.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a pipeline benchmark measured.
 *
 * @param rates records per second of each contestant, by round
 */
public record PipelineResult(Map<Contestant, double[]> rates) {
    /** For the last line of {@code --json}. */
    public Map<String, Object> json() {
        Map<String, Object> rounded = new LinkedHashMap<>();
        rates.forEach((contestant, rate) -> rounded.put(contestant.id(), Math.round(median(rate))));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("records_per_second", rounded);
        Map<String, Object> ratios = new LinkedHashMap<>();
        ratios.put("labelled_to_parse_only", ratio(Contestant.LEARN_LABELLED, Contestant.PARSE_ONLY));
        ratios.put("predicted_to_parse_echo", ratio(Contestant.LEARN_PREDICTED, Contestant.PARSE_ECHO));
        ratios.put("float32_to_json", ratio(Contestant.LEARN_LABELLED_FLOAT32, Contestant.LEARN_LABELLED));
        result.put("ratios", ratios);
        return result;
    }

    /** The median of the rounds' ratios: two runs of one round are closer in time than the medians of all. */
    private double ratio(Contestant one, Contestant other) {
        double[] ones = rates.getOrDefault(one, new double[0]);
        double[] others = rates.getOrDefault(other, new double[0]);
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
