package dev.millrace.stream;

import dev.millrace.config.LearnerJson;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.LearnerState;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.StartingState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The model of one task: live arrays on the heap, written to a changelog inside each commit.
 *
 * <p>
 * How that works with the public API alone: this is the innermost store under Kafka Streams' own caching and logging layers.
 * The learner changes its arrays freely and marks the chunks that changed with {@code put(key, placeholder)} on the outer
 * store, which only reaches the cache. When Streams commits, it flushes the cache: for each marked chunk it calls
 * {@link #put} here and then logs that same array. So {@code put} fills the placeholder with the numbers of that moment, after
 * the last record of the transaction and before its end. Marking costs nothing while a chunk is marked already.
 *
 * <p>
 * {@code flush}, {@code commit} and {@code close} run after the transaction and write nothing. {@link #init} starts with a
 * fresh learner, because Streams initialises the same object again after an aborted transaction. The store calls itself
 * persistent and says that it manages its offsets, without a file: so Streams keeps the process id in its state directory, and
 * after a crash a new process fences the old one's transaction instead of waiting for it to time out.
 */
final class ModelStore implements KeyValueStore<Bytes, byte[]> {
    /** Below G1's humongous size and far below a broker's message limit. */
    static final int CHUNK_BYTES = 256 * 1024;

    private static final String SPEC = "spec";
    private static final String POSITION = "position";
    private static final String KEPT = "kept";
    private static final String ORIGINALS = "originals/";

    /** A stretch of state under one key of the changelog. */
    private static final class Chunk {
        final Bytes key;
        final @Nullable Filler filler;
        byte[] placeholder;
        boolean marked;

        Chunk(String key, int length, @Nullable Filler filler) {
            this.key = Bytes.wrap(key.getBytes(StandardCharsets.UTF_8));
            this.placeholder = new byte[length];
            this.filler = filler;
        }
    }

    /** Moves one chunk's bytes between the live state and an array. */
    private interface Filler {
        void fill(byte[] bytes);

        void restore(byte[] bytes);
    }

    private final String name;
    private final LearnerSpec spec;
    private final @Nullable StartingState start;
    private final ModelStores owner;
    private final Map<Bytes, Chunk> chunks = new LinkedHashMap<>();
    private final List<Chunk> changedByExample = new ArrayList<>();
    private final List<Chunk> changedByStep = new ArrayList<>();
    private final List<Chunk> originalChunks = new ArrayList<>();
    private OnlineLearner learner;
    private PendingOriginals originals = new PendingOriginals();
    private KeptSnapshots kept = new KeptSnapshots();
    private final Chunk keptChunk = new Chunk(KEPT, 0, new Filler() {
        @Override
        public void fill(byte[] bytes) {
            kept.write(bytes);
        }

        @Override
        public void restore(byte[] bytes) {
            kept.read(bytes);
        }
    });
    private @Nullable Bytes storedSpec;
    /** Marked once per start, with the first example: what is stored must always say what it is. */
    private @Nullable Chunk specChunk;
    /** Whether all that an example or a step changes is marked, so that the next one need not look. */
    private boolean exampleMarked;
    private boolean stepMarked;
    /** Original records up to here have room in marked chunks. */
    private int originalsMarked;
    private @Nullable StateStoreContext context;
    /** A copy of another instance's model is told by another thread that it is no longer one. */
    private volatile long restoreStarted;
    private double restoreSeconds = Double.NaN;
    private boolean open;

    /** Step count of the last snapshot written, -1 before the first; committed with the model. */
    long snapshotVersion = -1;
    /** Finished windows in a row in which the model was worse than a trivial guess; committed with the model. */
    long worseWindows;
    /** Offset behind the last labelled record taken; committed with the model. */
    long sourceOffset = -1;

    ModelStore(String name, LearnerSpec spec, ModelStores owner) {
        this(name, spec, null, owner);
    }

    ModelStore(String name, LearnerSpec spec, @Nullable StartingState start, ModelStores owner) {
        this.name = name;
        this.spec = spec;
        this.start = start;
        this.owner = owner;
        this.learner = new OnlineLearner(spec, start);
    }

    OnlineLearner learner() {
        return learner;
    }

    PendingOriginals originals() {
        return originals;
    }

    KeptSnapshots kept() {
        return kept;
    }

    /** Seconds between registration for restore and the processor's first look, NaN before. */
    double restoreSeconds() {
        return restoreSeconds;
    }

    // ---- the learner's side -------------------------------------------------------------------------------------------------

    void restoreStarts() {
        restoreStarted = System.nanoTime();
    }

    /** Checks what was restored; called once, before the first record. */
    void restored() {
        restoreSeconds = (System.nanoTime() - restoreStarted) / 1e9;
        if (storedSpec != null) {
            String obstacle = spec.obstacleToContinue(LearnerJson.read(JsonMapper.shared().readTree(storedSpec.get())));
            if (obstacle != null) {
                throw new IncompatibleModelException(obstacle);
            }
        }
        originals.restored(learner.pending());
    }

    /**
     * Marks what every labelled example changes. Weights from a file are stored with the first example: from then on a run does
     * not depend on the file.
     */
    void markExample(KeyValueStore<Bytes, byte[]> outer) {
        if (exampleMarked) {
            return;
        }
        exampleMarked = true;
        Chunk unwritten = specChunk;
        if (unwritten != null) {
            mark(outer, unwritten);
            specChunk = null;
        }
        mark(outer, changedByExample);
        if (start != null && learner.version() == start.version()) {
            mark(outer, changedByStep);
        }
    }

    /** Marks what an optimizer step changes: everything. */
    void markStep(KeyValueStore<Bytes, byte[]> outer) {
        markExample(outer);
        if (!stepMarked) {
            stepMarked = true;
            mark(outer, changedByStep);
        }
    }

    /** Marks which snapshots are kept: another one has been written. */
    void markKept(KeyValueStore<Bytes, byte[]> outer) {
        keptChunk.placeholder = new byte[kept.byteLength()];
        keptChunk.marked = false;
        mark(outer, keptChunk);
    }

    /** Marks the original records of the pending batch from this position on. */
    void markOriginals(KeyValueStore<Bytes, byte[]> outer, int from) {
        if (originals.used() <= originalsMarked) {
            return;
        }
        for (int i = from / CHUNK_BYTES; i * CHUNK_BYTES < originals.used(); i++) {
            while (originalChunks.size() <= i) {
                originalChunks.add(originalChunk(originalChunks.size(), 1024));
            }
            Chunk chunk = originalChunks.get(i);
            int needed = Math.min(CHUNK_BYTES, originals.used() - i * CHUNK_BYTES);
            if (needed > chunk.placeholder.length) {
                chunk.placeholder = new byte[Math.min(CHUNK_BYTES, Integer.highestOneBit(needed - 1) * 2)];
                chunk.marked = false;
            }
            mark(outer, chunk);
            originalsMarked = i * CHUNK_BYTES + chunk.placeholder.length;
        }
    }

    /** Forgets the original records: their batch is finished. */
    void clearOriginals() {
        originals.clear();
        originalsMarked = 0;
    }

    private static void mark(KeyValueStore<Bytes, byte[]> outer, List<Chunk> chunks) {
        for (int i = 0; i < chunks.size(); i++) {
            mark(outer, chunks.get(i));
        }
    }

    private static void mark(KeyValueStore<Bytes, byte[]> outer, Chunk chunk) {
        if (!chunk.marked) {
            chunk.marked = true;
            outer.put(chunk.key, chunk.placeholder);
        }
    }

    // ---- the side of Kafka Streams ------------------------------------------------------------------------------------------

    @Override
    public String name() {
        return name;
    }

    @Override
    public void init(StateStoreContext stateStoreContext, StateStore root) {
        context = stateStoreContext;
        learner = new OnlineLearner(spec, start);
        originals = new PendingOriginals();
        kept = new KeptSnapshots();
        storedSpec = null;
        snapshotVersion = -1;
        sourceOffset = -1;
        worseWindows = 0;
        layOut();
        restoreStarts();
        open = true;
        owner.opened(stateStoreContext.taskId(), this);
        stateStoreContext.register(root, this::restore);
    }

    private void layOut() {
        exampleMarked = false;
        stepMarked = false;
        originalsMarked = 0;
        chunks.clear();
        changedByExample.clear();
        changedByStep.clear();
        originalChunks.clear();
        byte[] specBytes = LearnerJson.write(spec).toString().getBytes(StandardCharsets.UTF_8);
        specChunk = add(new Chunk(SPEC, specBytes.length, new Filler() {
            @Override
            public void fill(byte[] bytes) {
                System.arraycopy(specBytes, 0, bytes, 0, specBytes.length);
            }

            @Override
            public void restore(byte[] bytes) {
                storedSpec = Bytes.wrap(bytes);
            }
        }));
        changedByExample.add(add(new Chunk(POSITION, 24, new Filler() {
            @Override
            public void fill(byte[] bytes) {
                ByteBuffer.wrap(bytes).putLong(snapshotVersion).putLong(sourceOffset).putLong(worseWindows);
            }

            @Override
            public void restore(byte[] bytes) {
                snapshotVersion = ByteBuffer.wrap(bytes).getLong(0);
                sourceOffset = ByteBuffer.wrap(bytes).getLong(8);
                worseWindows = bytes.length < 24 ? 0 : ByteBuffer.wrap(bytes).getLong(16);
            }
        })));
        keptChunk.marked = false;
        add(keptChunk);
        for (LearnerState.Section section : learner.state().sections()) {
            for (int from = 0; from < section.byteLength(); from += CHUNK_BYTES) {
                Chunk chunk = add(sectionChunk(section, from, Math.min(CHUNK_BYTES, section.byteLength() - from)));
                (section.changesByStepOnly() ? changedByStep : changedByExample).add(chunk);
            }
        }
    }

    private Chunk add(Chunk chunk) {
        chunks.put(chunk.key, chunk);
        return chunk;
    }

    private static Chunk sectionChunk(LearnerState.Section section, int from, int length) {
        return new Chunk(section.name() + "/" + from / CHUNK_BYTES, length, new Filler() {
            @Override
            public void fill(byte[] bytes) {
                section.write(from, length, bytes, 0);
            }

            @Override
            public void restore(byte[] bytes) {
                // A chunk of another length belongs to another architecture: restored() tells the user, by the stored spec.
                if (bytes.length == length) {
                    section.read(from, length, bytes, 0);
                }
            }
        });
    }

    private Chunk originalChunk(int index, int length) {
        return add(new Chunk(ORIGINALS + index, length, new Filler() {
            @Override
            public void fill(byte[] bytes) {
                originals.write(index * CHUNK_BYTES, bytes);
            }

            @Override
            public void restore(byte[] bytes) {
                originals.read(index * CHUNK_BYTES, bytes);
            }
        }));
    }

    private void restore(byte[] key, byte @Nullable [] value) {
        if (value == null) {
            return;
        }
        Chunk chunk = chunks.get(Bytes.wrap(key));
        String text = new String(key, StandardCharsets.UTF_8);
        if (chunk == null && text.startsWith(ORIGINALS)) {
            int index = Integer.parseInt(text.substring(ORIGINALS.length()));
            while (originalChunks.size() <= index) {
                originalChunks.add(originalChunk(originalChunks.size(), 1024));
            }
            chunk = originalChunks.get(index);
        }
        if (chunk != null && chunk.filler != null) {
            chunk.filler.restore(value);
        }
    }

    /** Called when the cache is flushed, inside the commit: makes the placeholder what the changelog is to hold. */
    @Override
    public void put(Bytes key, byte[] value) {
        Chunk chunk = chunks.get(key);
        if (chunk == null || chunk.filler == null) {
            throw new IllegalArgumentException("no such part of the model: " + new String(key.get(), StandardCharsets.UTF_8));
        }
        chunk.filler.fill(value);
        chunk.marked = false;
        exampleMarked = false;
        stepMarked = false;
        originalsMarked = 0;
    }

    @Override
    public void close() {
        open = false;
        StateStoreContext opened = context;
        if (opened != null) {
            owner.closed(opened.taskId(), this);
        }
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean persistent() {
        return true;
    }

    @Override
    @Deprecated
    public boolean managesOffsets() {
        return true;
    }

    @Override
    public @Nullable Long committedOffset(TopicPartition partition) {
        return null;
    }

    @Override
    public Position getPosition() {
        return Position.emptyPosition();
    }

    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {
        // The transaction is over; see the comment of the class.
    }

    @Override
    public byte @Nullable [] get(Bytes key) {
        return null;
    }

    @Override
    public long approximateNumEntries() {
        return chunks.size();
    }

    @Override
    public byte @Nullable [] putIfAbsent(Bytes key, byte[] value) {
        throw marksOnly();
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        throw marksOnly();
    }

    @Override
    public byte @Nullable [] delete(Bytes key) {
        throw marksOnly();
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
        throw marksOnly();
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        throw marksOnly();
    }

    private static UnsupportedOperationException marksOnly() {
        return new UnsupportedOperationException("the model store only takes marks; read the model through its learner");
    }
}
