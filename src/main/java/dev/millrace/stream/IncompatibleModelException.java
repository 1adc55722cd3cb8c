package dev.millrace.stream;

/** The stored model is not of the configured kind; continuing would mean to throw it away. */
final class IncompatibleModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    IncompatibleModelException(String difference) {
        super("The model stored under this application id cannot be continued: " + difference
                + ". Give the new model another name (or kafka: application.id), or go back to the old configuration.");
    }
}
