/**
 * The Kafka Streams application: topology, model store, record formats, dead letters and life cycle. Start reading at
 * {@link dev.millrace.stream.LearnerTopology}.
 *
 * <p>
 * Must not know the command line, HTTP or the demo.
 */
@NullMarked
package dev.millrace.stream;

import org.jspecify.annotations.NullMarked;
