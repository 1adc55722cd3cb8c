package dev.millrace.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The table that Keras 3 prints for {@code model.summary()} on a terminal of 80 columns ({@code keras/src/utils/summary_utils.py}). */
public final class Summary {
    /** Widths of the columns, without the blank on either side. */
    private static final int[] WIDTHS = { 31, 22, 13};
    private static final String[] UNITS = { "B", "KB", "MB", "GB", "TB"};

    private Summary() {
    }

    /**
     * Describes a network.
     *
     * @param training adds the numbers the optimizer keeps, as Keras does for a compiled and built model
     * @return lines that each end with a line feed
     */
    public static String of(String modelName, NetworkSpec network, Optional<TrainingSpec> training) {
        return of(modelName, network, training, Optional.empty(), 0);
    }

    /**
     * Describes a network that has a layer before its first one which only the file knows, and which keeps the inputs' width.
     *
     * @param before name and class of that layer as in the table
     * @param fixed its parameters, none of them trained
     */
    public static String of(String modelName, NetworkSpec network, Optional<TrainingSpec> training, Optional<String> before, long fixed) {
        StringBuilder text = new StringBuilder("Model: \"" + modelName + "\"\n");
        text.append(rule("┏", "━", "┳", "┓"));
        appendRow(text, "┃", "Layer (type)", "Output Shape", "Param #");
        text.append(rule("┡", "━", "╇", "┩"));
        long parameters = fixed;
        long trained = 0;
        int inputs = network.inputs();
        if (before.isPresent()) {
            appendRow(text, "│", before.get(), "(None, " + inputs + ")", grouped(fixed));
        }
        for (Layer layer : network.layers()) {
            if (before.isPresent() || !layer.equals(network.layers().getFirst())) {
                text.append(rule("├", "─", "┼", "┤"));
            }
            long count = layer.parameterCount(inputs);
            parameters += count;
            trained += layer.trainableCount(inputs);
            inputs = layer.outputs(inputs);
            appendRow(text, "│", layer.name() + " (" + layer.kerasClass() + ")", "(None, " + inputs + ")", grouped(count));
        }
        text.append(rule("└", "─", "┴", "┘"));
        long slots = training.isPresent() ? optimizerParameters(training.get().optimizer(), trained) : 0;
        text.append(total("Total", parameters + slots));
        text.append(total("Trainable", trained));
        text.append(total("Non-trainable", parameters - trained));
        if (training.isPresent()) {
            text.append(total("Optimizer", slots));
        }
        return text.toString();
    }

    /** Slots, the iteration count, the learning rate unless it follows a schedule, and Nadam's product. */
    private static long optimizerParameters(Optimizer optimizer, long trained) {
        int learningRates = optimizer.learningRate() instanceof LearningRate.Constant ? 1 : 0;
        int products = optimizer instanceof Optimizer.Nadam ? 1 : 0;
        return optimizer.slots().size() * trained + 1 + learningRates + products;
    }

    private static String total(String what, long count) {
        return " " + what + " params: " + grouped(count) + " (" + memory(4 * count) + ")\n";
    }

    private static String memory(long bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= 1024 && unit < UNITS.length - 1) {
            size /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.2f %s", size, UNITS[unit]);
    }

    private static String grouped(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String rule(String left, String line, String between, String right) {
        List<String> lines = new ArrayList<>();
        for (int width : WIDTHS) {
            lines.add(line.repeat(width + 2));
        }
        return left + String.join(between, lines) + right + "\n";
    }

    /** A row of the table; a cell that is too wide goes on in the next line. */
    private static void appendRow(StringBuilder text, String edge, String name, String shape, String count) {
        List<String> nameLines = wrap(name, WIDTHS[0]);
        List<String> shapeLines = wrap(shape, WIDTHS[1]);
        List<String> countLines = wrap(count, WIDTHS[2]);
        int height = Math.max(nameLines.size(), Math.max(shapeLines.size(), countLines.size()));
        for (int i = 0; i < height; i++) {
            text.append(String.format(Locale.ROOT, "%4$s %1$-31s %4$s %2$-22s %4$s %3$13s %4$s\n", line(nameLines, i),
                    line(shapeLines, i), line(countLines, i), edge));
        }
    }

    private static String line(List<String> lines, int index) {
        return index < lines.size() ? lines.get(index) : "";
    }

    /** Breaks at the last blank that fits, or else inside the word. */
    private static List<String> wrap(String cell, int width) {
        List<String> lines = new ArrayList<>();
        String rest = cell;
        while (rest.length() > width) {
            int blank = rest.lastIndexOf(' ', width);
            lines.add(rest.substring(0, blank > 0 ? blank : width));
            rest = rest.substring(blank > 0 ? blank + 1 : width);
        }
        lines.add(rest);
        return lines;
    }
}
