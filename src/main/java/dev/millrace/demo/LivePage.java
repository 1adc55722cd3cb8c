package dev.millrace.demo;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.stream.LearnerApplication;
import io.micrometer.core.instrument.MeterRegistry;

/** Serves metrics, health and the live page of a run. The command provides it, because this package must not know HTTP. */
@FunctionalInterface
public interface LivePage {
    /** A server that is listening. */
    interface Open extends AutoCloseable {
        /** Where to look, such as {@code http://127.0.0.1:43121}. */
        String address();

        @Override
        void close();
    }

    /** A server as its address and the way to stop it. */
    static Open opened(String address, Runnable stop) {
        return new Open() {
            @Override
            public String address() {
                return address;
            }

            @Override
            public void close() {
                stop.run();
            }
        };
    }

    /**
     * Starts listening at the configuration's HTTP address.
     *
     * @throws RuntimeException with a message for the user, if the port is in use
     */
    Open open(ApplicationConfig config, LearnerApplication application, MeterRegistry registry);
}
