/**
 * The online learner: record → features → scaler → network → optimizer, tested before it is trained. Start reading at
 * {@link dev.millrace.learn.OnlineLearner}.
 *
 * <p>
 * A learner is a value with {@code learn}, {@code predict} and a complete, serializable state
 * ({@link dev.millrace.learn.LearnerState}). It must not know Kafka, JSON, metrics, logging or the clock: time enters as the
 * timestamp of a record, randomness as a seed.
 */
@NullMarked
package dev.millrace.learn;

import org.jspecify.annotations.NullMarked;
