/**
 * Dense neural networks: what they are ({@link dev.millrace.nn.NetworkSpec}), what they compute
 * ({@link dev.millrace.nn.Network}) and how they learn ({@link dev.millrace.nn.Trainer}). Semantics, names and defaults are
 * those of Keras 3.
 *
 * <p>
 * Three things are kept apart: immutable specification (records), long-lived numbers
 * ({@link dev.millrace.nn.TrainingState}) and per-thread scratch ({@link dev.millrace.nn.Workspace}).
 *
 * <p>
 * This package is arithmetic only. It must not know Kafka, JSON, metrics, logging or the clock; randomness enters as a seed.
 */
@NullMarked
package dev.millrace.nn;

import org.jspecify.annotations.NullMarked;
