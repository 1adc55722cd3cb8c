package dev.millrace.config;

/** How the values of feature records are written. */
public enum RecordFormat {
    /** An object of fields, or an array of rows. */
    JSON,
    /** Rows of little-endian float32 numbers, see {@link dev.millrace.learn.PackedRow}. */
    FLOAT32
}
