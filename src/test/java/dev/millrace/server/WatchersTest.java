package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.config.HttpAddress;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Browsers that watch while the server closes, stay silent, or have gone. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class WatchersTest {
    @Test
    void closingWithWatchersLeavesNothingBehind() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger javalin = (Logger) LoggerFactory.getLogger("io.javalin.Javalin");
        javalin.addAppender(log);
        try {
            for (int round = 0; round < 5; round++) {
                HttpServer server = new HttpServer(new HttpAddress("127.0.0.1", 0), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                        () -> true, () -> true, "m", Optional::empty,
                        new StillSource(
                                "{ name: m, features: [x], label: { field: y }, model: { preset: dnn_regressor, hidden_units: [2] } }"));
                List<Socket> browsers = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    browsers.add(watch(server.url()));
                }
                for (int i = 0; i < 5; i++) {
                    browsers.get(i).close();
                }
                server.close();
                for (Socket browser : browsers) {
                    browser.close();
                }
            }
        } finally {
            javalin.detachAppender(log);
        }
        assertThat(log.list).extracting(ILoggingEvent::getFormattedMessage).doesNotContain("Uncaught exception")
                .noneMatch(message -> message.startsWith("Exception handler"));
    }

    /** Connected, and told the first event. */
    private static Socket watch(String url) throws Exception {
        Socket socket = new Socket("127.0.0.1", URI.create(url).getPort());
        socket.setSoTimeout(20_000);
        socket.getOutputStream()
                .write("GET /events HTTP/1.1\r\nHost: m\r\nAccept: text/event-stream\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf("event: ") < 0) {
            int next = in.read();
            assertThat(next).as(seen.toString()).isNotNegative();
            seen.append((char) next);
        }
        return socket;
    }
}
