package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.config.ConfigurationException;
import dev.millrace.config.ConfigurationReader;
import dev.millrace.config.RecordFormat;
import dev.millrace.interop.ModelFileException;
import dev.millrace.interop.ModelFiles;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Rejection;
import dev.millrace.snapshot.Snapshot;
import dev.millrace.snapshot.SnapshotException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every decoder, fed with damaged examples of what it reads: each input is decoded or refused with a reason, by the exceptions that
 * are documented, and takes no more memory than its length accounts for. A short selection by default; {@code -Dfuzz=10000000} shares
 * so many inputs over the decoders, and {@code -Dfuzz.seed} names other ones.
 */
class DecoderFuzzTest {
    private static final long INPUTS = Long.getLong("fuzz", 60_000);
    private static final long SEED = Long.getLong("fuzz.seed", 1);
    /** What the first failure of a kind costs, because it loads classes. */
    private static final long CLASSES = 2_000_000;
    private static final byte[] MARKS = "{}[]\":,.-+eE0123456789\\u\n\t \0@/#&*!|>%".getBytes(StandardCharsets.US_ASCII);
    private static final List<String> WORDS = List.of("null", "true", "1e999", "-0", "NaN", "Infinity", "9223372036854775808", "\"\"",
            "\\ud800", "[[[[[[[[", "{\"a\":{\"a\":{", "1".repeat(400), "\"command\"", "\"version\"", "\"x\"", "label:", "<<: *x", "&x");

    /** Says nothing if the input was decoded, and otherwise why it was not. */
    private interface Decoder {
        String decode(byte[] input) throws Exception;
    }

    /**
     * @param share of all inputs
     * @param allocated bytes that may be allocated whatever the input is
     * @param perByte and for each byte of it
     */
    private record Target(String name, double share, List<byte[]> seeds, long allocated, long perByte, Decoder decoder) {
    }

    @TempDir
    Path directory;

    private final ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    @Timeout(value = 90, unit = TimeUnit.MINUTES)
    void everyInputIsDecodedOrRefusedWithAReason() throws Exception {
        for (Target target : targets()) {
            fuzz(target);
        }
    }

    private void fuzz(Target target) throws Exception {
        Random random = new Random(SEED ^ target.name.hashCode());
        for (byte[] seed : target.seeds) {
            assertThat(target.decoder.decode(seed)).as("an undamaged example of %s", target.name).isEmpty();
        }
        long inputs = Math.max(100, (long) (INPUTS * target.share));
        long decoded = 0;
        long most = 0;
        long slowest = 0;
        long start = System.nanoTime();
        for (long i = 0; i < inputs; i++) {
            byte[] input = damaged(target.seeds, random);
            long before = memory.getCurrentThreadAllocatedBytes();
            long began = System.nanoTime();
            String reason;
            try {
                reason = target.decoder.decode(input);
            } catch (Exception | StackOverflowError | OutOfMemoryError e) {
                throw new AssertionError("%s, input %d with -Dfuzz.seed=%d: %s".formatted(target.name, i, SEED, shown(input)), e);
            }
            slowest = Math.max(slowest, System.nanoTime() - began);
            long allocated = memory.getCurrentThreadAllocatedBytes() - before;
            long justified = target.allocated + target.perByte * input.length;
            most = Math.max(most, allocated);
            if (allocated > justified) {
                throw new AssertionError("%s took %d bytes for %d, input %d with -Dfuzz.seed=%d: %s".formatted(target.name, allocated,
                        input.length, i, SEED, shown(input)));
            }
            decoded += reason.isEmpty() ? 1 : 0;
        }
        System.out.printf("%-14s %,10d inputs, %4.1f %% decoded, at most %,d bytes taken, slowest %d ms, %,d/s%n", target.name, inputs,
                100.0 * decoded / inputs, most, slowest / 1_000_000, (long) (inputs / ((System.nanoTime() - start) / 1e9)));
        assertThat(decoded).as("damage of %s that does not matter", target.name).isBetween(1L, inputs - 1);
    }

