package dev.millrace.server.page;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.stream.LearnerApplication;
import dev.millrace.stream.LearnerWatch;
import dev.millrace.stream.Progress;
import dev.millrace.stream.ServedModel;
import dev.millrace.stream.SnapshotPlace;
import java.util.Optional;
import java.util.OptionalLong;

/** What the page shows, of this process. Every method is cheap and may be called from any thread. */
public interface PageSource {
    ApplicationConfig config();

    /** Whether records are being handled. */
    boolean ready();

    Progress progress();

    /** Records of the input that wait for this process. */
    OptionalLong lag();

    Optional<ServedModel> model();

    /** Where {@link #model} lies. */
    Optional<SnapshotPlace> snapshot();

    LearnerWatch watch();

    /** A running application. */
    static PageSource of(ApplicationConfig config, LearnerApplication application) {
        return new PageSource() {
            @Override
            public ApplicationConfig config() {
                return config;
            }

            @Override
            public boolean ready() {
                return application.ready();
            }

            @Override
            public Progress progress() {
                return application.progress();
            }

            @Override
            public OptionalLong lag() {
                return application.lag();
            }

            @Override
            public Optional<ServedModel> model() {
                return application.model();
            }

            @Override
            public Optional<SnapshotPlace> snapshot() {
                return application.snapshot();
            }

            @Override
            public LearnerWatch watch() {
                return application.watch();
            }
        };
    }
}
