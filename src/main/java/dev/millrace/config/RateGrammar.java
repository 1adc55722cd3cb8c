package dev.millrace.config;

import dev.millrace.nn.LearningRate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Learning rates: a number, or one of Keras's schedules as a map with its name and its arguments. */
final class RateGrammar {
    private static final String ALLOWED = "a number >= 0, or a schedule: a map with name, initial_learning_rate, …";
    private static final Range STEPS = Range.between(1, Long.MAX_VALUE);
    private static final String LIST = "a list";

    /** The schedules, by their Keras class names. */
    private enum Schedule {
        EXPONENTIAL_DECAY, INVERSE_TIME_DECAY, PIECEWISE_CONSTANT_DECAY, POLYNOMIAL_DECAY, COSINE_DECAY, COSINE_DECAY_RESTARTS
    }

    private RateGrammar() {
    }

    static LearningRate read(Value value, LearningRate fallback) {
        if (!value.given()) {
            return fallback;
        }
        if (!value.isMap()) {
            float constant = value.number(Range.NOT_NEGATIVE, ALLOWED, Float.NaN);
            return Float.isNaN(constant) ? fallback : new LearningRate.Constant(constant);
        }
        Section map = value.section();
        Value name = map.get("name");
        Optional<Schedule> schedule = schedule(name);
        if (schedule.isEmpty()) {
            name.refuse(String.join(", ", names().keySet()));
            return fallback;
        }
        LearningRate rate = switch (schedule.get()) {
            case EXPONENTIAL_DECAY -> new LearningRate.ExponentialDecay(initial(map), steps(map, "decay_steps"),
                    required(map, "decay_rate"), map.get("staircase").truth(false));
            case INVERSE_TIME_DECAY -> new LearningRate.InverseTimeDecay(initial(map), steps(map, "decay_steps"),
                    required(map, "decay_rate"), map.get("staircase").truth(false));
            case PIECEWISE_CONSTANT_DECAY -> piecewise(map, fallback);
            case POLYNOMIAL_DECAY -> new LearningRate.PolynomialDecay(initial(map), steps(map, "decay_steps"),
                    number(map, "end_learning_rate", 0.0001f), number(map, "power", 1), map.get("cycle").truth(false));
            case COSINE_DECAY -> new LearningRate.CosineDecay(initial(map), steps(map, "decay_steps"), number(map, "alpha", 0),
                    map.has("warmup_target") ? Optional.of(number(map, "warmup_target", 0)) : without(map, "warmup_target"),
                    map.get("warmup_steps").longInteger(Range.between(0, Long.MAX_VALUE), 0));
            case COSINE_DECAY_RESTARTS -> new LearningRate.CosineDecayRestarts(initial(map), steps(map, "first_decay_steps"),
                    map.get("t_mul").number(Range.atLeast(1), 2), number(map, "m_mul", 1), number(map, "alpha", 0));
        };
        map.refuseUnknownKeys();
        return rate;
    }

    private static Optional<Schedule> schedule(Value name) {
        if (!name.isText()) {
            return Optional.empty();
        }
        String text = name.node().stringValue();
        Schedule byClass = names().get(text);
        return Optional.ofNullable(byClass != null ? byClass : LayerGrammar.lowerCase(Schedule.values()).get(text));
    }

    private static Map<String, Schedule> names() {
        Map<String, Schedule> names = new LinkedHashMap<>();
        for (Schedule schedule : Schedule.values()) {
            names.put(KerasJson.camelCase(LayerGrammar.lowerCase(schedule)), schedule);
        }
        return names;
    }

    private static Optional<Float> without(Section map, String key) {
        map.get(key); // so that an explicit null is not an unknown key
        return Optional.empty();
    }

    private static float initial(Section map) {
        return required(map, "initial_learning_rate");
    }

    private static float required(Section map, String key) {
        Value value = map.get(key);
        if (!value.given()) {
            value.refuse(Range.NOT_NEGATIVE.describe("a number"));
        }
        return value.number(Range.NOT_NEGATIVE, 0);
    }

    private static float number(Section map, String key, float keras) {
        return map.get(key).number(Range.NOT_NEGATIVE, keras);
    }

    private static long steps(Section map, String key) {
        Value value = map.get(key);
        if (!value.given()) {
            value.refuse("an integer >= 1");
        }
        return value.longInteger(STEPS, 1);
    }

