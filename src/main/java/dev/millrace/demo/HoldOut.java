package dev.millrace.demo;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.Example;
import dev.millrace.learn.Label;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.RecordSchema;
import dev.millrace.stream.JsonRecordDecoder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Rows the learner never sees, to test its final weights on. */
final class HoldOut {
    /** As Keras: a probability of 0 for what happened costs 16.1, not infinity. */
    private static final double LEAST_PROBABILITY = 1e-7;

    private final CsvRecords rows;

    /**
     * What a learner did on the rows.
     *
     * @param rows that could be used
     * @param skipped rows without a label, or that the learner would refuse
     * @param figures regression: mse and mae in the label's scaled unit; classification: accuracy and log_loss
     */
    record Score(long rows, long skipped, Map<String, Double> figures) {
    }

    /**
     * Opens the file.
     *
     * @throws DataException if it is missing or not CSV, or lacks a column
     */
    HoldOut(Path file, ApplicationConfig config) {
        rows = Replay.csv(file, config, Optional.empty(), true);
    }

    /** Asks the learner about every row; figures are NaN if none can be used. */
    Score score(OnlineLearner learner) {
        JsonRecordDecoder decoder = new JsonRecordDecoder(learner.schema());
        RawRecord raw = learner.schema().newRecord();
        Example example = learner.newExample();
        RecordSchema.Field label = learner.schema().fields().stream().filter(RecordSchema.Field::label).findFirst().orElseThrow();
        Errors errors = new Errors(learner.spec().label(), label);
        long skipped = 0;
        try (RowSource.Rows pass = rows.open(0)) {
            while (pass.hasNext()) {
                boolean usable = decoder.decode(pass.next().json(), raw) == null && learner.encode(raw, example) == null;
                if (usable && example.labelled()) {
                    learner.predict(example, errors.outputs);
                    errors.add(raw);
                } else {
                    skipped++;
                }
            }
        }
        return new Score(errors.count, skipped, errors.figures());
    }

    /** Sums over rows, in double. */
    private static final class Errors {
        private final Label label;
        private final RecordSchema.Field field;
        private final float[] outputs;
        private long count;
        private double first; // squared errors, or right answers
        private double second; // absolute errors, or log losses

        Errors(Label label, RecordSchema.Field field) {
            this.label = label;
            this.field = field;
            this.outputs = new float[label.width()];
        }

        void add(RawRecord raw) {
            count++;
            switch (label) {
                case Label.Regression regression -> {
                    for (int i = 0; i < outputs.length; i++) {
                        double error = outputs[i] - raw.numbers[field.offset() + i] * regression.scale();
                        first += error * error / outputs.length;
                        second += Math.abs(error) / outputs.length;
                    }
                }
                case Label.Classification classification -> {
                    int truth = classification.classes().indexOf(Objects.requireNonNull(raw.texts[field.slot()]));
                    int answer = 0;
                    for (int i = 1; i < outputs.length; i++) {
                        answer = outputs[i] > outputs[answer] ? i : answer;
                    }
                    first += answer == truth ? 1 : 0;
                    second -= StrictMath.log(Math.max(outputs[truth], LEAST_PROBABILITY));
                }
            }
        }

        Map<String, Double> figures() {
            Map<String, Double> figures = new LinkedHashMap<>();
            boolean regression = label instanceof Label.Regression;
            figures.put(regression ? "mse" : "accuracy", first / count);
            figures.put(regression ? "mae" : "log_loss", second / count);
            return figures;
        }
    }
}
