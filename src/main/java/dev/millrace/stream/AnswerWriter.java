package dev.millrace.stream;

import dev.millrace.learn.Example;
import dev.millrace.learn.Label;
import dev.millrace.learn.Rejection;
import org.jspecify.annotations.Nullable;

/** Turns a record's examples into the value of one prediction record. For one thread. */
final class AnswerWriter {
    /** Some version of the weights. */
    interface Model {
        /** Answers one example; all outputs are NaN if the network's arithmetic overflows. */
        void predict(Example example, float[] outputs);
    }

    private final PredictionEncoder encoder;
    private final float[] outputs;
    private int row;

    AnswerWriter(String modelName, Label label) {
        encoder = new PredictionEncoder(modelName, label);
        outputs = new float[label.width()];
    }

    /** One answer for all examples of a record, or null if one of them cannot be answered: {@link #overflow} tells why. */
    byte @Nullable [] answer(RecordExamples examples, Model model, long version) {
        boolean rows = examples.ofRows();
        if (rows) {
            encoder.beginRows(version);
        }
        for (row = 0; row < examples.count(); row++) {
            model.predict(examples.get(row), outputs);
            if (Float.isNaN(outputs[0])) {
                return null;
            }
            if (rows) {
                encoder.row(outputs);
            }
        }
        return rows ? encoder.endRows() : encoder.encode(version, outputs);
    }

    /** Why the last record could not be answered. */
    Rejection overflow(RecordExamples examples) {
        return examples.inRow(row, PredictionEncoder.OVERFLOW);
    }
}
