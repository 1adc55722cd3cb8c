package dev.millrace.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Lets each warning and error be said {@value #AT_MOST} times in a minute; the first one after that minute says before it how many
 * were left out. A broker that is away, or a stream of bad records, must not fill the disk. Messages are the same if their logger and
 * their text before its arguments are.
 */
public final class RepeatLimit extends TurboFilter {
    static final int AT_MOST = 5;
    private static final long PERIOD_NANOS = Duration.ofMinutes(1).toNanos();
    /** Texts remembered at a time; those of programs that put arguments into them come and go. */
    private static final int REMEMBERED = 1000;

    private final LongSupplier clock;
    private final Map<String, Said> said = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Said> eldest) {
            return size() > REMEMBERED;
        }
    };

    private static final class Said {
        private long since;
        private int times;
    }

    /** For logback. */
    public RepeatLimit() {
        this(System::nanoTime);
    }

    RepeatLimit(LongSupplier clock) {
        this.clock = clock;
    }

    @Override
    public FilterReply decide(@Nullable Marker marker, Logger logger, Level level, @Nullable String format,
            Object @Nullable [] arguments, @Nullable Throwable thrown) {
        if (format == null || !level.isGreaterOrEqual(Level.WARN) || !level.isGreaterOrEqual(logger.getEffectiveLevel())) {
            return FilterReply.NEUTRAL;
        }
        int leftOut;
        synchronized (said) {
            Said same = said.computeIfAbsent(logger.getName() + '\n' + format, _ -> new Said());
            long now = clock.getAsLong();
            if (same.times > 0 && now - same.since < PERIOD_NANOS) {
                return ++same.times <= AT_MOST ? FilterReply.NEUTRAL : FilterReply.DENY;
            }
            leftOut = Math.max(0, same.times - AT_MOST);
            same.since = now;
            same.times = 1;
        }
        if (leftOut > 0) {
            // At the level of what was left out, and with the number as an argument: so it is under this limit itself.
            logger.atLevel(level(level)).log("{} more like the next line were left out", leftOut);
        }
        return FilterReply.NEUTRAL;
    }

    private static org.slf4j.event.Level level(Level level) {
        return level.isGreaterOrEqual(Level.ERROR) ? org.slf4j.event.Level.ERROR : org.slf4j.event.Level.WARN;
    }
}
