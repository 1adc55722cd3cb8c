/**
 * The durable bytes of a learner: a safetensors file with the learner's definition in its metadata. Start reading at
 * {@link dev.millrace.snapshot.Snapshot}; the format is described in {@code src/docs/snapshot-format.md}.
 *
 * <p>
 * Bytes in, bytes out: this package must not know where they are kept.
 */
@NullMarked
package dev.millrace.snapshot;

import org.jspecify.annotations.NullMarked;
