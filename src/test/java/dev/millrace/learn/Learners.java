package dev.millrace.learn;

import dev.millrace.nn.Activation;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Layer;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingSpec;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A learner's specification in the making, with defaults that suit a small test: one linear output, SGD, batches of 1. */
final class Learners {
    private List<Feature> features = List.of();
    private Missing missing = Missing.REJECT;
    private boolean standardize = true;
    private Label label = new Label.Regression("y", 1, 1);
    private Loss loss = new Loss.MeanSquaredError();
    private Activation outputActivation = Activation.LINEAR;
    private int[] hidden = {};
    private Activation hiddenActivation = Activation.RELU;
    private Optimizer optimizer = sgd(0.01f);
    private int batchSize = 1;
    private long maxWaitMillis;
    private int window = 100;
    private Optional<String> weight = Optional.empty();

    /** Features x0, x1, … that are picked as they are. */
    static Learners picking(int count) {
        return with(IntStream.range(0, count).<Feature>mapToObj(i -> new Feature.Pick("x" + i, "x" + i)).toList());
    }

    static Learners with(List<Feature> features) {
        Learners learners = new Learners();
        learners.features = features;
        return learners;
    }

    static Learners with(Feature feature) {
        return with(List.of(feature));
    }

    static Optimizer sgd(float learningRate) {
        return new Optimizer.Sgd(new LearningRate.Constant(learningRate), 0, false, Clipping.NONE);
    }

    static Optimizer momentum(float learningRate) {
        return new Optimizer.Sgd(new LearningRate.Constant(learningRate), 0.9f, true, Clipping.NONE);
    }

    static Optimizer adagrad(float learningRate) {
        return new Optimizer.Adagrad(new LearningRate.Constant(learningRate), 0.1f, 1e-7f, Clipping.NONE);
    }

    static Optimizer adam(float learningRate) {
        return new Optimizer.Adam(new LearningRate.Constant(learningRate), 0.9f, 0.999f, 1e-7f, false, Clipping.NONE);
    }

    Learners missing(Missing value) {
        missing = value;
        return this;
    }

    Learners raw() {
        standardize = false;
        return this;
    }

    Learners label(Label value) {
        label = value;
        return this;
    }

    /** Numbers in the array field y. */
    Learners outputs(int width) {
        return label(new Label.Regression("y", width, 1));
    }

    /** Classes in the field y, logits and sparse categorical cross-entropy. */
    Learners classes(String... classes) {
        return label(new Label.Classification("y", List.of(classes))).loss(new Loss.SparseCategoricalCrossentropy(true));
    }

    Learners loss(Loss value) {
        loss = value;
        return this;
    }

    Learners outputActivation(Activation value) {
        outputActivation = value;
        return this;
    }

    Learners hidden(int... units) {
        hidden = units;
        return this;
    }

    Learners hiddenActivation(Activation value) {
        hiddenActivation = value;
        return this;
    }

    Learners optimizer(Optimizer value) {
        optimizer = value;
        return this;
    }

    Learners batchSize(int value) {
        batchSize = value;
        return this;
    }

    Learners maxWaitMillis(long value) {
        maxWaitMillis = value;
        return this;
    }

    Learners window(int value) {
        window = value;
        return this;
    }

    /** @param field null for none */
    Learners weight(@Nullable String field) {
        weight = Optional.ofNullable(field);
        return this;
    }

    LearnerSpec spec() {
        TrainingSpec training = new TrainingSpec(loss, Loss.Reduction.SUM_OVER_BATCH_SIZE, optimizer);
        List<Layer> layers = new ArrayList<>();
        for (int units : hidden) {
            layers.add(new Dense("dense_" + layers.size(), units, hiddenActivation));
        }
        layers.add(new Dense("output", LearnerSpec.outputsFor(label, training), outputActivation));
        int inputs = features.stream().mapToInt(Feature::width).sum();
        return new LearnerSpec(features, missing, standardize, label, new NetworkSpec(inputs, layers), training, batchSize,
                maxWaitMillis, 42, window, weight);
    }

    OnlineLearner learner() {
        return new OnlineLearner(spec());
    }

    /** An example with these features and, unless there are none, these target values. */
    static Example example(OnlineLearner learner, float[] features, float... target) {
        Example example = learner.newExample();
        System.arraycopy(features, 0, example.features, 0, features.length);
        System.arraycopy(target, 0, example.target, 0, target.length);
        example.labelled = target.length > 0;
        return example;
    }

    static float[] predict(OnlineLearner learner, float... features) {
        float[] outputs = new float[learner.spec().label().width()];
        learner.predict(example(learner, features), outputs);
        return outputs;
    }

    /** All sections, one after the other. */
    static byte[] bytes(OnlineLearner learner) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (LearnerState.Section section : learner.state().sections()) {
            byte[] bytes = new byte[section.byteLength()];
            section.write(0, bytes.length, bytes, 0);
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    /** Reads what {@link #bytes} wrote. */
    static void restore(OnlineLearner learner, byte[] bytes) {
        int at = 0;
        for (LearnerState.Section section : learner.state().sections()) {
            section.read(0, section.byteLength(), bytes, at);
            at += section.byteLength();
        }
    }
}
