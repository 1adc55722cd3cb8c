package dev.millrace.stream;

import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.LearnerState;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.StartingState;
import dev.millrace.learn.WarmUp;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Makes the model stores of one application and tells a processor which one its task has open: Kafka Streams hands a processor
 * only the outermost layer of a store. Standby tasks have a store too, in the same map under the same task id, but never in the
 * same process at the same time.
 */
final class ModelStores implements KeyValueBytesStoreSupplier {
    /** Part of the changelog topic's name: changing it abandons stored models. */
    static final String NAME = "model";

    private final String name;
    private final LearnerSpec spec;
    private final @Nullable StartingState start;
    private final WarmUp warmUp;
    private final Map<TaskId, ModelStore> open = new ConcurrentHashMap<>();

    ModelStores(LearnerSpec spec) {
        this(spec, null);
    }

    /** @param start what a fresh learner starts with; null for weights from its seed */
    ModelStores(LearnerSpec spec, @Nullable StartingState start) {
        this(NAME, spec, start);
    }

    /** @param name of the store, for a topology with stores of others */
    ModelStores(String name, LearnerSpec spec, @Nullable StartingState start) {
        this.name = name;
        this.spec = spec;
        this.start = start;
        this.warmUp = WarmUp.of(spec);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public KeyValueStore<Bytes, byte[]> get() {
        return new ModelStore(name, spec, start, this);
    }

    @Override
    public String metricsScope() {
        return "millrace-model";
    }

    /** The open store of a task. */
    ModelStore of(TaskId task) {
        ModelStore store = open.get(task);
        if (store == null) {
            throw new IllegalStateException("task " + task + " has no open model store");
        }
        return store;
    }

    /** For whoever begins to learn. */
    WarmUp warmUp() {
        return warmUp;
    }

    void opened(TaskId task, ModelStore store) {
        open.put(task, store);
    }

    /** What has been a copy is restored from now on. */
    void promoted(int partition) {
        open.forEach((task, store) -> {
            if (task.partition() == partition) {
                store.restoreStarts();
            }
        });
    }

    void closed(TaskId task, ModelStore store) {
        open.remove(task, store);
    }

    /** How large the state of a learner is. */
    static long byteLength(LearnerSpec spec) {
        return new OnlineLearner(spec).state().sections().stream().mapToLong(LearnerState.Section::byteLength).sum();
    }
}
