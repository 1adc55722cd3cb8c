/**
 * Networks as files that others read: Keras ({@code .keras}, {@code .h5}, {@code .weights.h5}, {@code .json}) in and out, Millrace's
 * own snapshots ({@code .safetensors}) in and out, ONNX out. Start reading at {@link dev.millrace.interop.ModelFiles}; what lies
 * between any two formats is a {@link dev.millrace.interop.KerasModel}.
 *
 * <p>
 * A file is read whole or refused with the place in it; nothing is loaded that this program would compute otherwise than
 * Keras. This package must not know Kafka or the command line.
 */
@NullMarked
package dev.millrace.interop;

import org.jspecify.annotations.NullMarked;
