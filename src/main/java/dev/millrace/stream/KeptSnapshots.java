package dev.millrace.stream;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.api.Record;

/** Which versions lie in the snapshot topic beside the newest, oldest first. Part of what a model store keeps. */
final class KeptSnapshots {
    private static final int ENTRY_BYTES = Long.BYTES + Integer.BYTES;

    /** @param chunks of a large one; 0: it is one record */
    private record Entry(long version, int chunks) {
    }

    private final List<Entry> entries = new ArrayList<>();

    /** What {@link #write} needs now. */
    int byteLength() {
        return Integer.BYTES + entries.size() * ENTRY_BYTES;
    }

    /**
     * Adds a version and gives the records that put it into the topic and take out what is more than may be kept.
     *
     * @param keep at least 1; 1: the newest alone, which lies under the model's name
     */
    List<Record<byte[], byte[]>> add(String name, long version, byte[] snapshot, long timestamp, int keep) {
        entries.removeIf(entry -> entry.version == version);
        boolean kept = keep > 1;
        List<Record<byte[], byte[]>> records = new ArrayList<>();
        while (entries.size() > (kept ? keep - 1 : 0)) {
            Entry oldest = entries.removeFirst();
            records.addAll(Snapshots.tombstones(name, oldest.version, oldest.chunks, timestamp));
        }
        records.addAll(Snapshots.records(name, version, snapshot, timestamp, kept));
        if (kept) {
            entries.add(new Entry(version, Snapshots.chunks(snapshot.length)));
        }
        return records;
    }

    void write(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).putInt(entries.size());
        entries.forEach(entry -> buffer.putLong(entry.version).putInt(entry.chunks));
    }

    /** @param bytes as written, also for another number to keep */
    void read(byte[] bytes) {
        entries.clear();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int left = Math.min(buffer.getInt(), buffer.remaining() / ENTRY_BYTES); left > 0; left--) {
            entries.add(new Entry(buffer.getLong(), buffer.getInt()));
        }
    }
}
