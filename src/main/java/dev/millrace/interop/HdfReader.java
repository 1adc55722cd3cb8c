package dev.millrace.interop;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One group of an HDF5 file, read through jhdf with a guard: jhdf trusts what it reads. So the bytes are in memory, where a wrong
 * address or length is an exception and no allocation; every size is compared with the file's length before an array is made; and
 * {@link #read} runs on a thread of its own, which a loop in the file's tables cannot take with it.
 */
final class HdfReader {
    private static final byte[] SIGNATURE = HexFormat.of().parseHex("894844460d0a1a0a");
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** An attribute that HDF5 cannot hold in one piece is split into name0, name1 …; a MB of names is as much as is ever read. */
    private static final int MAX_PIECES = 10_000;

    private final Group group;
    private final String path;
    private final long fileLength;

    private HdfReader(Group group, String path, long fileLength) {
        this.group = group;
        this.path = path;
        this.fileLength = fileLength;
    }

    static boolean isHdf(byte[] bytes) {
        return bytes.length >= SIGNATURE.length && Arrays.equals(bytes, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    /**
     * Reads a file.
     *
     * @param place the file's name in messages
     * @throws ModelFileException if the reader throws one, or the bytes are not HDF5
     */
    static <T> T read(String place, byte[] bytes, Function<HdfReader, T> reader) {
        if (!isHdf(bytes)) {
            throw new ModelFileException(place, "not an HDF5 file: its first bytes are "
                    + HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length)));
        }
        return guarded(place, () -> {
            try (HdfFile file = HdfFile.fromBytes(bytes)) {
                // Numbers may lie before a cut, so that nothing else would show it.
                long end = file.getHdfBackingStorage().getSuperblock().getEndOfFileAddress();
                if (end > bytes.length) {
                    throw new ModelFileException(place, "truncated: " + bytes.length + " of " + end + " bytes");
                }
                return reader.apply(new HdfReader(file, place, bytes.length));
            }
        });
    }

    private interface Reading<T> {
        T run();
    }

    private static <T> T guarded(String place, Reading<T> reading) {
        List<T> result = new ArrayList<>(1);
        List<RuntimeException> failure = new ArrayList<>(1);
        Thread thread = Thread.ofPlatform().daemon().name("hdf5-reader").unstarted(() -> {
            try {
                result.add(reading.run());
            } catch (ModelFileException e) {
                failure.add(e);
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError | AssertionError e) {
                // jhdf has no exception for damaged bytes: they surface as whatever went wrong first, a cycle as a full stack.
                failure.add(new ModelFileException(place, "a damaged HDF5 file: " + e, e));
            }
        });
        thread.start();
        try {
            if (!thread.join(PATIENCE)) {
                throw new ModelFileException(place, "a damaged HDF5 file: reading it took longer than " + PATIENCE.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelFileException(place, "reading was interrupted", e);
        }
        if (!failure.isEmpty()) {
            throw failure.getFirst();
        }
        if (result.isEmpty()) {
            throw new ModelFileException(place, "a damaged HDF5 file: reading it failed");
        }
        return result.getFirst();
    }

    String path() {
        return path;
    }

    /** A group below this one, by names separated by slashes. */
    Optional<HdfReader> group(String relative) {
        Node node = find(relative);
        return node instanceof Group found ? Optional.of(new HdfReader(found, at(relative), fileLength)) : Optional.empty();
    }

    HdfReader needGroup(String relative) {
        return group(relative).orElseThrow(() -> new ModelFileException(at(relative), "the group is missing"));
    }

    /** Names of the groups right below this one. */
    List<String> groups() {
        return group.getChildren().values().stream().filter(Group.class::isInstance).map(Node::getName).sorted().toList();
    }

    boolean hasDataset(String relative) {
        return find(relative) instanceof Dataset;
    }

    private @Nullable Node find(String relative) {
        Node node = group;
        for (String name : relative.split("/", -1)) {
            if (name.isEmpty()) {
                continue;
            }
            if (!(node instanceof Group parent)) {
                return null;
            }
            // Not getByPath: that throws where a child is missing.
            node = parent.getChildren().get(name);
        }
        return node;
    }

    private String at(String relative) {
        return path + "/" + relative;
    }

    /** A text attribute of one value. */
    Optional<String> text(String name) {
        Attribute attribute = group.getAttributes().get(name);
        if (attribute == null) {
            return Optional.empty();
        }
        List<String> texts = strings(name, attribute);
        if (texts.size() != 1) {
            throw new ModelFileException(at("@" + name), "found " + texts.size() + " values, allowed: one text");
        }
        return Optional.of(texts.getFirst());
    }

    /** A list attribute, also one that was split into numbered pieces; empty if there is none. */
    List<String> texts(String name) {
        Map<String, Attribute> attributes = group.getAttributes();
        Attribute whole = attributes.get(name);
        if (whole != null) {
            return strings(name, whole);
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < MAX_PIECES; i++) {
            Attribute piece = attributes.get(name + i);
            if (piece == null) {
                return texts;
            }
            texts.addAll(strings(name + i, piece));
        }
        throw new ModelFileException(at("@" + name), "more than " + MAX_PIECES + " pieces");
    }

    private List<String> strings(String name, Attribute attribute) {
        if (attribute.isEmpty()) {
            return List.of();
        }
        long size = product(at("@" + name), attribute.getDimensionsAsLong());
        requireBacked(at("@" + name), size, Math.max(1, attribute.getDataType().getSize()));
        Object data = size == 0 ? new String[0] : attribute.getData();
        return switch (data) {
            case null -> List.of();
            case String text -> List.of(text);
            case String[] texts -> Arrays.stream(texts).map(String::valueOf).toList();
            default -> {
                if (size == 0) {
                    yield List.of();
                }
                throw new ModelFileException(at("@" + name), "found " + attribute.getDataType().getClass().getSimpleName()
                        + ", allowed: text");
            }
        };
    }

    /** The shape of a dataset; empty for a single number. */
    long[] shape(String relative) {
        return dataset(relative).getDimensionsAsLong();
    }

    /** A float32 array of a known shape, all of it finite; none for a single number. */
    float[] floats(String relative, int... shape) {
        Dataset dataset = dataset(relative);
        String place = at(relative);
        long[] expected = Arrays.stream(shape).asLongStream().toArray();
        long[] found = dataset.getDimensionsAsLong();
        if (!Arrays.equals(found, expected)) {
            throw new ModelFileException(place,
                    "its shape is " + Arrays.toString(found) + ", the network needs " + Arrays.toString(expected));
        }
        return switch (data(place, dataset)) {
            case float[] values -> finite(place, values);
            case Float value -> finite(place, new float[]{ value});
            case Object other -> throw new ModelFileException(place,
                    "found " + other.getClass().getSimpleName() + ", allowed: 32-bit floating point");
        };
    }

    /** Refuses what no training can bring back; of a flipped bit in a number this is all that can be seen. */
    private static float[] finite(String place, float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new ModelFileException(place, "value " + i + " is " + values[i] + ", allowed: finite numbers");
            }
        }
        return values;
    }

    /** A single number of any type, or the only element of an array. */
    double number(String relative) {
        String place = at(relative);
        Dataset dataset = dataset(relative);
        if (product(place, dataset.getDimensionsAsLong()) != 1) {
            throw new ModelFileException(place, "its shape is " + Arrays.toString(dataset.getDimensionsAsLong()) + ", allowed: one number");
        }
        return switch (data(place, dataset)) {
            case Number number -> number.doubleValue();
            case float[] values -> values[0];
            case double[] values -> values[0];
            case long[] values -> values[0];
            case int[] values -> values[0];
            case Object other -> throw new ModelFileException(place, "found " + other.getClass().getSimpleName() + ", allowed: one number");
        };
    }

    private Dataset dataset(String relative) {
        if (find(relative) instanceof Dataset dataset) {
            return dataset;
        }
        throw new ModelFileException(at(relative), "the dataset is missing");
    }

    private Object data(String place, Dataset dataset) {
        long size = product(place, dataset.getDimensionsAsLong());
        requireBacked(place, size, Math.max(1, dataset.getDataType().getSize()));
        Object data = dataset.isScalar() ? dataset.getData() : dataset.getDataFlat();
        if (data == null) {
            throw new ModelFileException(place, "the dataset is empty");
        }
        return data;
    }

    private long product(String place, long[] dimensions) {
        long product = 1;
        for (long dimension : dimensions) {
            if (dimension < 0 || dimension > fileLength) {
                throw new ModelFileException(place, "a dimension of " + dimension + " in a file of " + fileLength + " bytes");
            }
            product *= dimension;
            if (product > fileLength) {
                throw new ModelFileException(place, "more values than a file of " + fileLength + " bytes can hold");
            }
        }
        return product;
    }

    private void requireBacked(String place, long count, int elementBytes) {
        if (elementBytes > fileLength || count * elementBytes > fileLength) {
            throw new ModelFileException(place, count + " values of " + elementBytes + " bytes in a file of " + fileLength + " bytes");
        }
    }
}
