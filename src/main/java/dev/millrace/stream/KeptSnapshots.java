package dev.millrace.stream;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.streams.processor.api.Record;

/** Which versions lie in the snapshot topic beside the newest, oldest first. Part of what a model store keeps. */
final class KeptSnapshots {
    private static final int ENTRY_BYTES = Long.BYTES + Integer.BYTES + 1;

    /**
     * @param chunks of a large one; 0: it is one record
     * @param good better than a trivial guess when it was written
     */
    private record Entry(long version, int chunks, boolean good) {
    }

    private final List<Entry> entries = new ArrayList<>();

    /** What {@link #write} needs now. */
    int byteLength() {
        return Integer.BYTES + entries.size() * ENTRY_BYTES;
    }

    /**
     * Adds a version and gives the records that put it into the topic and take out what is more than may be kept.
     *
     * @param good whether it is better than a trivial guess
     * @param keep at least 1; 1: the newest alone, which lies under the model's name
     */
    List<Record<byte[], byte[]>> add(String name, long version, byte[] snapshot, long timestamp, boolean good, int keep) {
        entries.removeIf(entry -> entry.version == version);
        boolean kept = keep > 1;
        List<Record<byte[], byte[]>> records = new ArrayList<>();
        while (entries.size() > (kept ? keep - 1 : 0)) {
            Entry oldest = entries.removeFirst();
            records.addAll(Snapshots.tombstones(name, oldest.version, oldest.chunks, timestamp));
        }
        records.addAll(Snapshots.records(name, version, snapshot, timestamp, kept));
        if (kept) {
            entries.add(new Entry(version, Snapshots.chunks(snapshot.length), good));
        }
        return records;
    }

    /** The newest version that was good. */
    OptionalLong lastGood() {
        return entries.stream().filter(Entry::good).mapToLong(Entry::version).reduce((_, later) -> later);
    }

    /** What is known of a version's quality holds no more. */
    void doubt(long version) {
        entries.replaceAll(entry -> entry.version == version ? new Entry(version, entry.chunks, false) : entry);
    }

    void write(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).putInt(entries.size());
        entries.forEach(entry -> buffer.putLong(entry.version).putInt(entry.chunks).put((byte) (entry.good ? 1 : 0)));
    }

    /** @param bytes as written, also for another number to keep */
    void read(byte[] bytes) {
        entries.clear();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int left = Math.min(buffer.getInt(), buffer.remaining() / ENTRY_BYTES); left > 0; left--) {
            entries.add(new Entry(buffer.getLong(), buffer.getInt(), buffer.get() != 0));
        }
    }
}
