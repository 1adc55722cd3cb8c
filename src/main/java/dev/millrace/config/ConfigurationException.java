package dev.millrace.config;

import java.util.List;

/** A configuration that cannot be used. Carries every mistake that was found; the message is what a user reads. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 100;

    /**
     * One mistake.
     *
     * @param path of the value, for example {@code training.batch_size} or {@code features[2]}, or a place in the text
     * @param found the value, shortened; never a secret
     * @param allowed what could stand there
     */
    public record Problem(String path, String found, String allowed) {
        @Override
        public String toString() {
            return path + ": found " + found + ", allowed: " + allowed;
        }
    }

    private final transient List<Problem> problems;

    /**
     * A list of mistakes.
     *
     * @param source where the configuration came from, for the headline
     * @param problems at least one
     */
    public ConfigurationException(String source, List<Problem> problems) {
        super(message(source, problems));
        this.problems = List.copyOf(problems);
    }

    /** The mistakes, in the order of the configuration's sections. */
    public List<Problem> problems() {
        return problems;
    }

    private static String message(String source, List<Problem> problems) {
        StringBuilder text = new StringBuilder();
        text.append(problems.size() == 1 ? "1 problem" : problems.size() + " problems").append(" in ").append(source).append(':');
        for (Problem problem : problems.subList(0, Math.min(SHOWN, problems.size()))) {
            text.append("\n  ").append(problem);
        }
        if (problems.size() > SHOWN) {
            text.append("\n  and ").append(problems.size() - SHOWN).append(" more");
        }
        return text.toString();
    }
}
