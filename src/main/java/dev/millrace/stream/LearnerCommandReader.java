package dev.millrace.stream;

import dev.millrace.learn.Reason;
import dev.millrace.learn.Rejection;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads and checks a whole command, before anything is changed by it. Strict: a misspelt field must not be overlooked. */
final class LearnerCommandReader {
    private static final JsonMapper JSON = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    private static final List<String> COMMANDS = List.of("freeze", "unfreeze", "set_learning_rate", "snapshot", "rollback", "reset");
    private static final int SHOWN = 60;

    private @Nullable LearnerCommand command;

    /** Why a value is no command, or null; then {@link #command} has it. */
    @Nullable
    Rejection read(byte @Nullable [] value) {
        command = null;
        if (value == null) {
            return new Rejection(Reason.NULL_VALUE, "the value is null");
        }
        JsonNode json;
        try {
            json = JSON.readTree(value);
        } catch (JacksonException e) {
            return new Rejection(Reason.MALFORMED, "not JSON: " + shortened(e.getOriginalMessage()));
        }
        if (!json.isObject()) {
            return new Rejection(Reason.NOT_AN_OBJECT, "found " + shown(json) + ", a JSON object is needed");
        }
        return command(json);
    }

    /** The last command read. */
    LearnerCommand command() {
        return Objects.requireNonNull(command, "no command has been read");
    }

    private @Nullable Rejection command(JsonNode json) {
        JsonNode name = json.path("command");
        String needed = switch (name.isString() ? name.stringValue() : "") {
            case "freeze" -> without(json, new LearnerCommand.Freeze());
            case "unfreeze" -> without(json, new LearnerCommand.Unfreeze());
            case "snapshot" -> without(json, new LearnerCommand.TakeSnapshot());
            case "reset" -> without(json, new LearnerCommand.Reset());
            case "set_learning_rate" -> learningRate(json);
            case "rollback" -> rollBack(json);
            default -> "command is needed, one of " + String.join(", ", COMMANDS);
        };
        return needed == null ? null : new Rejection(Reason.INVALID_COMMAND, "found " + shown(json) + "; " + needed);
    }

    /** Each of these gives what is needed instead, or null. */
    private @Nullable String without(JsonNode json, LearnerCommand given) {
        command = given;
        return json.size() == 1 ? null : "no field but command is needed";
    }

    private @Nullable String learningRate(JsonNode json) {
        JsonNode rate = json.path("learning_rate");
        double given = rate.isNumber() ? Double.parseDouble(rate.asString()) : Double.NaN;
        if (json.size() != 2 || !rate.isNull() && !(given >= 0 && Float.isFinite((float) given))) {
            return "besides command exactly learning_rate is needed, a number from 0 that a float can hold, or null for the configured one";
        }
        command = new LearnerCommand.SetLearningRate(rate.isNull() ? OptionalDouble.empty() : OptionalDouble.of(given));
        return null;
    }

    private @Nullable String rollBack(JsonNode json) {
        JsonNode version = json.path("version");
        if (json.size() != 2 || !version.isIntegralNumber() || !version.canConvertToLong() || version.longValue() < 0) {
            return "besides command exactly version is needed, a whole number from 0";
        }
        command = new LearnerCommand.RollBack(version.longValue());
        return null;
    }

    private static String shown(JsonNode json) {
        return shortened(json.toString());
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
