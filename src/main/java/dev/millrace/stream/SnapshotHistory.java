package dev.millrace.stream;

import dev.millrace.snapshot.Snapshot;
import java.util.Optional;

/** Where a learner finds what it once was. */
interface SnapshotHistory {
    /** Nothing is known of the past. */
    SnapshotHistory NONE = _ -> Optional.empty();

    /**
     * The committed snapshot of that version, if there is one; may wait for a broker.
     *
     * @throws StartException if the snapshots cannot be read
     * @throws dev.millrace.snapshot.SnapshotException if what is there is damaged
     */
    Optional<Snapshot> find(long version);
}
