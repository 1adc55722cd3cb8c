/**
 * HTTP: metrics for Prometheus, health for whoever runs the process, and predictions from the newest snapshot. Start reading at
 * {@link dev.millrace.server.HttpServer}.
 *
 * <p>
 * Asks the application and a model that nobody trains, never the learner: nothing here may slow down training.
 */
@NullMarked
package dev.millrace.server;

import org.jspecify.annotations.NullMarked;
