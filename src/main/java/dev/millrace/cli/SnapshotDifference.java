package dev.millrace.cli;

import dev.millrace.learn.Evaluation;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.snapshot.Snapshot;
import dev.millrace.stream.StartException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What lies between two snapshots of one model.
 *
 * @param variables for each of the network's variables the Euclidean distance of its two values, and the same as a fraction of the first
 *            one's length
 */
record SnapshotDifference(Snapshot from, Snapshot to, Map<String, double[]> variables) {
    static SnapshotDifference of(Snapshot from, Snapshot to) {
        ParameterLayout layout = from.learner().network().layout();
        if (!layout.variables().equals(to.learner().network().layout().variables())) {
            throw new StartException("The two snapshots are of different networks");
        }
        float[] first = from.learner().state().training().parameters();
        float[] second = to.learner().state().training().parameters();
        Map<String, double[]> variables = new LinkedHashMap<>();
        for (ParameterLayout.Variable variable : layout.variables()) {
            float[] a = layout.toRowMajor(first, variable);
            float[] b = layout.toRowMajor(second, variable);
            double distance = 0;
            double length = 0;
            for (int i = 0; i < a.length; i++) {
                double difference = (double) b[i] - a[i];
                distance += difference * difference;
                length += (double) a[i] * a[i];
            }
            variables.put(variable.name(), new double[]{ Math.sqrt(distance), length == 0 ? Double.NaN : Math.sqrt(distance / length)});
        }
        return new SnapshotDifference(from, to, variables);
    }

    private Map<String, double[]> figures() {
        Map<String, double[]> both = new LinkedHashMap<>();
        Map<String, Double> after = to.learner().evaluation().figures(Evaluation.Span.WINDOW);
        from.learner().evaluation().figures(Evaluation.Span.WINDOW)
                .forEach((name, value) -> both.put(name, new double[]{ value, after.getOrDefault(name, Double.NaN)}));
        return both;
    }

    String text() {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-28s %14d %14d\n", "version", from.version(), to.version()));
        text.append(String.format(Locale.ROOT, "%-28s %14d %14d\n", "labelled", from.learner().labelled(), to.learner().labelled()));
        Set<String> partitions = new TreeSet<>(from.sourceOffsets().keySet());
        partitions.addAll(to.sourceOffsets().keySet());
        partitions.forEach(partition -> text.append(
                String.format(Locale.ROOT, "%-28s %14s %14s\n", partition, offset(from, partition), offset(to, partition))));
        text.append(String.format(Locale.ROOT, "\n%-28s %14s %14s\n", "evaluation, window", "first", "second"));
        figures().forEach((name, both) -> text.append(String.format(Locale.ROOT, "%-28s %14.6g %14.6g\n", name, both[0], both[1])));
        text.append(String.format(Locale.ROOT, "\n%-28s %14s %14s\n", "weights", "distance", "of length"));
        variables.forEach((name, both) -> text.append(String.format(Locale.ROOT, "%-28s %14.6g %13.2f%%\n", name, both[0], 100 * both[1])));
        return text.toString();
    }

    private static String offset(Snapshot snapshot, String partition) {
        Long offset = snapshot.sourceOffsets().get(partition);
        return offset == null ? "-" : offset.toString();
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("from", SnapshotsCommand.json(from));
        json.set("to", SnapshotsCommand.json(to));
        ObjectNode weights = json.putObject("weights");
        variables.forEach((name, both) -> {
            ObjectNode variable = weights.putObject(name).put("distance", both[0]);
            if (Double.isFinite(both[1])) {
                variable.put("relative", both[1]);
            } else {
                variable.putNull("relative");
            }
        });
        return json;
    }
}
