package dev.millrace.learn;

/**
 * A record that could not be used: an outcome, not an exception.
 *
 * @param detail names the field, the value found (shortened) and what is allowed
 */
public record Rejection(Reason reason, String detail) {
}
