package dev.millrace.stream;

import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Predictor;
import dev.millrace.learn.Rejection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * A version of the model that answers while later ones are trained elsewhere. Nobody changes it, so any number of threads may
 * ask.
 */
public final class ServedModel {
    /** What one question after the other needs is kept for so many that are asked at a time. */
    private static final int KEPT = 16;
    /** What has grown for more rows than that is not kept. */
    private static final int KEPT_ROWS = 64;

    private final String name;
    private final OnlineLearner learner;
    private final BlockingQueue<Desk> desks = new ArrayBlockingQueue<>(KEPT);

    /** One thread's tools to answer: measured, making them takes as long as the answer. */
    private static final class Desk {
        private final JsonRecordDecoder decoder;
        private final RecordExamples examples;
        private final Predictor predictor;
        private final float[] outputs;

        Desk(OnlineLearner learner) {
            decoder = new JsonRecordDecoder(learner.schema());
            examples = new RecordExamples(learner);
            predictor = learner.newPredictor();
            outputs = new float[learner.spec().label().width()];
        }
    }

    /**
     * A model.
     *
     * @param learner not trained any more
     */
    public ServedModel(String name, OnlineLearner learner) {
        this.name = name;
        this.learner = learner;
    }

    /** Of the model. */
    public String name() {
        return name;
    }

    /** Not trained any more. */
    public OnlineLearner learner() {
        return learner;
    }

    /** What came of a question. */
    public sealed interface Answer {
        /**
         * All rows are answered.
         *
         * @param rows for each row numbers in the label's scaled unit, or one probability per class; all finite
         */
        record Outputs(List<float[]> rows) implements Answer {
        }

        /**
         * One row cannot be answered, so none is.
         *
         * @param rejection says which row and why
         */
        record Refused(Rejection rejection) implements Answer {
        }
    }

    /** Number of optimizer steps of the weights. */
    public long version() {
        return learner.version();
    }

    /**
     * Answers rows as it would answer a feature record.
     *
     * @param json a JSON array of objects, or of arrays with the fields' values in their order
     */
    public Answer answer(byte[] json) {
        Desk kept = desks.poll();
        Desk desk = kept == null ? new Desk(learner) : kept;
        Answer answer = answer(json, desk);
        if (desk.examples.count() <= KEPT_ROWS) {
            desks.offer(desk); // or it is one too many
        }
        return answer;
    }

    private static Answer answer(byte[] json, Desk desk) {
        Rejection rejection = desk.decoder.decode(json, desk.examples);
        if (rejection != null) {
            return new Answer.Refused(rejection);
        }
        List<float[]> rows = new ArrayList<>(desk.examples.count());
        for (int i = 0; i < desk.examples.count(); i++) {
            desk.predictor.predict(desk.examples.get(i), desk.outputs);
            if (Float.isNaN(desk.outputs[0])) {
                return new Answer.Refused(desk.examples.inRow(i, PredictionEncoder.OVERFLOW));
            }
            rows.add(Arrays.copyOf(desk.outputs, desk.outputs.length));
        }
        return new Answer.Outputs(rows);
    }
}
