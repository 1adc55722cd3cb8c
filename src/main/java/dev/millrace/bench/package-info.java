/**
 * What {@code millrace bench} measures. Every figure is a ratio against something run beside it in the same minute, because a
 * single time says more about a machine and its other tenants than about a program.
 *
 * <p>
 * Start with {@link dev.millrace.bench.KernelsBenchmark} or {@link dev.millrace.bench.PipelineBench} or {@link dev.millrace.bench.ServeBench}; {@link dev.millrace.bench.Stopwatch} says how one time is taken. The rest
 * of Millrace knows nothing of this package.
 */
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