    private static LearningRate piecewise(Section map, LearningRate fallback) {
        Value boundaryList = map.get("boundaries");
        List<Long> boundaries = new ArrayList<>();
        boolean ascending = true;
        for (Value element : boundaryList.elements(LIST)) {
            long boundary = element.longInteger(Range.between(0, Long.MAX_VALUE), 0);
            ascending &= boundaries.isEmpty() || boundary > boundaries.getLast();
            boundaries.add(boundary);
        }
        Value valueList = map.get("values");
        List<Float> values = new ArrayList<>();
        for (Value element : valueList.elements(LIST)) {
            values.add(element.number(Range.NOT_NEGATIVE, 0));
        }
        if (!ascending) {
            boundaryList.refuse("steps that ascend");
            return fallback;
        }
        if (boundaries.size() != values.size() - 1) {
            valueList.refuse("one value more than boundaries, of which there are " + boundaries.size());
            return fallback;
        }
        return new LearningRate.PiecewiseConstantDecay(boundaries, values);
    }

    static JsonNode write(LearningRate rate) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (rate instanceof LearningRate.Constant constant) {
            return nodes.numberNode(constant.value());
        }
        ObjectNode map = nodes.objectNode().put("name", rate.kerasName());
        arguments(rate).forEach(map::set);
        return map;
    }

    /** The arguments of a schedule under their Keras names; none for a number. */
    static Map<String, JsonNode> arguments(LearningRate rate) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        Map<String, JsonNode> map = new LinkedHashMap<>();
        switch (rate) {
            case LearningRate.Constant _ -> {
            }
            case LearningRate.ExponentialDecay r -> {
                map.put("initial_learning_rate", KerasJson.decimalNode(r.initialLearningRate()));
                map.put("decay_steps", nodes.numberNode(r.decaySteps()));
                map.put("decay_rate", KerasJson.decimalNode(r.decayRate()));
                map.put("staircase", nodes.booleanNode(r.staircase()));
            }
            case LearningRate.InverseTimeDecay r -> {
                map.put("initial_learning_rate", KerasJson.decimalNode(r.initialLearningRate()));
                map.put("decay_steps", nodes.numberNode(r.decaySteps()));
                map.put("decay_rate", KerasJson.decimalNode(r.decayRate()));
                map.put("staircase", nodes.booleanNode(r.staircase()));
            }
            case LearningRate.PiecewiseConstantDecay r -> {
                ArrayNode boundaries = nodes.arrayNode();
                r.boundaries().forEach(boundaries::add);
                ArrayNode values = nodes.arrayNode();
                r.values().forEach(value -> values.add(KerasJson.decimalNode(value)));
                map.put("boundaries", boundaries);
                map.put("values", values);
            }
            case LearningRate.PolynomialDecay r -> {
                map.put("initial_learning_rate", KerasJson.decimalNode(r.initialLearningRate()));
                map.put("decay_steps", nodes.numberNode(r.decaySteps()));
                map.put("end_learning_rate", KerasJson.decimalNode(r.endLearningRate()));
                map.put("power", KerasJson.decimalNode(r.power()));
                map.put("cycle", nodes.booleanNode(r.cycle()));
            }
            case LearningRate.CosineDecay r -> {
                map.put("initial_learning_rate", KerasJson.decimalNode(r.initialLearningRate()));
                map.put("decay_steps", nodes.numberNode(r.decaySteps()));
                map.put("alpha", KerasJson.decimalNode(r.alpha()));
                map.put("warmup_target", r.warmupTarget().<JsonNode>map(KerasJson::decimalNode).orElse(nodes.nullNode()));
                map.put("warmup_steps", nodes.numberNode(r.warmupSteps()));
            }
            case LearningRate.CosineDecayRestarts r -> {
                map.put("initial_learning_rate", KerasJson.decimalNode(r.initialLearningRate()));
                map.put("first_decay_steps", nodes.numberNode(r.firstDecaySteps()));
                map.put("t_mul", KerasJson.decimalNode(r.tMul()));
                map.put("m_mul", KerasJson.decimalNode(r.mMul()));
                map.put("alpha", KerasJson.decimalNode(r.alpha()));
            }
        }
        return map;
    }
}
