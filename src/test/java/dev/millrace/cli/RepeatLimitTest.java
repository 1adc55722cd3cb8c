package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RepeatLimitTest {
    private final LoggerContext context = new LoggerContext();
    private final Logger log = context.getLogger("a.b");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private long now = Long.MAX_VALUE - 5;

    @BeforeEach
    void start() {
        RepeatLimit limit = new RepeatLimit(() -> now);
        limit.start();
        context.addTurboFilter(limit);
        lines.start();
        context.getLogger("ROOT").addAppender(lines);
        log.setLevel(Level.INFO);
    }

    @Test
    void repeatsAreLeftOutForAMinuteAndThenCounted() {
        for (int i = 0; i < 100; i++) {
            log.warn("no broker at {}", i);
        }
        log.error("another");
        context.getLogger("a.c").warn("no broker at {}", 7);
        assertThat(said()).containsExactly("no broker at 0", "no broker at 1", "no broker at 2", "no broker at 3", "no broker at 4",
                "another", "no broker at 7");
        now += Duration.ofSeconds(60).toNanos();
        log.warn("no broker at {}", 100);
        assertThat(said().subList(7, said().size())).containsExactly("95 more like the next line were left out", "no broker at 100");
        now += Duration.ofSeconds(60).toNanos();
        log.warn("no broker at {}", 101);
        assertThat(said().subList(9, said().size())).containsExactly("no broker at 101");
    }

    @Test
    void whatIsNoWarningAndWhatWouldNotBeSaidIsNotCounted() {
        for (int i = 0; i < 100; i++) {
            log.info("event");
        }
        assertThat(said()).hasSize(100);
        log.setLevel(Level.ERROR);
        for (int i = 0; i < 100; i++) {
            log.warn("quiet");
        }
        log.setLevel(Level.WARN);
        log.warn("quiet");
        assertThat(said()).hasSize(101);
    }

    private List<String> said() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
