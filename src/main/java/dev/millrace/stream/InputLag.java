package dev.millrace.stream;

import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.common.Metric;

/** Reads from the metrics of Kafka's consumers how many records wait. */
final class InputLag {
    private static final String GROUP = "consumer-fetch-manager-metrics";
    private static final String NAME = "records-lag";

    private InputLag() {
    }

    /** The sum over all partitions of these topics, or empty if no consumer knows one. */
    static OptionalLong of(Collection<? extends Metric> metrics, List<String> topics) {
        boolean known = false;
        long records = 0;
        for (Metric metric : metrics) {
            boolean lag = metric.metricName().name().equals(NAME) && metric.metricName().group().equals(GROUP)
                    && topics.contains(metric.metricName().tags().get("topic"));
            if (lag && metric.metricValue() instanceof Double value && Double.isFinite(value)) {
                known = true;
                records += Math.round(value);
            }
        }
        return known ? OptionalLong.of(records) : OptionalLong.empty();
    }
}
