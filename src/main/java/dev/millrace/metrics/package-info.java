/**
 * Every meter and its name, in one place: {@link dev.millrace.metrics.LearnerMetrics}.
 *
 * <p>
 * Knows the value types of {@code learn}; must not know Kafka's records, HTTP or the command line.
 */
@NullMarked
package dev.millrace.metrics;

import org.jspecify.annotations.NullMarked;
