package dev.millrace.stream;

import java.util.Map;

/**
 * A glance at a running learner.
 *
 * @param labelled labelled records taken
 * @param predictions records answered
 * @param deadLetters records refused
 * @param version optimizer steps of the live model
 * @param figures prequential figures over the fading window, as {@link dev.millrace.learn.Evaluation#figures} names them;
 *            refreshed about once a second
 */
public record Progress(long labelled, long predictions, long deadLetters, long version, Map<String, Double> figures) {
}
