package dev.millrace.demo;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/** One broker-and-controller of an {@link EmbeddedKafka}; can be stopped and started again on the same data. */
final class EmbeddedNode {
    /** The same for all, so that nodes whose directories are formatted one by one form one cluster. */
    private static final String CLUSTER_ID = "bWlsbHJhY2UtZGVtby0wMQ";

    private final int id;
    private final int brokerPort;
    private final Path directory;
    private final KafkaConfig config;
    private @Nullable KafkaRaftServer server;

    EmbeddedNode(int id, int nodes, int brokerPort, int controllerPort, String voters, Path directory) {
        this(id, nodes, brokerPort, controllerPort, voters, directory, Map.of());
    }

    /** @param more settings of the broker, which win over ours */
    EmbeddedNode(int id, int nodes, int brokerPort, int controllerPort, String voters, Path directory, Map<String, String> more) {
        this.id = id;
        this.brokerPort = brokerPort;
        this.directory = directory;
        Map<String, String> settings = settings(id, nodes, brokerPort, controllerPort, voters, directory);
        settings.putAll(more);
        this.config = new KafkaConfig(settings, false);
    }

    String address() {
        return "127.0.0.1:" + brokerPort;
    }

    synchronized void start() {
        if (server != null) {
            return;
        }
        try {
            if (!Files.exists(directory.resolve("meta.properties"))) {
                format();
            }
            KafkaRaftServer starting = new KafkaRaftServer(config, Time.SYSTEM);
            server = starting;
            starting.startup();
        } catch (Exception e) {
            stop();
            throw new IllegalStateException("the embedded broker does not start at " + address() + ": " + e.getMessage(), e);
        }
    }

    synchronized void stop() {
        KafkaRaftServer stopping = server;
        server = null;
        if (stopping != null) {
            stopping.shutdown();
            stopping.awaitShutdown();
        }
    }

    private void format() throws Exception {
        Files.createDirectories(directory);
        try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter().setClusterId(CLUSTER_ID)
                    .setNodeId(id)
                    .addDirectory(directory.toString())
                    .setMetadataLogDirectory(directory.toString())
                    .setControllerListenerName("CONTROLLER")
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .setIgnoreFormatted(false)
                    .setPrintStream(nowhere)
                    .run();
        }
    }

    private static Map<String, String> settings(int id, int nodes, int brokerPort, int controllerPort, String voters, Path directory) {
        String replicas = Integer.toString(Math.min(nodes, 3));
        String inSync = nodes >= 3 ? "2" : "1";
        Map<String, String> settings = new TreeMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(id));
        settings.put("controller.quorum.voters", voters);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("listeners", "PLAINTEXT://127.0.0.1:" + brokerPort + ",CONTROLLER://127.0.0.1:" + controllerPort);
        settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + brokerPort);
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("log.dirs", directory.toString());
        settings.put("metadata.log.dir", directory.toString());

        settings.put("auto.create.topics.enable", "false");
        settings.put("num.partitions", "1");
        settings.put("default.replication.factor", replicas);
        settings.put("min.insync.replicas", inSync);
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("offsets.topic.replication.factor", replicas);
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", replicas);
        settings.put("transaction.state.log.min.isr", inSync);
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("share.coordinator.state.topic.replication.factor", replicas);
        settings.put("share.coordinator.state.topic.min.isr", inSync);
        settings.put("group.initial.rebalance.delay.ms", "0");

        // A laptop's share: by default the cleaner alone takes 128 MB.
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        return settings;
    }
}
