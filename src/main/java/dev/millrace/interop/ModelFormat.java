package dev.millrace.interop;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** A kind of file, known by its name's end. */
public enum ModelFormat {
    /** Keras 3: architecture, compilation, weights, optimizer state. */
    KERAS(".keras"),
    /** Weights and optimizer state only, in the layout of Keras 3. */
    WEIGHTS(".weights.h5"),
    /** Keras 1 to 3: a whole model, or (read only) weights alone. */
    H5(".h5"),
    /** Architecture and compilation only. */
    JSON(".json"),
    /** A snapshot of Millrace. */
    SAFETENSORS(".safetensors"),
    /** Inference only; cannot be read. */
    ONNX(".onnx");

    private final String ending;

    ModelFormat(String ending) {
        this.ending = ending;
    }

    public String ending() {
        return ending;
    }

    /** The format of a file with that name, if there is one; {@code .hdf5} is {@code .h5}. */
    public static Optional<ModelFormat> of(Path file) {
        Path last = file.getFileName();
        String name = last == null ? "" : last.toString().toLowerCase(Locale.ROOT);
        for (ModelFormat format : values()) {
            if (name.endsWith(format.ending) || (format == H5 && name.endsWith(".hdf5"))) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    /** All endings, for messages. */
    public static String endings() {
        StringBuilder endings = new StringBuilder();
        for (ModelFormat format : values()) {
            endings.append(endings.isEmpty() ? "" : ", ").append(format.ending);
        }
        return endings.toString();
    }
}
