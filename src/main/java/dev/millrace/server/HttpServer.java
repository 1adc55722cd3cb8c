package dev.millrace.server;

import dev.millrace.config.HttpAddress;
import dev.millrace.server.page.LivePage;
import dev.millrace.server.page.PageSource;
import dev.millrace.stream.ServedModel;
import io.javalin.Javalin;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.EagerContentHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Serves the live page, metrics, health, and the model by two protocols; on loopback unless configured otherwise. {@code /openapi.json}
 * describes the paths.
 */
public final class HttpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private static final int MOST_THREADS = 128;
    private static final long BYTES_PER_CONNECTION = 32 << 10;
    /** Connections that may come at once; with Java's 50, others of a burst try again a second later. */
    private static final int BACKLOG = 4096;
    /** So long may requests take that have begun when the server is told to stop. */
    private static final Duration DRAIN = Duration.ofSeconds(10);
    /** So long may the other side stay silent then. */
    private static final Duration FAREWELL = Duration.ofMillis(300);

    private final List<String> routes = new ArrayList<>();
    private final Javalin javalin;
    private final String host;
    private final LivePage page;

    /**
     * Starts serving.
     *
     * @param live answers {@code /health/live}: restart the process when false
     * @param ready answers {@code /health/ready}: records are handled and a model answers
     * @param name of the model
     * @param model the model as of the newest snapshot; empty before there is one
     * @param shown what the live page shows
     * @throws AddressException if the address cannot be used
     */
    public HttpServer(HttpAddress address, PrometheusMeterRegistry registry, BooleanSupplier live, BooleanSupplier ready,
            String name, Supplier<Optional<ServedModel>> model, PageSource shown) {
        host = address.host();
        page = new LivePage(shown);
        javalin = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.jetty.threadPool = threads();
            config.jetty.addConnector((server, http) -> connector(server, http, address));
            config.jetty.modifyServer(server -> {
                // A short body is read before a thread is given to its request: a slow sender keeps nobody else waiting.
                server.insertHandler(new EagerContentHandler(
                        new EagerContentHandler.RetainedContentLoaderFactory(Bodies.SHORT, 0, false)));
                server.addBean(new NetworkConnectionLimit(mostConnections(), server));
                server.setStopTimeout(DRAIN.toMillis());
            });
            register(config.routes, "GET", "/metrics", context -> context.contentType(PROMETHEUS_TEXT).result(registry.scrape()));
            register(config.routes, "GET", "/health/live", context -> health(context, live.getAsBoolean()));
            register(config.routes, "GET", "/health/ready", context -> health(context, ready.getAsBoolean()));
            register(config.routes, "GET", "/openapi.json", HttpServer::openApi);
            register(config.routes, "GET", "/", page::index);
            register(config.routes, "GET", "/page/{file}", page::file);
            register(config.routes, "GET", "/events", page.events());
            Bodies bodies = new Bodies(address.maxBody(), MOST_THREADS / 2);
            config.routes.after(bodies::leave);
            Control control = new Control(shown.config(), bodies);
            register(config.routes, "POST", "/control", control::control);
            register(config.routes, "GET", "/snapshots", control::snapshots);
            models(config.routes, new Answers(name, model), bodies);
            register(config.routes, "GET", "/v2", HttpServer::about);
            register(config.routes, "GET", "/v2/health/live", context -> health(context, live.getAsBoolean()));
            register(config.routes, "GET", "/v2/health/ready", context -> health(context, ready.getAsBoolean()));
            errors(config.routes);
        });
        try {
            javalin.start();
        } catch (RuntimeException e) {
            close();
            throw new AddressException("Cannot serve HTTP at " + address.host() + ":" + address.port() + ": " + rootMessage(e)
                    + ". Choose another port with http: port or --port; 0 is any free one");
        }
    }

    private static Connector connector(Server server, HttpConfiguration http, HttpAddress address) {
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost(address.host());
        connector.setPort(address.port());
        connector.setAcceptQueueSize(BACKLOG);
        connector.setShutdownIdleTimeout(FAREWELL.toMillis());
        return connector;
    }

    /** They may take a quarter of the memory: measured, an open request takes 30 kB. Further ones wait until others are gone. */
    private static int mostConnections() {
        return Math.clamp(Runtime.getRuntime().maxMemory() / (4 * BYTES_PER_CONNECTION), 100, 20_000);
    }

    /** Not virtual ones: measured, at a few hundred requests a second those take twice the processor's time. */
    private static ThreadPool threads() {
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS);
        threads.setName("millrace-http");
        return threads;
    }

    private void models(RoutesConfig config, Answers answers, Bodies bodies) {
        ServingProtocol serving = new ServingProtocol(answers, bodies);
        InferenceProtocol inference = new InferenceProtocol(answers, bodies);
        ModelDocuments documents = new ModelDocuments(answers);
        for (String path : List.of("/v1/models/{name}", "/v1/models/{name}/versions/{version}")) {
            register(config, "GET", path, serving::status);
            register(config, "GET", path + "/metadata", serving::metadata);
            register(config, "POST", path + ":predict", serving::predict);
        }
        register(config, "GET", "/v1/models/{name}/summary", documents::summary);
        register(config, "GET", "/v1/models/{name}/configuration", documents::configuration);
        register(config, "GET", "/v1/models/{name}/files/{format}", documents::file);
        for (String path : List.of("/v2/models/{name}", "/v2/models/{name}/versions/{version}")) {
            register(config, "GET", path, inference::metadata);
            register(config, "POST", path + "/infer", inference::infer);
        }
        register(config, "GET", "/v2/models/{name}/ready", inference::ready);
    }

    private void register(RoutesConfig config, String method, String path, Handler handler) {
        routes.add(method + " " + path);
        if (method.equals("GET")) {
            config.get(path, handler);
            if (!path.equals("/events")) {
                config.head(path, handler); // the same status and headers; Jetty leaves out the body
            }
        } else {
            config.post(path, handler);
        }
    }

    private static void errors(RoutesConfig config) {
        config.exception(Refusal.class, (refusal, context) -> Replies.refusal(context, refusal));
        config.exception(HttpResponseException.class, (error, context) -> {
            String path = path(context);
            if (path != null) {
                Replies.refusal(context, new Refusal(error.getStatus(), reason(error.getStatus()), null, error.getMessage() + ": " + path));
            }
        });
        config.exception(Exception.class, (error, context) -> {
            String path = path(context);
            if (path == null) {
                LOG.debug("A request failed after its connection was gone", error);
                return;
            }
            LOG.error("{} {} failed", context.method(), path, error);
            Replies.refusal(context, new Refusal(500, "internal", null, "The server failed; its log tells why"));
        });
    }

    /**
     * Null if the connection is gone and its request in use for another one already: then there is nobody to tell, and an error in
     * here would be handed to these handlers again and again.
     */
    private static @Nullable String path(Context context) {
        try {
            return context.path();
        } catch (NullPointerException | IllegalStateException _) {
            return null;
        }
    }

    private static String reason(int status) {
        return switch (status) {
            case 404 -> "not_found";
            case 405 -> "wrong_method";
            default -> "refused";
        };
    }

    private static void about(Context context) {
        String version = HttpServer.class.getPackage().getImplementationVersion();
        ObjectNode about = Answers.JSON.createObjectNode().put("name", "millrace").put("version", version == null ? "" : version);
        about.putArray("extensions");
        Replies.json(context, about);
    }

    private static void openApi(Context context) throws IOException {
        try (InputStream document = Objects.requireNonNull(HttpServer.class.getResourceAsStream("openapi.json"))) {
            context.contentType("application/json").result(document.readAllBytes());
        }
    }

    /** Method and path of everything served. */
    List<String> routes() {
        return List.copyOf(routes);
    }

    /** Where it can be reached, for example {@code http://127.0.0.1:8080}. */
    public String url() {
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + javalin.port();
    }

    private static void health(Context context, boolean good) {
        context.status(good ? 200 : 503).contentType("application/json").result("{\"status\":\"" + (good ? "UP" : "DOWN") + "\"}");
    }

    private static String rootMessage(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** Takes no new request, and waits until those that have begun are answered, for {@link #DRAIN} at most. */
    @Override
    public void close() {
        page.close();
        javalin.stop();
    }

    /** The address cannot be used; the message says why and what to do. */
    public static final class AddressException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        AddressException(String message) {
            super(message);
        }
    }
}
