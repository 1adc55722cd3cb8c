package dev.millrace.stream;

import dev.millrace.learn.Label;
import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Writes predictions as JSON: {@code {"model":"california","version":170,"prediction":212.4}}, an array for several values, and
 * {@code {"model":"m","version":3,"class":"b","probabilities":{"a":0.1,"b":0.9}}} for classes. One encoder serves one thread.
 */
public final class PredictionEncoder {
    /** Why a record whose prediction is not a number is not answered: JSON has no word for it. */
    public static final Rejection OVERFLOW = new Rejection(Reason.NON_FINITE,
            "the features are so large that the network's arithmetic overflows");

    private final StringBuilder text = new StringBuilder();
    private final String start;
    private final boolean classification;
    private final String[] classes;

    public PredictionEncoder(String modelName, Label label) {
        start = "{\"model\":" + quote(modelName) + ",\"version\":";
        switch (label) {
            case Label.Regression _ -> {
                classification = false;
                classes = new String[0];
            }
            case Label.Classification classified -> {
                classification = true;
                List<String> names = classified.classes();
                classes = names.stream().map(PredictionEncoder::quote).toArray(String[]::new);
            }
        }
    }

    /** One answer. */
    public byte[] encode(long version, float[] outputs) {
        text.setLength(0);
        text.append(start).append(version);
        if (classification) {
            text.append(",\"class\":").append(classes[argmax(outputs)]).append(",\"probabilities\":{");
            for (int i = 0; i < outputs.length; i++) {
                text.append(i == 0 ? "" : ",").append(classes[i]).append(':').append(outputs[i]);
            }
            text.append("}}");
        } else if (outputs.length == 1) {
            text.append(",\"prediction\":").append(outputs[0]).append('}');
        } else {
            text.append(",\"prediction\":[");
            for (int i = 0; i < outputs.length; i++) {
                text.append(i == 0 ? "" : ",").append(outputs[i]);
            }
            text.append("]}");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static int argmax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    private static String quote(String value) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(value)) + '"';
    }
}
