package dev.millrace.stream;

import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Rejection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A version of the model that answers while later ones are trained elsewhere. Nobody changes it, so any number of threads may
 * ask.
 *
 * @param name of the model
 * @param learner not trained any more
 */
public record ServedModel(String name, OnlineLearner learner) {
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
        RecordExamples examples = new RecordExamples(learner);
        Rejection rejection = new JsonRecordDecoder(learner.schema()).decode(json, examples);
        if (rejection != null) {
            return new Answer.Refused(rejection);
        }
        ModelView.Answerer answerer = new ModelView.Answerer(learner);
        float[] outputs = new float[learner.spec().label().width()];
        List<float[]> rows = new ArrayList<>(examples.count());
        for (int i = 0; i < examples.count(); i++) {
            answerer.predict(examples.get(i), outputs);
            if (Float.isNaN(outputs[0])) {
                return new Answer.Refused(examples.inRow(i, PredictionEncoder.OVERFLOW));
            }
            rows.add(Arrays.copyOf(outputs, outputs.length));
        }
        return new Answer.Outputs(rows);
    }
}
