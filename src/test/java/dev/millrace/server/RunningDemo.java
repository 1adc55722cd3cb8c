package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.cli.DemoCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/** The demo command on a thread of its own, kept open after its data ends. */
final class RunningDemo implements AutoCloseable {
    private static final Pattern START = Pattern.compile("(?s)(http://\\S+)\\R.*Kafka at (\\S+),.*");

    private final StringWriter out = new StringWriter();
    private final Thread thread;
    private final Matcher start;

    RunningDemo(String... options) {
        List<String> arguments = new ArrayList<>(List.of("--keep"));
        arguments.addAll(List.of(options));
        thread = Thread.ofPlatform().start(() -> new CommandLine(new DemoCommand()).setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true)).execute(arguments.toArray(new String[0])));
        await().atMost(Duration.ofMinutes(1)).until(() -> START.matcher(out.toString()).matches());
        start = START.matcher(out.toString());
        assertThat(start.matches()).isTrue();
    }

    /** Skips the test where there is no browser, unless the environment says that there must be. */
    static void requireBrowser() {
        boolean required = "required".equals(System.getenv("MILLRACE_BROWSER"));
        assumeTrue(required || Browser.installed(), "no Chromium and chromedriver in /usr/bin: the live page is not tested");
    }

    /** Of the page. */
    String address() {
        return start.group(1);
    }

    String kafka() {
        return start.group(2);
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
