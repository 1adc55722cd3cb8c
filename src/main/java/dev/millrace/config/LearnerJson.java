package dev.millrace.config;

import dev.millrace.learn.LearnerSpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A learner's specification as JSON, in the words of the configuration file. Reading what was written gives an equal
 * specification, floats bit for bit.
 */
public final class LearnerJson {
    private LearnerJson() {
    }

    /** The specification with its model as layers and every default spelled out. */
    public static ObjectNode write(LearnerSpec learner) {
        return LearnerGrammar.write(learner);
    }

    /**
     * Reads a specification.
     *
     * @throws ConfigurationException with everything that is wrong
     */
    public static LearnerSpec read(JsonNode json) {
        Problems problems = new Problems();
        ObjectNode map = json instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
        if (!json.isObject()) {
            problems.add("the learner", Problems.show(json), "a map");
        }
        Section root = new Section("", map, "name", problems);
        LearnerSpec learner = new LearnerGrammar(problems, false).read(root).orElse(null);
        root.refuseUnknownKeys();
        problems.throwIfAny("the learner's specification");
        if (learner == null) {
            throw new IllegalStateException("no learner and no problem");
        }
        return learner;
    }
}
