package dev.millrace.interop;

/** A model file that is damaged, hostile, or holds something this program cannot compute; the message names the place. */
public final class ModelFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * A refusal.
     *
     * @param place where in the file: a path of JSON keys, an HDF5 path, the name of a part
     */
    public ModelFileException(String place, String problem) {
        super(place + ": " + problem);
    }

    public ModelFileException(String place, String problem, Throwable cause) {
        super(place + ": " + problem, cause);
    }

    private ModelFileException(String message, Throwable cause, boolean ignored) {
        super(message, cause);
    }

    /** The same refusal, with the file's name before the place. */
    ModelFileException in(String file) {
        return new ModelFileException(file + ": " + getMessage(), this, true);
    }
}
