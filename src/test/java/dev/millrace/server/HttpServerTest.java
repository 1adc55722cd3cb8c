package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.HttpAddress;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.stream.ServedModel;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every path: methods, large bodies, many requests, the end. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class HttpServerTest {
    private static final String BODY = "{\"instances\":[{\"x\":1}]}";
    private static final String HEAD = "POST /v1/models/m:predict HTTP/1.1\r\nHost: m\r\nContent-Length: " + BODY.length() + "\r\n\r\n";

    private final StillSource source = new StillSource(
            "{ name: m, features: [x], label: { field: y }, model: { preset: dnn_regressor, hidden_units: [2] } }");
    private final Optional<ServedModel> model = Optional.of(new ServedModel("m", new OnlineLearner(source.config().learner())));
    private final HttpClient client = HttpClient.newHttpClient();

    private HttpServer serve(HttpAddress address, boolean ready) {
        return new HttpServer(address, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), () -> true, () -> ready, "m", () -> model,
                source);
    }

    private HttpServer serve() {
        return serve(new HttpAddress("127.0.0.1", 0), false);
    }

    @ParameterizedTest
    @ValueSource(strings = { "/", "/metrics", "/health/live", "/health/ready", "/openapi.json", "/v1/models/m", "/v1/models/n", "/v2",
            "/nothing"})
    void headTellsWhatGetWould(String path) throws Exception {
        try (HttpServer server = serve()) {
            HttpResponse<byte[]> get = send(server, path, "GET", HttpRequest.BodyPublishers.noBody());
            HttpResponse<byte[]> head = send(server, path, "HEAD", HttpRequest.BodyPublishers.noBody());
            assertThat(head.statusCode()).isEqualTo(get.statusCode());
            assertThat(head.headers().firstValue("Content-Type")).isEqualTo(get.headers().firstValue("Content-Type"));
            assertThat(head.body()).isEmpty();
        }
    }

    @Test
    void aBodyOfUnknownLengthIsReadUpToTheLimitOnly() throws Exception {
        try (HttpServer server = serve(new HttpAddress("127.0.0.1", 0, Optional.empty(), 2048), true)) {
            byte[] large = (BODY + " ".repeat(2048 - BODY.length())).getBytes(StandardCharsets.UTF_8);
            assertThat(chunked(server, large).statusCode()).isEqualTo(200);
            byte[] tooLarge = (BODY + " ".repeat(2049 - BODY.length())).getBytes(StandardCharsets.UTF_8);
            HttpResponse<byte[]> refused = chunked(server, tooLarge);
            assertThat(refused.statusCode()).isEqualTo(413);
            assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("too_large", "2048 bytes of http: max_body");
            assertThat(send(server, "/v1/models/m:predict", "POST", HttpRequest.BodyPublishers.ofByteArray(tooLarge)).statusCode())
                    .isEqualTo(413);
        }
    }

    private HttpResponse<byte[]> chunked(HttpServer server, byte[] body) throws Exception {
        return send(server, "/v1/models/m:predict", "POST", HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
    }

    @Test
    void requestsThatHaveBegunAreAnsweredBeforeTheEndAndNoOtherIsTaken() throws Exception {
        HttpServer server = serve();
        int port = URI.create(server.url()).getPort();
        try (Socket begun = begin(server)) {
            CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
            Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> refuses(port));
            assertThat(closed).isNotDone();
            // For a second: what is tested is that the end waits for a slow sender.
            for (byte each : BODY.substring(1).getBytes(StandardCharsets.US_ASCII)) {
                begun.getOutputStream().write(each);
                Thread.sleep(50);
            }
            assertThat(read(begun.getInputStream())).startsWith("HTTP/1.1 200 ").contains("\"predictions\":[[");
            closed.get(20, TimeUnit.SECONDS);
        }
    }

    /** Everything but the end of a request, and the server waits for that. */
    private static Socket begin(HttpServer server) throws IOException {
        Socket socket = new Socket("127.0.0.1", URI.create(server.url()).getPort());
        socket.setSoTimeout(30_000);
        String expectant = HEAD.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
        socket.getOutputStream().write(expectant.getBytes(StandardCharsets.US_ASCII));
        // The server says so when somebody reads the body.
        assertThat(read(socket.getInputStream())).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        socket.getOutputStream().write(BODY.substring(0, 1).getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static boolean refuses(int port) throws IOException {
        try (Socket _ = new Socket("127.0.0.1", port)) {
            return false;
        } catch (ConnectException _) {
            return true;
        }
    }

    /** One answer, with its body if there is one. */
    private static String read(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            text.append((char) in.read());
        }
        int length = text.indexOf("Content-Length: ");
        if (length >= 0) {
            int digits = length + "Content-Length: ".length();
            text.append(new String(in.readNBytes(Integer.parseInt(text.substring(digits, text.indexOf("\r\n", digits)))),
                    StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    /** Each has sent all but its last byte before the first is finished; with all of them open, another one is answered. */
    @Test
    void tenThousandRequestsAtATimeAreAllAnswered() throws Exception {
        inAnotherProcess("-Xmx1500m", (server, open) -> {
            begin(server, 10_000, open);
            assertThat(send(server, "/v1/models/m:predict", "POST", HttpRequest.BodyPublishers.ofString(BODY)).statusCode()).isEqualTo(200);
            assertAnswered(open);
        });
    }

    @Test
    void moreRequestsThanMemoryHoldsWaitForTheirTurn() throws Exception {
        inAnotherProcess("-Xmx64m", (server, open) -> {
            begin(server, 3_000, open);
            assertAnswered(open);
            assertThat(send(server, "/health/live", "GET", HttpRequest.BodyPublishers.noBody()).statusCode()).isEqualTo(200);
        });
    }

    private interface Crowd {
        void visit(URI server, List<SocketChannel> open) throws Exception;
    }

    /** Each connection takes a descriptor on both sides, and systems give some 20,000 to a process. */
    private static void inAnotherProcess(String memory, Crowd crowd) throws Exception {
        List<SocketChannel> open = new ArrayList<>();
        Process server = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), memory,
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), HttpServerTest.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            crowd.visit(URI.create(server.inputReader().readLine()), open);
        } finally {
            for (SocketChannel channel : open) {
                channel.close();
            }
            server.getOutputStream().close();
            server.waitFor();
        }
    }

    /** Sends that many requests without their last byte. */
    private static void begin(URI server, int count, List<SocketChannel> open) throws IOException {
        ByteBuffer most = ByteBuffer.wrap((HEAD + BODY.substring(0, BODY.length() - 1)).getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", server.getPort()));
            open.add(channel);
            channel.write(most.duplicate());
        }
    }

    private static void assertAnswered(List<SocketChannel> open) throws IOException {
        ByteBuffer last = ByteBuffer.wrap(BODY.substring(BODY.length() - 1).getBytes(StandardCharsets.US_ASCII));
        for (SocketChannel channel : open) {
            channel.write(last.duplicate());
        }
        for (SocketChannel channel : open) {
            assertThat(read(new BufferedInputStream(channel.socket().getInputStream()))).startsWith("HTTP/1.1 200 ")
                    .contains("\"predictions\":[[");
            channel.close();
        }
    }

    /** Serves until standard input ends. */
    public static void main(String[] args) throws IOException {
        try (HttpServer server = new HttpServerTest().serve()) {
            System.out.println(server.url());
            while (System.in.read() >= 0) {
                // Only its end matters.
            }
        }
    }

    @Test
    void bodiesThatMemoryCannotHoldTogetherWaitAndAreThenToldToComeBack() throws Exception {
        try (HttpServer server = serve(new HttpAddress("127.0.0.1", 0, Optional.empty(), HttpAddress.MAX_MAX_BODY), true)) {
            assertThat(Runtime.getRuntime().maxMemory() / 64).as("memory for bodies").isLessThan(HttpAddress.MAX_MAX_BODY);
            try (Socket slow = new Socket("127.0.0.1", URI.create(server.url()).getPort())) {
                String head = HEAD.replaceFirst("Content-Length: [0-9]+", "Content-Length: " + (HttpAddress.MAX_MAX_BODY - 1));
                // So much that the server does not wait for the rest before it begins.
                slow.getOutputStream().write((head + " ".repeat(2 * Bodies.SHORT)).getBytes(StandardCharsets.US_ASCII));
                HttpResponse<byte[]> refused = Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> send(server,
                        "/v1/models/m:predict", "POST", HttpRequest.BodyPublishers.ofString(BODY)), answer -> answer.statusCode() != 200);
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(refused.headers().firstValue("Retry-After")).contains("1");
                assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("busy");
            }
            Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> send(server, "/v1/models/m:predict", "POST",
                    HttpRequest.BodyPublishers.ofString(BODY)).statusCode() == 200);
        }
    }

    private HttpResponse<byte[]> send(HttpServer server, String path, String method, HttpRequest.BodyPublisher body) throws Exception {
        return send(URI.create(server.url()), path, method, body);
    }

    private HttpResponse<byte[]> send(URI server, String path, String method, HttpRequest.BodyPublisher body) throws Exception {
        return client.send(HttpRequest.newBuilder(server.resolve(path)).method(method, body).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }
}
