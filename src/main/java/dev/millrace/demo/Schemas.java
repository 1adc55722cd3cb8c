package dev.millrace.demo;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RecordSchema;

/** What a configuration's learner reads. */
final class Schemas {
    private Schemas() {
    }

    static RecordSchema of(ApplicationConfig config) {
        return new OnlineLearner(config.learner()).schema();
    }
}
