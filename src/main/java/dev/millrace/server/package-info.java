/**
 * HTTP: metrics for Prometheus and health for whoever runs the process. Start reading at
 * {@link dev.millrace.server.HttpServer}.
 *
 * <p>
 * Asks the application, never the learner: nothing here may slow down training.
 */
@NullMarked
package dev.millrace.server;

import org.jspecify.annotations.NullMarked;
