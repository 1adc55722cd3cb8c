package dev.millrace.demo;

/** Data that cannot be used: a missing file, a broken row, a column that is not there. The message is for the user. */
public final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DataException(String message) {
        super(message);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
