/**
 * Every meter of a learner and its name, in one place: {@link dev.millrace.metrics.LearnerMetrics}; and those of the process.
 *
 * <p>
 * Knows the value types of {@code learn}; must not know Kafka's records, HTTP or the command line.
 */
@NullMarked
package dev.millrace.metrics;

import org.jspecify.annotations.NullMarked;
