/**
 * The float loops every network is made of. Each result is defined as one chain of exactly rounded operations in a written
 * order, so that a plain loop and a vector loop of any width give the same bits.
 *
 * <p>
 * Start with {@link dev.millrace.nn.kernel.Kernels}, which defines the results; {@link dev.millrace.nn.kernel.PlainKernels} is the
 * definition as loops. {@link dev.millrace.nn.kernel.FloatMath} has the portable elementary functions,
 * {@link dev.millrace.nn.kernel.Updates} the optimizers' formulas.
 *
 * <p>
 * This package knows nothing of the rest of Millrace: arrays, offsets and counts only.
 */
@NullMarked
package dev.millrace.nn.kernel;

import org.jspecify.annotations.NullMarked;
