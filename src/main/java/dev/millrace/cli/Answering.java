package dev.millrace.cli;

import dev.millrace.demo.DataException;
import dev.millrace.interop.KerasModel;
import dev.millrace.interop.LearnerModels;
import dev.millrace.learn.Example;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.RawRecord;
import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import dev.millrace.stream.JsonRecordDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks a learner about JSON records, as the application does. */
final class Answering {
    private final OnlineLearner learner;
    private final JsonRecordDecoder decoder;
    private final RawRecord record;
    private final Example example;
    private final float[] answer;

    Answering(OnlineLearner learner) {
        this.learner = learner;
        this.decoder = new JsonRecordDecoder(learner.schema());
        this.record = learner.schema().newRecord();
        this.example = learner.newExample();
        this.answer = new float[learner.spec().label().width()];
    }

    /** The bare outputs of a network; the fields of a file of Keras's own are the columns of the data. */
    static Answering outputs(KerasModel model, List<String> columns) {
        if (!LearnerModels.knowsFeatures(model) && columns.size() != model.network().inputs()) {
            throw new DataException("the model has " + model.network().inputs() + " inputs, the data " + columns.size() + " columns: "
                    + String.join(", ", columns) + "; name the label's column with --label");
        }
        return new Answering(LearnerModels.answering(model, columns));
    }

    /** Why a record cannot be answered, or null; then {@link #answer} holds the answer. */
    @Nullable
    Rejection ask(byte[] json) {
        Rejection rejection = decoder.decode(json, record);
        if (rejection == null) {
            rejection = learner.encode(record, example);
        }
        if (rejection == null) {
            learner.predict(example, answer);
            if (Float.isNaN(answer[0])) {
                return new Rejection(Reason.NON_FINITE, "the features are so large that the network's arithmetic overflows");
            }
        }
        return rejection;
    }

    /** The last answer; live. */
    float[] answer() {
        return answer;
    }

    OnlineLearner learner() {
        return learner;
    }
}
