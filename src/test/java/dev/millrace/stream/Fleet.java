package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ApplicationConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The instances of one application, each a process with a configuration file and a state directory of its own. */
final class Fleet implements AutoCloseable {
    static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);
    private static final String LEARNER = """
            features: [a, b, { name: a_per_b, ratio: [a, b] }]
            label: { field: y }
            model: { layers: [ { units: 96, activation: relu }, { units: 96, activation: tanh }, { units: 1 } ] }
            training: { batch_size: 3, loss: mse, optimizer: { name: adam, learning_rate: 0.001 } }
            evaluation: { window: 100 }
            snapshots: { every_steps: 500, every_seconds: 1 }
            """;

    /** @param file name of its configuration */
    record Instance(String file, MillraceProcess process) {
    }

    private final Path directory;
    private final Path archive;
    private final Broker broker;
    private final String application;
    private final ApplicationConfig config;
    private final List<Instance> instances = new ArrayList<>();
    private int named;

    /**
     * An application without an instance; its topics exist.
     *
     * @param archive of loaded classes, as the launcher's build leaves one
     */
    Fleet(Path directory, Path archive, Broker broker, String application, int partitions) {
        this.directory = directory;
        this.archive = archive;
        this.broker = broker;
        this.application = application;
        this.config = configure(application);
        broker.createTopics(config, partitions);
    }

    private ApplicationConfig configure(String file) {
        String settings = ", session.timeout.ms: " + SESSION_TIMEOUT.toMillis() + ", num.standby.replicas: 1";
        return broker.configure(file, application, settings, LEARNER);
    }

    ApplicationConfig config() {
        return config;
    }

    int size() {
        return instances.size();
    }

    Instance get(int index) {
        return instances.get(index);
    }

    /** Starts one instance more and waits until it serves. */
    void add() {
        String file = application + "-" + named++;
        configure(file);
        MillraceProcess process = launch(file);
        instances.add(new Instance(file, process));
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> process.output().contains("serves ") || !process.alive());
    }

    private MillraceProcess launch(String file) {
        return MillraceProcess.start(directory, Map.of("JDK_JAVA_OPTIONS", "-XX:SharedArchiveFile=" + archive + " -Xlog:cds=off"), "run",
                "--config", broker.file(file).toString(), "--port", "0");
    }

    /** Starts an instance again that has ended, with what is left in its state directory. */
    void restart(int index) {
        Instance ended = instances.get(index);
        assertThat(ended.process().alive()).isFalse();
        instances.set(index, new Instance(ended.file(), launch(ended.file())));
    }

    /** SIGTERM to one; the others are to take over. */
    void remove(int index) throws InterruptedException {
        terminate(index);
        instances.remove(index);
    }

    /** SIGTERM, and it ends in order. */
    void terminate(int index) throws InterruptedException {
        MillraceProcess process = instances.get(index).process();
        process.terminate();
        assertThat(process.await(Duration.ofSeconds(60)).exitCode()).as(process.output()).isIn(0, 143);
    }

    void terminateAll() throws InterruptedException {
        for (Instance instance : instances) {
            instance.process().terminate();
        }
        for (int i = 0; i < instances.size(); i++) {
            terminate(i);
        }
    }

    void deleteState(int index) throws IOException {
        try (Stream<Path> files = Files.walk(broker.stateDirectory(instances.get(index).file()))) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    /**
     * Nobody has ended without being told to. Only one that found no broker when it started may have: it says so, and whatever
     * supervises it starts it again.
     */
    void assertAlive() {
        for (int i = 0; i < instances.size(); i++) {
            MillraceProcess process = instances.get(i).process();
            if (!process.alive()) {
                assertThat(process.output()).contains("No Kafka broker answers at " + broker.servers());
                restart(i);
            }
        }
    }

    /** What everybody said and does, for the message of a failed test. */
    String report() {
        StringBuilder text = new StringBuilder();
        for (Instance instance : instances) {
            text.append("--- ").append(instance.file()).append('\n').append(instance.process().output()).append('\n')
                    .append(instance.process().alive() ? instance.process().threads() : "(ended)\n");
        }
        return text.toString();
    }

    @Override
    public void close() throws InterruptedException {
        for (Instance instance : instances) {
            instance.process().close();
        }
    }
}
