package dev.millrace.interop;

import dev.millrace.config.ConfigurationException;
import dev.millrace.config.LearnerJson;
import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Missing;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Scaler;
import dev.millrace.learn.StartingState;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.ParameterLayout;
import dev.millrace.nn.TrainingSpec;
import dev.millrace.nn.TrainingState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From learners to models and back. A model says what a learner's file says; a learner also knows features and label. */
public final class LearnerModels {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String SCALER = "scaler";
    private static final double LEAST_DEVIATION = 1e-7;
    private static final int BATCH_SIZE = 32;
    private static final int WINDOW = 1000;
    /** What learns where the file was not compiled: any would do, nothing is learned yet. */
    private static final TrainingSpec NOT_COMPILED = new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE,
            new Optimizer.Sgd(new LearningRate.Constant(0.01f), 0, false, Clipping.NONE));

    private LearnerModels() {
    }

    /** A learner as a model; its features, label and exact statistics become metadata. */
    public static KerasModel of(String name, OnlineLearner learner) {
        LearnerSpec spec = learner.spec();
        ParameterLayout layout = learner.network().layout();
        TrainingState training = learner.state().training();
        Map<String, Map<String, float[]>> slots = new HashMap<>();
        List<String> slotNames = spec.training().optimizer().slots();
        for (int i = 0; i < slotNames.size(); i++) {
            Map<String, float[]> values = rowMajor(layout, training.slot(i));
            layout.variables().stream().filter(variable -> !variable.trainable()).forEach(variable -> values.remove(variable.name()));
            slots.put(slotNames.get(i), values);
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(KerasModel.LEARNER, LearnerJson.write(spec).toString());
        metadata.put(SCALER, JSON.writeValueAsString(statistics(learner.scaler())));
        Optional<Normalization> normalization = spec.standardize() ? Optional.of(normalization(learner.scaler())) : Optional.empty();
        return new KerasModel(name, spec.network(), Optional.of(spec.training()), rowMajor(layout, training.parameters()),
                Optional.of(new OptimizerState(training.iterations(), slots)), normalization, metadata);
    }

    private static Map<String, float[]> rowMajor(ParameterLayout layout, float[] flat) {
        Map<String, float[]> values = new LinkedHashMap<>();
        for (ParameterLayout.Variable variable : layout.variables()) {
            values.put(variable.name(), layout.toRowMajor(flat, variable));
        }
        return values;
    }

    private static double[] statistics(Scaler scaler) {
        int width = scaler.width();
        double[] statistics = new double[3 * width];
        for (int j = 0; j < width; j++) {
            statistics[j] = scaler.count(j);
            statistics[width + j] = scaler.mean(j);
            statistics[2 * width + j] = scaler.variance(j);
        }
        return statistics;
    }

    /** A feature that never varied is only shifted here; Keras would divide by 1e-7, so its variance is given as 1. */
    private static Normalization normalization(Scaler scaler) {
        int width = scaler.width();
        double count = IntStream.range(0, width).mapToDouble(scaler::count).max().orElse(0);
        return new Normalization(count, IntStream.range(0, width).mapToDouble(scaler::mean).toArray(),
                IntStream.range(0, width).mapToDouble(scaler::variance).map(variance -> variance > 0 ? variance : 1).toArray());
    }

    /** Takes what only Millrace understands out of a file, if it still fits what Keras understands. */
    static KerasModel withMetadata(KerasModel model, Map<String, String> metadata) {
        KerasModel complete = model.withMetadata(metadata);
        if (metadata.containsKey(KerasModel.LEARNER)) {
            spec(complete); // refuses a definition that does not fit
        }
        return complete;
    }

    /** Whether features and label are known by name. */
    public static boolean knowsFeatures(KerasModel model) {
        return model.metadata().containsKey(KerasModel.LEARNER);
    }

    /**
     * The model as a learner that answers and goes on exactly like the one it came from. A file of Keras's own has no names of
     * features: the inputs are then called {@code x0}, {@code x1}, …, the label {@code label}.
     */
    public static OnlineLearner learner(KerasModel model) {
        if (knowsFeatures(model)) {
            return new OnlineLearner(spec(model), start(model));
        }
        return learner(model, IntStream.range(0, model.network().inputs()).mapToObj(i -> "x" + i).toList(), "label");
    }

    /** The model as a learner for a file's own columns, one for each input. */
    public static OnlineLearner learner(KerasModel model, List<String> columns, String label) {
        TrainingSpec training = model.training().orElse(NOT_COMPILED);
        return learner(model, columns, label(label, training.loss(), model.network().outputs()), training);
    }

    /**
     * The model as a learner whose answers are the bare outputs of the network, as {@code model.predict} of Keras gives them: no
     * sigmoid is put behind a loss that starts from logits.
     */
    public static OnlineLearner answering(KerasModel model, List<String> columns) {
        TrainingSpec training = new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE,
                NOT_COMPILED.optimizer());
        KerasModel withoutState = new KerasModel(model.name(), model.network(), Optional.of(training), model.weights(),
                Optional.empty(), model.normalization(), model.metadata());
        Label label = new Label.Regression("", model.network().outputs(), 1); // never among the fields
        if (knowsFeatures(model)) {
            LearnerSpec known = spec(model);
            LearnerSpec bare = new LearnerSpec(known.features(), known.missing(), known.standardize(), label, model.network(), training,
                    BATCH_SIZE, 0, 0, WINDOW);
            return new OnlineLearner(bare, start(withoutState));
        }
        return learner(withoutState, columns, label, training);
    }

    /** What the model answers, if it came from a learner. */
    public static Optional<Label> label(KerasModel model) {
        return knowsFeatures(model) ? Optional.of(spec(model).label()) : Optional.empty();
    }

    /** The definition of a learner that has the same features, but a network which reads them raw. */
    static String unstandardized(KerasModel model, NetworkSpec network) {
        LearnerSpec known = spec(model);
        return LearnerJson.write(new LearnerSpec(known.features(), known.missing(), false, known.label(), network, known.training(),
                known.batchSize(), known.maxWaitMillis(), known.seed(), known.window(), known.weight())).toString();
    }

    /** The field with the weight of a record, if the model came from a learner that has one. */
    public static Optional<String> weight(KerasModel model) {
        return knowsFeatures(model) ? spec(model).weight() : Optional.empty();
    }

    private static OnlineLearner learner(KerasModel model, List<String> columns, Label label, TrainingSpec training) {
        List<Feature> features = new ArrayList<>();
        columns.forEach(column -> features.add(new Feature.Pick(column, column)));
        LearnerSpec spec = new LearnerSpec(features, Missing.REJECT, model.normalization().isPresent(), label, model.network(), training,
                BATCH_SIZE, 0, 0, WINDOW);
        return new OnlineLearner(spec, start(model));
    }

    private static Label label(String field, Loss loss, int outputs) {
        boolean categorical = loss instanceof Loss.CategoricalCrossentropy || loss instanceof Loss.SparseCategoricalCrossentropy;
        boolean oneOf = (categorical && outputs > 1) || (loss instanceof Loss.BinaryCrossentropy && outputs == 1);
        return oneOf
                ? new Label.Classification(field, IntStream.range(0, Math.max(2, outputs)).mapToObj(Integer::toString).toList())
                : new Label.Regression(field, outputs, 1);
    }

    private static LearnerSpec spec(KerasModel model) {
        try {
            LearnerSpec spec = LearnerJson.read(JSON.readTree(model.metadata().getOrDefault(KerasModel.LEARNER, "")));
            if (!spec.network().equals(model.network())) {
                throw new ModelFileException("metadata", "the learner's network is not that of the file");
            }
            return spec;
        } catch (ConfigurationException | JacksonException | IllegalArgumentException e) {
            throw new ModelFileException("metadata", "the learner's definition cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * What a learner of this network starts with.
     *
     * @throws ModelFileException if the model has no weights
     */
    public static StartingState start(KerasModel model) {
        if (!model.hasWeights()) {
            throw new ModelFileException("weights", "there is an architecture, but no weights");
        }
        Map<String, Map<String, float[]>> slots = model.optimizer().map(OptimizerState::slots).orElse(Map.of());
        return new StartingState(model.optimizer().map(OptimizerState::iterations).orElse(0L), model.weights(), slots, statistics(model));
    }

    private static double[] statistics(KerasModel model) {
        int width = model.network().inputs();
        String exact = model.metadata().get(SCALER);
        if (exact != null) {
            return exactStatistics(exact, width);
        }
        return model.normalization().map(normalization -> {
            double[] statistics = new double[3 * width];
            for (int j = 0; j < width; j++) {
                statistics[j] = Math.max(1, normalization.count());
                statistics[width + j] = normalization.mean()[j];
                // Keras divides by 1e-7 at least, also where an input never varied.
                statistics[2 * width + j] = Math.max(normalization.variance()[j], LEAST_DEVIATION * LEAST_DEVIATION);
            }
            return statistics;
        }).orElse(new double[0]);
    }

    private static double[] exactStatistics(String json, int width) {
        JsonNode list;
        try {
            list = JSON.readTree(json);
        } catch (JacksonException e) {
            throw new ModelFileException("metadata." + SCALER, "not JSON: " + e.getOriginalMessage(), e);
        }
        if (!list.isArray() || list.size() != 3 * width) {
            throw new ModelFileException("metadata." + SCALER, "found " + list.size() + " numbers, " + 3 * width + " are needed");
        }
        double[] statistics = new double[3 * width];
        for (int i = 0; i < statistics.length; i++) {
            double value = list.get(i).asDouble(Double.NaN);
            boolean mean = i / width == 1;
            if (!Double.isFinite(value) || (!mean && value < 0)) {
                throw new ModelFileException("metadata." + SCALER + "[" + i + "]", "found " + value);
            }
            statistics[i] = value;
        }
        return statistics;
    }
}
