package dev.millrace.config;

/** What a learner does when it stays worse than a trivial guess. It tells of it in either case. */
public enum Guard {
    /** Nothing else: it goes on learning. */
    ALERT,
    /** Goes back to the last snapshot that was better than a trivial guess, and learns on from there. */
    ROLLBACK
}
