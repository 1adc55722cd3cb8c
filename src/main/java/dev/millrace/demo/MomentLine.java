package dev.millrace.demo;

import dev.millrace.learn.Label;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;

/** Writes the moments of a run as lines: counts, the recent error beside its baseline, and the error's course as a sparkline. */
public final class MomentLine {
    private static final String BARS = "▁▂▃▄▅▆▇█";
    private static final int HISTORY = 24;
    /** Moments per bar: about a second. */
    private static final int PER_BAR = 5;

    private final Deque<Double> history = new ArrayDeque<>();
    private int moments;

    /** Remembers a moment's error for the sparkline. */
    public void remember(DemoRun.Moment moment) {
        double figure = moment.progress().figures().getOrDefault(figureOf(moment.label()), Double.NaN);
        if (Double.isFinite(figure) && moments++ % PER_BAR == 0) {
            history.add(figure);
            if (history.size() > HISTORY) {
                history.removeFirst();
            }
        }
    }

    /** The line of a moment. */
    public String line(DemoRun.Moment moment) {
        Map<String, Double> figures = moment.progress().figures();
        boolean regression = moment.label() instanceof Label.Regression;
        String name = figureOf(moment.label());
        double baseline = figures.getOrDefault(regression ? "baseline_mean_rmse" : "baseline_majority_accuracy", Double.NaN);
        double seconds = Math.max(0.001, moment.elapsed().toNanos() / 1e9);
        long handled = moment.progress().labelled() + moment.progress().predictions();
        return String.format(Locale.ROOT, "%,d records  %,.0f/s  version %,d  %s %s (%s %s)  predictions %,d  dead letters %,d  %s",
                handled,
                handled / seconds, moment.progress().version(), name,
                figure(figures.getOrDefault(name, Double.NaN)), regression ? "mean" : "majority", figure(baseline),
                moment.progress().predictions(), moment.progress().deadLetters(), sparkline());
    }

    private static String figureOf(Label label) {
        return label instanceof Label.Regression ? "rmse" : "accuracy";
    }

    /** Four significant digits, or a dash for what is not defined yet. */
    public static String figure(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4g", value) : "–";
    }

    private String sparkline() {
        double least = history.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double most = history.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        StringBuilder line = new StringBuilder();
        for (double value : history) {
            double height = most > least ? (value - least) / (most - least) : 0;
            line.append(BARS.charAt((int) Math.round(height * (BARS.length() - 1))));
        }
        return line.toString();
    }
}
