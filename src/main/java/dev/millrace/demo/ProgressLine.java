package dev.millrace.demo;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** One line that tells how a long work goes: redrawn in place on a terminal, a plain line every two seconds in a log. */
public final class ProgressLine {
    private static final Duration ON_TERMINAL = Duration.ofMillis(150);
    private static final Duration IN_LOG = Duration.ofSeconds(2);
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter out;
    private final boolean terminal;
    private long next;
    private boolean drawn;

    /** For a stream of which the caller knows whether it is a terminal. */
    public ProgressLine(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
        // The first plain line comes after the first interval: a short work needs none.
        this.next = System.nanoTime() + (terminal ? 0 : IN_LOG.toNanos());
    }

    /** For a writer to a standard stream; whether it is a terminal is found out. */
    public static ProgressLine on(PrintWriter standard) {
        return new ProgressLine(standard, isTerminal());
    }

    /** Whether a person is looking who can see a line redrawn. */
    private static boolean isTerminal() {
        String kind = System.getenv("TERM");
        // Older and newer JDKs differ in whether there is a console when nobody is there.
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false) && kind != null && !kind.equals("dumb");
    }

    /** Whether the line is redrawn in place. */
    public boolean terminal() {
        return terminal;
    }

    /** Shows a line if it is time for one. */
    public void show(Supplier<String> line) {
        long now = System.nanoTime();
        if (now - next < 0) {
            return;
        }
        next = now + (terminal ? ON_TERMINAL : IN_LOG).toNanos();
        if (terminal) {
            out.print(CLEAR_LINE + line.get());
            drawn = true;
        } else {
            out.println(line.get());
        }
        out.flush();
    }

    /** Leaves the last line standing, so that what follows starts on a new one. */
    public void end() {
        if (drawn) {
            out.println();
            out.flush();
            drawn = false;
        }
    }

    /** A bar of {@code width} characters. */
    public static String bar(double fraction, int width) {
        int full = (int) Math.round(Math.clamp(fraction, 0, 1) * width);
        return "[" + "#".repeat(full) + "-".repeat(width - full) + "]";
    }
}
