package dev.millrace.stream;

import dev.millrace.demo.BrokerNodeMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A cluster of real brokers, each a child process with its data in a directory of its own: it can be killed and come back. */
final class BrokerProcesses implements AutoCloseable {
    private static final long STOP_SECONDS = 30;
    private static final String KEY_PASSWORD = "key-secret";
    /** Below those that systems give to outgoing connections: a killed node finds its port free when it comes back. */
    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 12_000;

    private final Path directory;
    private final List<Integer> ports;
    private final String voters;
    private final int count;
    private final boolean guarded;
    private final Map<Integer, Process> running = new HashMap<>();

    /** Starts that many nodes and waits until all serve. */
    BrokerProcesses(Path directory, int count) {
        this(directory, count, false);
    }

    /**
     * @param guarded whether the nodes also listen where everything is encrypted and a client must log in, and everybody who does
     *            needs ACLs: {@code alice} with the password {@code alice-secret}
     */
    BrokerProcesses(Path directory, int count, boolean guarded) {
        this.guarded = guarded;
        this.directory = directory;
        this.count = count;
        this.ports = freePorts(3 * count);
        if (guarded) {
            createKeys(directory);
        }
        this.voters = IntStream.range(0, count).mapToObj(i -> i + "@127.0.0.1:" + ports.get(count + i)).collect(Collectors.joining(","));
        startAll();
    }

    int count() {
        return count;
    }

    String servers() {
        return IntStream.range(0, count).mapToObj(i -> "127.0.0.1:" + ports.get(i)).collect(Collectors.joining(","));
    }

    /** The certificate of the guarded nodes, as PEM: who does not trust it does not talk to them. */
    Path certificate() {
        return directory.resolve("broker.pem");
    }

    /** Where a client must log in, over TLS. */
    String guardedServers() {
        return IntStream.range(0, count).mapToObj(i -> "127.0.0.1:" + ports.get(2 * count + i)).collect(Collectors.joining(","));
    }

    /** Starts all nodes that do not run. */
    void startAll() {
        List<Integer> starting = IntStream.range(0, count).filter(node -> !running.containsKey(node)).boxed().toList();
        // All before waiting: a node serves only when there is a quorum.
        starting.forEach(this::launch);
        starting.forEach(this::awaitServing);
    }

    void start(int node) {
        launch(node);
        awaitServing(node);
    }

    private void launch(int node) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                System.getProperty("java.class.path"), BrokerNodeMain.class.getName(), Integer.toString(node), Integer.toString(count),
                Integer.toString(ports.get(node)), Integer.toString(ports.get(count + node)), voters,
                directory.resolve("broker-" + node).toString()));
        if (guarded) {
            command.addAll(guard(node));
        }
        try {
            running.put(node, new ProcessBuilder(command).redirectError(log(node).toFile()).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> guard(int node) {
        String open = "127.0.0.1:" + ports.get(node);
        String closed = "127.0.0.1:" + ports.get(2 * count + node);
        return List.of(
                "listeners=PLAINTEXT://" + open + ",CONTROLLER://127.0.0.1:" + ports.get(count + node) + ",SASL_SSL://" + closed,
                "advertised.listeners=PLAINTEXT://" + open + ",SASL_SSL://" + closed,
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL",
                "ssl.keystore.location=" + directory.resolve("broker.p12"), "ssl.keystore.password=" + KEY_PASSWORD,
                "ssl.keystore.type=PKCS12",
                "sasl.enabled.mechanisms=PLAIN", "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users=User:ANONYMOUS", "listener.name.sasl_ssl.plain.sasl.jaas.config="
                        + "org.apache.kafka.common.security.plain.PlainLoginModule required user_alice=\"alice-secret\";");
    }

    private void createKeys(Path into) {
        String store = into.resolve("broker.p12").toString();
        keytool("-genkeypair", "-alias", "broker", "-keyalg", "EC", "-dname", "CN=127.0.0.1", "-ext", "san=ip:127.0.0.1", "-validity",
                "2", "-keystore", store, "-storetype", "PKCS12", "-storepass", KEY_PASSWORD);
        keytool("-exportcert", "-rfc", "-alias", "broker", "-file", certificate().toString(), "-keystore", store, "-storepass",
                KEY_PASSWORD);
    }

    private static void keytool(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("keytool: " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private Path log(int node) {
        return directory.resolve("broker-" + node + ".log");
    }

    private void awaitServing(int node) {
        BufferedReader out = running.get(node).inputReader(StandardCharsets.UTF_8);
        try {
            String line = out.readLine();
            if (line == null) {
                throw new IllegalStateException("broker " + node + " does not start:\n" + Files.readString(log(node)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL. */
    void kill(int node) throws InterruptedException {
        Process process = running.remove(node);
        process.destroyForcibly();
        process.waitFor();
    }

    /** In order and together: the last of a sequence would wait for a controller that is gone. */
    void stopAll() throws InterruptedException {
        List<Process> stopping = List.copyOf(running.values());
        running.clear();
        try {
            for (Process process : stopping) {
                process.getOutputStream().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            for (Process process : stopping) {
                if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopAll();
    }

    private static List<Integer> freePorts(int count) {
        List<Integer> ports = new ArrayList<>();
        int offset = ThreadLocalRandom.current().nextInt(PORTS);
        for (int i = 0; i < PORTS && ports.size() < count; i++) {
            int port = FIRST_PORT + (offset + i) % PORTS;
            if (isFree(port)) {
                ports.add(port);
            }
        }
        if (ports.size() < count) {
            throw new IllegalStateException("no " + count + " free ports from " + FIRST_PORT + " on");
        }
        return List.copyOf(ports);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
