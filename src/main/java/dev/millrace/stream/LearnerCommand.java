package dev.millrace.stream;

import dev.millrace.learn.Rejection;
import java.util.OptionalDouble;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What can be told to a running learner, as it stands in the control topic. */
public sealed interface LearnerCommand {
    /** Labelled records are tested but no longer learned from; weights and statistics of the features stay. */
    record Freeze() implements LearnerCommand {
    }

    /** Learning goes on. */
    record Unfreeze() implements LearnerCommand {
    }

    /**
     * The learning rate of all further steps, in place of the configured rate or schedule.
     *
     * @param rate a finite float from 0; empty for the configured one again
     */
    record SetLearningRate(OptionalDouble rate) implements LearnerCommand {
        public SetLearningRate {
            if (rate.isPresent() && (!(rate.getAsDouble() >= 0) || !Float.isFinite((float) rate.getAsDouble()))) {
                throw new IllegalArgumentException("a learning rate is a finite number from 0, found " + rate.getAsDouble());
            }
        }
    }

    /** A snapshot is written now. */
    record TakeSnapshot() implements LearnerCommand {
    }

    /** Back to the weights, optimizer and statistics of a snapshot. */
    record RollBack(long version) implements LearnerCommand {
        public RollBack {
            if (version < 0) {
                throw new IllegalArgumentException("a version is a whole number from 0, found " + version);
            }
        }
    }

    /** Back to the start: everything learned is forgotten. */
    record Reset() implements LearnerCommand {
    }

    /** As it is sent. */
    default ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        return switch (this) {
            case Freeze _ -> json.put("command", "freeze");
            case Unfreeze _ -> json.put("command", "unfreeze");
            case SetLearningRate set -> {
                json.put("command", "set_learning_rate");
                yield set.rate().isPresent() ? json.put("learning_rate", (float) set.rate().getAsDouble()) : json.putNull("learning_rate");
            }
            case TakeSnapshot _ -> json.put("command", "snapshot");
            case RollBack back -> json.put("command", "rollback").put("version", back.version());
            case Reset _ -> json.put("command", "reset");
        };
    }

    /**
     * Reads a command as it stands in the control topic.
     *
     * @throws IllegalArgumentException if it is none; the message says what was found and what is needed
     */
    public static LearnerCommand read(byte[] json) {
        LearnerCommandReader reader = new LearnerCommandReader();
        Rejection rejection = reader.read(json);
        if (rejection != null) {
            throw new IllegalArgumentException(rejection.detail());
        }
        return reader.command();
    }
}
