package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

class SnapshotsTest {
    private final Snapshots.Assembler assembler = new Snapshots.Assembler("m");

    @Test
    void aSmallSnapshotIsOneRecordUnderTheModelsName() {
        List<Record<byte[], byte[]>> records = Snapshots.records("m", 3, new byte[100], 5, false);
        assertThat(records).hasSize(1);
        assertThat(new String(records.getFirst().key(), java.nio.charset.StandardCharsets.UTF_8)).isEqualTo("m");
        assertThat(add(records.getFirst())).hasValueSatisfying(bytes -> assertThat(bytes).hasSize(100));
    }

    @Test
    void aLargeSnapshotIsWholeOnlyWithItsManifest() {
        byte[] bytes = random(5 * Snapshots.CHUNK_BYTES / 2, 1);
        List<Record<byte[], byte[]>> records = Snapshots.records("m", 3, bytes, 5, false);
        assertThat(records).hasSize(4);
        for (Record<byte[], byte[]> record : records.subList(0, 3)) {
            assertThat(add(record)).isEmpty();
        }
        assertThat(add(records.getLast())).contains(bytes);
    }

    @Test
    void chunksOfTwoVersionsAreNeverMixed() {
        byte[] old = random(2 * Snapshots.CHUNK_BYTES, 1);
        byte[] young = random(2 * Snapshots.CHUNK_BYTES, 2);
        List<Record<byte[], byte[]>> first = Snapshots.records("m", 1, old, 5, false);
        List<Record<byte[], byte[]>> second = Snapshots.records("m", 2, young, 5, false);
        // What compaction may leave: an old manifest, a young chunk.
        assertThat(add(first.get(0))).isEmpty();
        assertThat(add(second.get(1))).isEmpty();
        assertThat(add(first.get(2))).isEmpty();
        assertThat(add(second.get(0))).isEmpty();
        assertThat(add(second.get(2))).contains(young);
    }

    @Test
    void keptVersionsLieBesideTheNewestAndTheOldestGoes() {
        KeptSnapshots kept = new KeptSnapshots();
        Map<String, byte[]> topic = new LinkedHashMap<>();
        for (int version = 1; version <= 5; version++) {
            // Every other one is large.
            byte[] bytes = random(version % 2 == 0 ? 2 * Snapshots.CHUNK_BYTES : 100, version);
            kept.add("m", version, bytes, 5, false, 3).forEach(record -> compact(topic, record));
        }
        assertThat(topic).containsOnlyKeys("m", "m@3", "m@4", "m@4/0", "m@4/1", "m@5");

        byte[] written = new byte[kept.byteLength()];
        kept.write(written);
        KeptSnapshots restored = new KeptSnapshots();
        restored.read(written);
        restored.add("m", 3, new byte[10], 5, false, 2).forEach(record -> compact(topic, record));
        assertThat(topic).as("gone back to 3, two kept").containsOnlyKeys("m", "m@3", "m@5");
        restored.add("m", 6, new byte[10], 5, false, 1).forEach(record -> compact(topic, record));
        assertThat(topic).containsOnlyKeys("m");
    }

    @Test
    void aKeptLargeVersionAndTheNewestShareTheirChunks() {
        byte[] bytes = random(5 * Snapshots.CHUNK_BYTES / 2, 1);
        Snapshots.Assembler past = new Snapshots.Assembler("m", "m@7");
        List<Record<byte[], byte[]>> records = Snapshots.records("m", 7, bytes, 5, true);
        assertThat(records).hasSize(5);
        List<byte[]> newest = new ArrayList<>();
        List<byte[]> kept = new ArrayList<>();
        for (Record<byte[], byte[]> record : records) {
            add(record).ifPresent(newest::add);
            past.add(record.key(), record.value(), record.headers()).ifPresent(kept::add);
        }
        assertThat(newest).containsExactly(bytes);
        assertThat(kept).containsExactly(bytes);
    }

    private static void compact(Map<String, byte[]> topic, Record<byte[], byte[]> record) {
        String key = new String(record.key(), java.nio.charset.StandardCharsets.UTF_8);
        topic.remove(key);
        if (record.value() != null) {
            topic.put(key, record.value());
        }
    }

    @Test
    void otherModelsInTheSameTopicAreIgnored() {
        List<Record<byte[], byte[]>> others = new ArrayList<>(Snapshots.records("other", 1, new byte[10], 5, false));
        others.addAll(Snapshots.records("m2", 1, random(2 * Snapshots.CHUNK_BYTES, 3), 5, false));
        assertThat(others).allSatisfy(record -> assertThat(add(record)).isEmpty());
    }

    private Optional<byte[]> add(Record<byte[], byte[]> record) {
        return assembler.add(record.key(), record.value(), record.headers());
    }

    private static byte[] random(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