    private List<Target> targets() throws IOException {
        OnlineLearner learner = new OnlineLearner(Specs.REGRESSION);
        RecordReader json = new RecordReader(RecordFormat.JSON, learner, 1 << 20);
        RecordReader packed = new RecordReader(RecordFormat.FLOAT32, learner, 1 << 20);
        LearnerCommandReader commands = new LearnerCommandReader();
        byte[] snapshot = snapshot();
        return List.of(
                new Target("json", 0.4, texts("{\"x\":1.5,\"z\":-2e3,\"v\":[1,2,3],\"y\":4}", "{\"x\":1,\"z\":2,\"v\":[0.1,0.2,0.3]}",
                        "[{\"x\":1,\"z\":2,\"v\":[1,2,3],\"y\":1},{\"x\":3,\"z\":4,\"v\":[1,2,3],\"y\":2}]",
                        "[[1,2,[1,2,3]],[4,5,[6,7,8]]]"),
                        CLASSES, 400, input -> reason(json.read(new Record<>(null, input, 0)))),
                new Target("packed", 0.3, List.of(floats(1, 2, 3, 4, 5), floats(1, 2, 3, 4, 5, 6), floats(1, 2, 3, 4, 5, Float.NaN),
                        floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)), CLASSES, 400,
                        input -> reason(packed.read(new Record<>(null, input, 0)))),
                new Target("command", 0.2, texts("{\"command\":\"freeze\"}", "{\"command\":\"rollback\",\"version\":12}",
                        "{\"command\":\"set_learning_rate\",\"learning_rate\":0.01}",
                        "{\"command\":\"set_learning_rate\",\"learning_rate\":null}"),
                        CLASSES, 400, input -> reason(commands.read(input))),
                new Target("snapshot", 0.05, List.of(snapshot), 2_000_000, 200, input -> {
                    try {
                        Snapshot.decode(input);
                        return "";
                    } catch (SnapshotException e) {
                        return e.getMessage();
                    }
                }),
                new Target("sealed", 0.03, List.of(snapshot), 2_000_000, 200, input -> {
                    try {
                        Snapshot.decode(sealed(input));
                        return "";
                    } catch (SnapshotException e) {
                        return e.getMessage();
                    }
                }),
                new Target("manifest", 0.01, List.of(ByteBuffer.allocate(8).putInt(1).putInt(100).array()), 2 * CLASSES, 100, input -> {
                    Snapshots.Assembler assembler = new Snapshots.Assembler("m");
                    List<Record<byte[], byte[]>> records = Snapshots.records("m", 1, new byte[Snapshots.CHUNK_BYTES + 1], 0, false);
                    Record<byte[], byte[]> chunk = records.getFirst().withValue(new byte[100]);
                    assembler.add(chunk.key(), chunk.value(), chunk.headers());
                    return assembler.add(records.getLast().key(), input, new RecordHeaders(records.getLast().headers())).isPresent()
                            ? ""
                            : "not whole";
                }),
                new Target("yaml", 0.008, files(Path.of("deploy/examples"), ".yaml"), 20_000_000, 2_000, input -> {
                    try {
                        ConfigurationReader.read(file("fuzz.yaml", input), Map.of());
                        return "";
                    } catch (ConfigurationException e) {
                        return e.getMessage();
                    }
                }),
                models("keras", ".keras", 0.0005), models("h5", "momentum.h5", 0.0005), models("keras-json", ".config.json", 0.001));
    }

    private Target models(String name, String ending, double share) throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (byte[] seed : files(Path.of("src/test/resources/keras-samples"), ending)) {
            if (seed.length < 300_000) {
                seeds.add(seed);
            }
        }
        String extension = ending.substring(ending.lastIndexOf('.'));
        return new Target(name, share, seeds, 60_000_000, 2_000, input -> {
            try {
                ModelFiles.read(file("fuzz" + extension, input), _ -> {
                });
                return "";
            } catch (ModelFileException e) {
                return e.getMessage();
            }
        });
    }

    private static byte[] snapshot() {
        OnlineLearner learner = new OnlineLearner(Specs.REGRESSION);
        return new Snapshot.Encoder("m", learner.spec()).encode(learner, Map.of("m.features-0", 7L));
    }

    /** With its hash made right again, so that what comes after the hash is reached. */
    private static byte[] sealed(byte[] damaged) {
        byte[] mark = "\"sha256\":\"".getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at + mark.length + 64 < damaged.length; at++) {
            if (Arrays.equals(damaged, at, at + mark.length, mark, 0, mark.length)) {
                byte[] whole = damaged.clone();
                Arrays.fill(whole, at + mark.length, at + mark.length + 64, (byte) '0');
                try {
                    byte[] hash = MessageDigest.getInstance("SHA-256").digest(whole);
                    byte[] hex = HexFormat.of().formatHex(hash).getBytes(StandardCharsets.US_ASCII);
                    System.arraycopy(hex, 0, whole, at + mark.length, 64);
                    return whole;
                } catch (NoSuchAlgorithmException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return damaged;
    }

    private static byte[] damaged(List<byte[]> seeds, Random random) {
        byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
        if (random.nextInt(50) == 0) {
            bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
        }
        for (int left = 1 + random.nextInt(2) * random.nextInt(4); left > 0; left--) {
            int at = random.nextInt(bytes.length + 1);
            int to = Math.min(bytes.length, at + random.nextInt(1 + (random.nextInt(4) == 0 ? bytes.length : 8)));
            switch (random.nextInt(7)) {
                case 0 -> {
                    if (at < bytes.length) {
                        bytes[at] ^= (byte) (1 << random.nextInt(8));
                    }
                }
                case 1 -> {
                    if (at < bytes.length) {
                        bytes[at] = MARKS[random.nextInt(MARKS.length)];
                    }
                }
                case 2 -> bytes = joined(bytes, 0, at, bytes, to, bytes.length);
                case 3 -> bytes = joined(bytes, 0, to, bytes, at, bytes.length);
                case 4 -> {
                    byte[] word = WORDS.get(random.nextInt(WORDS.size())).getBytes(StandardCharsets.UTF_8);
                    bytes = joined(joined(bytes, 0, at, word, 0, word.length), 0, at + word.length, bytes, to, bytes.length);
                }
                case 5 -> bytes = Arrays.copyOf(bytes, at);
                default -> {
                    byte[] other = seeds.get(random.nextInt(seeds.size()));
                    int from = random.nextInt(other.length + 1);
                    bytes = joined(bytes, 0, at, other, from, other.length);
                }
            }
        }
        return bytes;
    }

    private static byte[] joined(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
        byte[] whole = new byte[aTo - aFrom + bTo - bFrom];
        System.arraycopy(a, aFrom, whole, 0, aTo - aFrom);
        System.arraycopy(b, bFrom, whole, aTo - aFrom, bTo - bFrom);
        return whole;
    }

    private static String reason(Rejection rejection) {
        if (rejection == null) {
            return "";
        }
        assertThat(rejection.detail()).isNotBlank().hasSizeLessThan(2000);
        return rejection.reason().id();
    }

    private Path file(String name, byte[] bytes) {
        try {
            return Files.write(directory.resolve(name), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<byte[]> texts(String... texts) {
        return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    }

    private static byte[] floats(float... numbers) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : numbers) {
            buffer.putFloat(number);
        }
        return buffer.array();
    }

    private static List<byte[]> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<byte[]> all = new ArrayList<>();
            for (Path file : files.filter(path -> path.toString().endsWith(ending)).sorted().toList()) {
                all.add(Files.readAllBytes(file));
            }
            return all;
        }
    }

    private static String shown(byte[] input) {
        return input.length > 400
                ? input.length + " bytes"
                : HexFormat.of().formatHex(input) + " " + new String(input,
                        StandardCharsets.ISO_8859_1);
    }
}
