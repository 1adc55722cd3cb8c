/** Commands and wiring: the only place that assembles objects. */
@NullMarked
package dev.millrace.cli;

import org.jspecify.annotations.NullMarked;
