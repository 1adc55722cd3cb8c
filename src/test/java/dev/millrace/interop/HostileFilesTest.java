package dev.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged and hostile files are refused with the place, soon, and without taking memory. */
class HostileFilesTest {
    private static final int DAMAGES = 60;

    @TempDir
    private Path directory;

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(Samples.DIRECTORY)) {
            return files.filter(file -> file.toString().endsWith(".keras") || file.toString().endsWith(".h5")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void aTruncatedFileIsRefused(Path sample) throws IOException {
        byte[] bytes = Files.readAllBytes(sample);
        Random random = new Random(7);
        for (int i = 0; i < DAMAGES; i++) {
            int length = i == 0 ? 0 : random.nextInt(bytes.length);
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
                Path damaged = write(sample, Arrays.copyOf(bytes, length));
                assertThatThrownBy(() -> read(sample, damaged)).as("%s cut to %d", sample, length)
                        .isInstanceOf(ModelFileException.class).hasMessageContaining(damaged.toString());
            });
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void aFlippedBitIsRefusedOrHarmless(Path sample) throws IOException {
        byte[] bytes = Files.readAllBytes(sample);
        Random random = new Random(8);
        for (int i = 0; i < DAMAGES; i++) {
            byte[] damaged = bytes.clone();
            // Tables lie at the beginning and the end; what is between are numbers.
            int at = i % 2 == 0 ? random.nextInt(Math.min(2048, bytes.length)) : random.nextInt(bytes.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
                try {
                    KerasModel model = read(sample, write(sample, damaged));
                    // HDF5 has no checksum over numbers, and a .keras file has one over each part but not over dates.
                    assertThat(model.hasWeights()).isTrue();
                } catch (ModelFileException e) {
                    assertThat(e).as("byte %d", at).hasMessageContaining(":");
                }
            });
        }
    }

    @Test
    void damageTakesNoMemory() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Path sample = Samples.file("binary_rmsprop", ".h5");
        byte[] bytes = Files.readAllBytes(sample);
        Random random = new Random(9);
        for (int i = 0; i < 100; i++) {
            byte[] damaged = bytes.clone();
            damaged[random.nextInt(bytes.length)] ^= (byte) 0x80;
            long[] before = new long[1];
            long allocated = HdfReader.isHdf(damaged) ? allocatedBy(threads, damaged, before) : 0;
            assertThat(allocated).as("try %d", i).isLessThan(32L << 20);
        }
    }

    private static long allocatedBy(ThreadMXBean threads, byte[] bytes, long[] before) {
        long[] after = new long[1];
        try {
            HdfReader.read("h5", bytes, root -> {
                before[0] = threads.getCurrentThreadAllocatedBytes();
                try {
                    return root.texts("layer_names").size() + root.needGroup("model_weights").texts("layer_names").size();
                } finally {
                    after[0] = threads.getCurrentThreadAllocatedBytes();
                }
            });
        } catch (ModelFileException _) {
            return after[0] - before[0];
        }
        return after[0] - before[0];
    }

    @Test
    void aZipBombIsRefusedBeforeItIsUnpacked() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String name : List.of(KerasArchive.CONFIG, KerasArchive.WEIGHTS)) {
                zip.putNextEntry(new ZipEntry(name));
                byte[] zeros = new byte[1 << 20];
                for (int i = 0; i < 200; i++) {
                    zip.write(zeros);
                }
                zip.closeEntry();
            }
        }
        Path bomb = Files.write(directory.resolve("bomb.keras"), out.toByteArray());
        assertThatThrownBy(() -> Samples.read(bomb)).isInstanceOf(ModelFileException.class)
                .hasMessageContaining("config.json: 209715200 bytes in an archive of");
    }

    @Test
    void absurdShapesAndDeepJsonAreRefused() throws IOException {
        String config = Files.readString(Samples.file("momentum", ".config.json"));
        assertRefused(config.replace("\"units\": 6", "\"units\": 2000000000"), "config.layers[1].config.units");
        assertRefused(config.replace("\"units\": 6", "\"units\": -1"), "config.layers[1].config.units");
        assertRefused(config.replace("[null, 4]", "[null, 2147483647]"), "batch_shape");
        assertRefused("[".repeat(100_000), "json");
        assertRefused("", "json");
        assertRefused("{}", "class_name");
    }

    @Test
    void whatCannotBeComputedIsRefusedByName() throws IOException {
        String config = Files.readString(Samples.file("momentum", ".config.json"));
        assertRefused(config.replace("\"activation\": \"tanh\"", "\"activation\": \"sparsemax\""), "layer dense (Dense)", "sparsemax");
        assertRefused(config.replaceFirst("\"class_name\": \"Dense\"", "\"class_name\": \"LSTM\""), "layer dense (LSTM) is not supported");
        assertRefused(config.replace("\"class_name\": \"SGD\"", "\"class_name\": \"Muon\""), "compile_config.optimizer", "Muon");
        assertRefused(config.replace("\"class_name\": \"Sequential\"", "\"class_name\": \"MyModel\""), "MyModel");
        assertRefused(config.replace("\"use_ema\": false", "\"use_ema\": true"), "use_ema");
        assertRefused(config.replace("mean_squared_error", "my_loss"), "the loss my_loss is not supported");
    }

    private void assertRefused(String config, String... parts) throws IOException {
        Path file = Files.writeString(directory.resolve("model.json"), config);
        assertThatThrownBy(() -> Samples.read(file)).isInstanceOf(ModelFileException.class).hasMessageContainingAll(parts);
    }

    private Path write(Path sample, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(sample.getFileName()), bytes);
    }

    private static KerasModel read(Path sample, Path damaged) {
        String name = sample.getFileName().toString();
        if (name.endsWith(".weights.h5")) {
            return ModelFiles.read(Samples.file(name.substring(0, name.indexOf('.')), ".config.json"), damaged, _ -> {
            });
        }
        return ModelFiles.read(damaged, _ -> {
        });
    }
}
