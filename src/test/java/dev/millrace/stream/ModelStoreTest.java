package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.StartingState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

class ModelStoreTest {
    /** Initialises a store and gives it what its changelog holds, as Kafka Streams does. */
    static void restore(ModelStore store, List<TestRecord<byte[], byte[]>> changelog) {
        Context context = new Context();
        store.init(context.getStateStoreContext(), store);
        for (TestRecord<byte[], byte[]> record : changelog) {
            context.callback(store).restore(record.key(), record.value());
        }
        store.restored();
    }

    @Test
    void aChunkIsWrittenOncePerFlushHoweverOftenItIsMarked() {
        ModelStore store = store(Specs.REGRESSION);
        RecordingStore outer = new RecordingStore();
        for (int i = 0; i < 10; i++) {
            store.markStep(outer.store());
            store.markExample(outer.store());
        }
        assertThat(outer.puts).doesNotHaveDuplicates().isNotEmpty();
        int before = outer.puts.size();
        outer.marked.forEach(store::put);
        store.markExample(outer.store());
        assertThat(outer.puts.size() - before).isPositive().isLessThan(before);
        assertThat(store.persistent()).isTrue();
    }

    @Test
    void aLargeNetworkIsCutIntoChunks() {
        ModelStore store = store(Specs.regression(1, 100_000));
        RecordingStore outer = new RecordingStore();
        store.markStep(outer.store());
        assertThat(outer.marked.values()).allSatisfy(value -> assertThat(value.length).isLessThanOrEqualTo(ModelStore.CHUNK_BYTES));
        assertThat(outer.marked).hasSizeGreaterThan(20);
    }

    @Test
    void anAbortedTransactionLeavesNothingBehind() {
        ModelStore store = store(Specs.REGRESSION);
        float before = store.learner().state().training().parameters()[0];
        store.learner().state().training().parameters()[0] = 77;
        store.init(new Context().getStateStoreContext(), store);
        assertThat(store.learner().state().training().parameters()[0]).isEqualTo(before);
    }

    @Test
    void aStoredModelOfAnotherArchitectureIsNotContinued() {
        ModelStore old = store(Specs.REGRESSION);
        RecordingStore outer = new RecordingStore();
        old.markStep(outer.store());
        List<TestRecord<byte[], byte[]>> changelog = new ArrayList<>();
        outer.marked.forEach((key, value) -> {
            old.put(key, value);
            changelog.add(new TestRecord<>(key.get(), value));
        });
        ModelStore wider = new ModelStore("model", Specs.regression(4, 9), new ModelStores(Specs.REGRESSION));
        assertThatThrownBy(() -> restore(wider, changelog)).isInstanceOf(IncompatibleModelException.class)
                .hasMessageContaining("model.layers[0].units: stored is 8, configured is 9").hasMessageContaining("application.id");
        ModelStore same = new ModelStore("model", Specs.REGRESSION, new ModelStores(Specs.REGRESSION));
        restore(same, changelog);
    }

    @Test
    void weightsFromAFileAreStoredWithTheFirstExample() {
        OnlineLearner trained = new OnlineLearner(Specs.REGRESSION);
        Map<String, float[]> weights = new HashMap<>();
        trained.network().layout().variables().forEach(variable -> {
            float[] values = new float[variable.size()];
            java.util.Arrays.fill(values, 0.25f);
            weights.put(variable.name(), values);
        });
        StartingState start = new StartingState(7, weights, Map.of(), new double[0]);
        ModelStore store = new ModelStore("model", Specs.REGRESSION, start, new ModelStores(Specs.REGRESSION));
        store.init(new Context().getStateStoreContext(), store);
        assertThat(store.learner().version()).isEqualTo(7);
        RecordingStore outer = new RecordingStore();
        store.markExample(outer.store());
        List<TestRecord<byte[], byte[]>> changelog = new ArrayList<>();
        outer.marked.forEach((key, value) -> {
            store.put(key, value);
            changelog.add(new TestRecord<>(key.get(), value));
        });
        ModelStore withoutTheFile = new ModelStore("model", Specs.REGRESSION, new ModelStores(Specs.REGRESSION));
        restore(withoutTheFile, changelog);
        assertThat(withoutTheFile.learner().version()).isEqualTo(7);
        assertThat(withoutTheFile.learner().state().training().parameters())
                .containsExactly(store.learner().state().training().parameters());
    }

    private static ModelStore store(LearnerSpec spec) {
        ModelStore store = new ModelStore("model", spec, new ModelStores(spec));
        store.init(new Context().getStateStoreContext(), store);
        return store;
    }

    /** Keeps the restore callback, which the mock context does not. */
    private static final class Context extends MockProcessorContext<byte[], byte[]> {
        private final Map<StateStore, StateRestoreCallback> callbacks = new HashMap<>();

        @Override
        public org.apache.kafka.streams.processor.StateStoreContext getStateStoreContext() {
            var inner = super.getStateStoreContext();
            return (org.apache.kafka.streams.processor.StateStoreContext) java.lang.reflect.Proxy.newProxyInstance(
                    ModelStoreTest.class.getClassLoader(), new Class<?>[]{ org.apache.kafka.streams.processor.StateStoreContext.class},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("register")) {
                            callbacks.put((StateStore) arguments[0], (StateRestoreCallback) arguments[1]);
                            return null;
                        }
                        return method.invoke(inner, arguments);
                    });
        }

        StateRestoreCallback callback(StateStore store) {
            return callbacks.get(store);
        }
    }

    /** Stands where Kafka Streams' caching layer stands. */
    private static final class RecordingStore {
        final Map<Bytes, byte[]> marked = new HashMap<>();
        final List<Bytes> puts = new ArrayList<>();

        @SuppressWarnings("unchecked")
        KeyValueStore<Bytes, byte[]> store() {
            return (KeyValueStore<Bytes, byte[]>) java.lang.reflect.Proxy.newProxyInstance(ModelStoreTest.class.getClassLoader(),
                    new Class<?>[]{ KeyValueStore.class}, (proxy, method, arguments) -> {
                        assertThat(method.getName()).isEqualTo("put");
                        marked.put((Bytes) arguments[0], (byte[]) arguments[1]);
                        puts.add((Bytes) arguments[0]);
                        return null;
                    });
        }
    }
}
