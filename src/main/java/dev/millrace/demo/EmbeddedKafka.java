package dev.millrace.demo;

import dev.millrace.stream.StartException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A Kafka cluster inside this JVM: real KRaft nodes (broker and controller in one) that listen on the loopback address only.
 * Topics must be created; new ones have one partition and, by default, one replica. Every data directory that was not given
 * by the caller is deleted on close.
 *
 * <p>
 * Methods are for one thread at a time.
 */
public final class EmbeddedKafka implements AutoCloseable {
    /** Attempts at a start on random ports: a port that was free may be taken before Kafka binds it. */
    private static final int ATTEMPTS = 3;

    /**
     * How to start.
     *
     * @param nodes number of brokers, at least 1; with three or more, topics are by default kept on three
     * @param port of the first broker, the next ones follow it; 0: any free ports, chosen once for the life of this object
     * @param directory kept on close, and continued if it holds an earlier cluster of as many nodes; empty: a temporary one
     */
    public record Options(int nodes, int port, Optional<Path> directory) {
        public Options {
            if (nodes < 1) {
                throw new IllegalArgumentException("a cluster needs at least 1 node, found " + nodes);
            }
            if (port < 0 || port + nodes > 65_536) {
                throw new IllegalArgumentException("a port is between 0 and 65535, found " + port);
            }
        }

        /** One node, any free port, a temporary directory. */
        public static Options single() {
            return new Options(1, 0, Optional.empty());
        }
    }

    private final Path directory;
    private final boolean temporary;
    private final List<EmbeddedNode> nodes;

    private EmbeddedKafka(Path directory, boolean temporary, List<EmbeddedNode> nodes) {
        this.directory = directory;
        this.temporary = temporary;
        this.nodes = nodes;
    }

    /**
     * Starts one node on a free port with a temporary directory; takes 2-3 s in a cold JVM.
     *
     * @throws IllegalStateException if it does not start
     */
    public static EmbeddedKafka start() {
        return start(Options.single());
    }

    /** The broker is left out of images, which have no use for it. */
    private static void requireBroker() {
        try {
            Class.forName("kafka.server.KafkaRaftServer", false, EmbeddedKafka.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new StartException(
                    "This build has no broker for demonstrations and benchmarks. Run the command from a clone of the project,"
                            + " or start Kafka and use: millrace run --config FILE");
        }
    }

    /**
     * Starts a cluster and returns when all nodes serve.
     *
     * @throws IllegalStateException if it does not start; the message names a fixed port that is in use
     */
    public static EmbeddedKafka start(Options options) {
        requireBroker();
        for (int attempt = 1;; attempt++) {
            EmbeddedKafka kafka = prepare(options);
            try {
                kafka.onAllNodes(kafka::startNode);
                return kafka;
            } catch (IllegalStateException e) {
                kafka.close();
                if (options.port() != 0 || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static EmbeddedKafka prepare(Options options) {
        try {
            List<Integer> brokerPorts = options.port() == 0
                    ? freePorts(options.nodes())
                    : IntStream.range(0, options.nodes()).map(i -> options.port() + i).boxed().toList();
            for (int port : options.port() == 0 ? List.<Integer>of() : brokerPorts) {
                requireFree(port);
            }
            List<Integer> controllerPorts = freePorts(2 * options.nodes()).stream().filter(port -> !brokerPorts.contains(port))
                    .limit(options.nodes()).toList();
            String voters = IntStream.range(0, options.nodes())
                    .mapToObj(i -> i + "@127.0.0.1:" + controllerPorts.get(i))
                    .collect(Collectors.joining(","));
            // After all that may fail, so that nothing is left behind.
            Path directory = options.directory().isPresent()
                    ? Files.createDirectories(options.directory().get())
                    : Files.createTempDirectory("millrace-kafka-");
            List<EmbeddedNode> nodes = new ArrayList<>();
            for (int i = 0; i < options.nodes(); i++) {
                nodes.add(new EmbeddedNode(i, options.nodes(), brokerPorts.get(i), controllerPorts.get(i), voters,
                        directory.resolve("node-" + i)));
            }
            return new EmbeddedKafka(directory, options.directory().isEmpty(), nodes);
        } catch (IOException e) {
            throw new IllegalStateException("the embedded broker cannot be prepared: " + e.getMessage(), e);
        }
    }

    /** Addresses of all nodes, for {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return nodes.stream().map(EmbeddedNode::address).collect(Collectors.joining(","));
    }

    /** Starts a node that was stopped, on its old ports and data. */
    public void startNode(int node) {
        nodes.get(node).start();
    }

    /** Stops a node in an orderly way and keeps its data. */
    public void stopNode(int node) {
        nodes.get(node).stop();
    }

    /** Stops all nodes and deletes a temporary directory; safe to call twice. */
    @Override
    public void close() {
        try {
            onAllNodes(this::stopNode);
        } finally {
            if (temporary) {
                Directories.delete(directory);
            }
        }
    }

    /**
     * In parallel, because a node's start waits for a quorum, and the last nodes of a sequential stop would wait for a
     * controller that is already gone.
     */
    private void onAllNodes(IntConsumer action) {
        if (nodes.size() == 1) {
            action.accept(0);
            return;
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(nodes.size())) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < nodes.size(); i++) {
                int node = i;
                running.add(threads.submit(() -> action.accept(node)));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the embedded broker", e);
        }
    }

    /** Ports that were free a moment ago; all are held open together so that none is given out twice. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    private static void requireFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // As Kafka binds: a port in TIME_WAIT after a restart is free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new IllegalStateException("port " + port + " is in use; choose another, or 0 for any free one", e);
        }
    }
}
