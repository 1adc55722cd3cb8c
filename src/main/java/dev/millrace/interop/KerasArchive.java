package dev.millrace.interop;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** The zip archive of a {@code .keras} file: {@code metadata.json}, {@code config.json} and {@code model.weights.h5}. */
final class KerasArchive {
    static final String METADATA = "metadata.json";
    static final String CONFIG = "config.json";
    static final String WEIGHTS = "model.weights.h5";
    /** Weights hardly compress; an archive that claims more is a trap. */
    private static final long MAX_RATIO = 64;
    private static final int MAX_JSON = 64 << 20;
    /** The earliest a zip archive can say, so that the same model gives the same bytes. */
    private static final LocalDateTime WHEN = LocalDateTime.of(1980, 1, 1, 0, 0);

    private KerasArchive() {
    }

    /** An opened archive. */
    static final class Reader implements AutoCloseable {
        private final ZipFile zip;
        private final long length;

        Reader(Path file, long length) {
            this.length = length;
            try {
                zip = new ZipFile(file.toFile());
            } catch (IOException | IllegalArgumentException e) {
                throw new ModelFileException("zip archive", "cannot be opened: " + e.getMessage(), e);
            }
        }

        String text(String name) {
            return new String(bytes(name, MAX_JSON), StandardCharsets.UTF_8);
        }

        boolean has(String name) {
            return zip.getEntry(name) != null;
        }

        byte[] bytes(String name) {
            return bytes(name, Integer.MAX_VALUE - 8);
        }

        private byte[] bytes(String name, long limit) {
            ZipEntry entry = zip.getEntry(name);
            if (entry == null) {
                throw new ModelFileException(name, "the archive has no such file; is it a .keras file?");
            }
            long size = entry.getSize();
            long allowed = Math.min(limit, (entry.getMethod() == ZipEntry.STORED ? 1 : MAX_RATIO) * length);
            if (size < 0 || size > allowed) {
                throw new ModelFileException(name, size + " bytes in an archive of " + length + " bytes");
            }
            byte[] bytes;
            try (InputStream in = zip.getInputStream(entry)) {
                bytes = in.readNBytes((int) size + 1);
            } catch (IOException | IllegalArgumentException e) {
                throw new ModelFileException(name, "cannot be unpacked: " + e.getMessage(), e);
            }
            CRC32 crc = new CRC32();
            crc.update(bytes);
            if (bytes.length != size || crc.getValue() != entry.getCrc()) {
                throw new ModelFileException(name, "damaged: " + bytes.length + " bytes with checksum " + Long.toHexString(crc.getValue())
                        + ", the archive says " + size + " with " + Long.toHexString(entry.getCrc()));
            }
            return bytes;
        }

        @Override
        public void close() {
            try {
                zip.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** An archive of files as they are, without compression, as Keras writes it. */
    static byte[] write(Map<String, byte[]> files) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                CRC32 crc = new CRC32();
                crc.update(file.getValue());
                ZipEntry entry = new ZipEntry(file.getKey());
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(file.getValue().length);
                entry.setCrc(crc.getValue());
                entry.setTimeLocal(WHEN);
                zip.putNextEntry(entry);
                zip.write(file.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
