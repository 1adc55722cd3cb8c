package dev.millrace.demo;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a demo run came to. Errors are in the label's scaled unit; a figure that is not defined is NaN.
 *
 * @param labelled records sent with a label
 * @param unlabelled records sent without
 * @param predictions answers a consumer of committed records sees
 * @param deadLetters records refused
 * @param steps optimizer steps
 * @param seconds from the first record sent to the last commit
 * @param prequential error over the whole stream, each record tested before it was learned from, beside the trivial baselines
 * @param test error of the final weights on the rows held out; empty without such rows
 * @param weightsSha256 of the final weights, as snapshots carry it
 */
public record DemoResult(long labelled, long unlabelled, long predictions, long deadLetters, long steps, double seconds,
        Map<String, Double> prequential, Map<String, Double> test, String weightsSha256) {

    /** Records per second, from the first sent to the last committed. */
    public double recordsPerSecond() {
        return (labelled + unlabelled) / seconds;
    }

    /** The result as the tree of a JSON object, in a fixed order; undefined figures are null, {@code test} may be absent. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("labelled", labelled);
        json.put("unlabelled", unlabelled);
        json.put("predictions", predictions);
        json.put("dead_letters", deadLetters);
        json.put("steps", steps);
        json.put("seconds", Math.round(seconds * 1000) / 1000.0);
        json.put("records_per_second", Math.round(recordsPerSecond() * 10) / 10.0);
        json.put("prequential", figures(prequential));
        if (!test.isEmpty()) {
            json.put("test", figures(test));
        }
        json.put("weights_sha256", weightsSha256);
        return json;
    }

    private static Map<String, Object> figures(Map<String, Double> figures) {
        Map<String, Object> json = new LinkedHashMap<>();
        figures.forEach((name, value) -> json.put(name, Double.isFinite(value) ? value : null));
        return json;
    }
}
