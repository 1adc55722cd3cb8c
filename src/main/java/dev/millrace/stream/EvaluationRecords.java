package dev.millrace.stream;

import dev.millrace.learn.OnlineLearner;
import dev.millrace.snapshot.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.kafka.streams.processor.api.Record;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes what stands in the evaluation topic: JSON objects under the model's name, each with its {@code type} and where the
 * learner was. {@code window} has the prequential figures beside their baselines, each time another {@code evaluation.window} of
 * examples has been tested; the others are events.
 *
 * <p>
 * All but {@code started}, which is written by every start of the task, and {@code command} follow from labelled records alone. How far
 * the learner was when it obeyed a command is in the command's record.
 */
final class EvaluationRecords {
    private enum Type {
        STARTED, WINDOW, STEP_REFUSED, COMMAND, WORSE_THAN_BASELINE, BETTER_THAN_BASELINE
    }

    private final String modelName;
    private final byte[] key;
    private final String input;
    private long windows;

    /**
     * Goes on after what a learner has already tested.
     *
     * @param input topic and partition that source offsets are of
     */
    EvaluationRecords(String modelName, String input, OnlineLearner learner) {
        this.modelName = modelName;
        this.key = modelName.getBytes(StandardCharsets.UTF_8);
        this.input = input;
        this.windows = windows(learner);
    }

    /**
     * Whether a window has been finished since the last call that said so. A batch longer than the window finishes several at once,
     * and they are told as one.
     */
    boolean windowFinished(OnlineLearner learner) {
        long now = windows(learner);
        boolean finished = now > windows;
        windows = now;
        return finished;
    }

    /** The learner has gone back to the start: what it tests from now on makes new windows. */
    void restart(OnlineLearner learner) {
        windows = windows(learner);
    }

    private static long windows(OnlineLearner learner) {
        return learner.evaluation().examples() / learner.spec().window();
    }

    /** The figures of this moment. */
    Record<byte[], byte[]> window(OnlineLearner learner, long sourceOffset, long timestamp) {
        ObjectNode json = json(Type.WINDOW, learner, sourceOffset);
        json.set("evaluation", Snapshot.evaluation(learner.evaluation()));
        return record(json, timestamp);
    }

    /** The task has begun, with this model. */
    Record<byte[], byte[]> started(OnlineLearner learner, long sourceOffset, long timestamp) {
        return record(json(Type.STARTED, learner, sourceOffset).put("pending", learner.pending()).put("frozen", learner.frozen()),
                timestamp);
    }

    /**
     * What became of a command, and how the learner is now.
     *
     * @param offset of the command in the control topic
     * @param failure why it was not carried out; empty if it was
     */
    Record<byte[], byte[]> command(OnlineLearner learner, long sourceOffset, LearnerCommand command, long offset, String failure,
            long timestamp) {
        ObjectNode json = json(Type.COMMAND, learner, sourceOffset).put("pending", learner.pending()).put("frozen", learner.frozen());
        json.set("command", command.json());
        json.put("control_offset", offset).put("result", failure.isEmpty() ? "done" : "failed");
        return record(failure.isEmpty() ? json : json.put("reason", failure), timestamp);
    }

    /** A step was not finite, or its loss exploded, and was not applied. */
    Record<byte[], byte[]> stepRefused(OnlineLearner learner, long sourceOffset, long timestamp) {
        return record(json(Type.STEP_REFUSED, learner, sourceOffset), timestamp);
    }

    /**
     * The model has stayed worse than a trivial guess for so many windows.
     *
     * @param outcome what was done: {@code none}, {@code rollback}, or why going back was not possible
     */
    Record<byte[], byte[]> worse(OnlineLearner learner, long sourceOffset, long inARow, String outcome, long timestamp) {
        return record(json(Type.WORSE_THAN_BASELINE, learner, sourceOffset).put("windows", inARow).put("action", outcome), timestamp);
    }

    /** It is better than a trivial guess again. */
    Record<byte[], byte[]> better(OnlineLearner learner, long sourceOffset, long timestamp) {
        return record(json(Type.BETTER_THAN_BASELINE, learner, sourceOffset), timestamp);
    }

    private ObjectNode json(Type type, OnlineLearner learner, long sourceOffset) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("model", modelName).put("type", type.name().toLowerCase(Locale.ROOT))
                .put("version", learner.version()).put("labelled", learner.labelled()).put("refused_steps", learner.refusedSteps());
        ObjectNode offsets = json.putObject("source_offsets");
        if (sourceOffset >= 0) {
            offsets.put(input, sourceOffset);
        }
        return json;
    }

    private Record<byte[], byte[]> record(ObjectNode json, long timestamp) {
        return new Record<>(key, json.toString().getBytes(StandardCharsets.UTF_8), timestamp);
    }
}
