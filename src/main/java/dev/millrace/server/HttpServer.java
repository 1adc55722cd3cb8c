package dev.millrace.server;

import dev.millrace.config.HttpAddress;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.BooleanSupplier;

/** Serves {@code /metrics}, {@code /health/live} and {@code /health/ready}; on loopback unless configured otherwise. */
public final class HttpServer implements AutoCloseable {
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final Javalin javalin;
    private final String host;

    /**
     * Starts serving.
     *
     * @param live answers {@code /health/live}: restart the process when false
     * @param ready answers {@code /health/ready}: records are handled and a model answers
     * @throws AddressException if the address cannot be used
     */
    public HttpServer(HttpAddress address, PrometheusMeterRegistry registry, BooleanSupplier live, BooleanSupplier ready) {
        host = address.host();
        javalin = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.routes.get("/metrics", context -> context.contentType(PROMETHEUS_TEXT).result(registry.scrape()));
            config.routes.get("/health/live", context -> health(context, live.getAsBoolean()));
            config.routes.get("/health/ready", context -> health(context, ready.getAsBoolean()));
            config.routes.get("/", context -> context.result("Millrace\n\n/metrics\n/health/live\n/health/ready\n"));
        });
        try {
            javalin.start(address.host(), address.port());
        } catch (RuntimeException e) {
            javalin.stop();
            throw new AddressException("Cannot serve HTTP at " + address.host() + ":" + address.port() + ": " + rootMessage(e)
                    + ". Choose another port with http: port or --port; 0 is any free one");
        }
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

    @Override
    public void close() {
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
