package dev.millrace.cli;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.metrics.ProcessMetrics;
import dev.millrace.server.HttpServer;
import dev.millrace.server.page.PageSource;
import dev.millrace.stream.LearnerApplication;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.PrintWriter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace run}: learns and answers until the process is told to stop. */
@Command(name = "run", mixinStandardHelpOptions = true, description = "Learn from the features topic and answer from it, until stopped.")
final class RunCommand implements Runnable {
    private static final Duration LONG = Duration.ofDays(1);

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(names = "--port", paramLabel = "PORT", description = "port of metrics and health instead of http.port; 0: any free one")
    private @Nullable Integer port;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        ApplicationConfig application = withPort(config.load());
        SlowMachine.warn(Output.errorsOf(spec));
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        try (LearnerApplication learner = new LearnerApplication(application, registry);
                ProcessMetrics _ = new ProcessMetrics(registry);
                HttpServer server = new HttpServer(application.http(), registry, learner::live, learner::ready,
                        application.name(), learner::model, PageSource.of(application, learner))) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(learner, server), "shutdown"));
            learner.start();
            announce(application, server, Output.of(spec));
            waitFor(learner);
        }
    }

    /** Both at a time: who has asked is answered while the learner leaves its group. */
    private static void stop(LearnerApplication learner, HttpServer server) {
        Thread drain = Thread.ofPlatform().name("drain").start(server::close);
        learner.close();
        try {
            drain.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void waitFor(LearnerApplication learner) {
        try {
            boolean stopped = false;
            while (!stopped) {
                stopped = learner.awaitStopped(LONG);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private ApplicationConfig withPort(ApplicationConfig application) {
        Integer given = port;
        if (given == null) {
            return application;
        }
        if (spec != null && (given < 0 || given > 65_535)) {
            throw new ParameterException(spec.commandLine(), "--port: found " + given + ", allowed: an integer from 0 to 65535");
        }
        return application.withHttp(application.http().withPort(given));
    }

    private static void announce(ApplicationConfig application, HttpServer server, PrintWriter out) {
        out.println(application.name() + " learns and answers on " + application.bootstrapServers());
        out.println("  reads   " + application.topics().features() + ", " + application.topics().control());
        out.println("  writes  " + application.topics().predictions() + ", " + application.topics().snapshots() + ", "
                + application.topics().deadLetters() + ", " + application.topics().evaluation());
        out.println("  serves  " + server.url() + "/ (live page), /metrics, /health/live, /health/ready, /v1/models/" + application.name()
                + ", /openapi.json");
        out.flush();
    }
}
