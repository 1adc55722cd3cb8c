/**
 * Something to see in a minute: a real broker inside the JVM, a stream to learn from (generated, or a CSV file played back) and
 * the run that joins them with the application. Start reading at {@link dev.millrace.demo.DemoRun}.
 *
 * <p>
 * Must not know the command line or HTTP: options arrive as records, the live page as a function.
 */
@NullMarked
package dev.millrace.demo;

import org.jspecify.annotations.NullMarked;
