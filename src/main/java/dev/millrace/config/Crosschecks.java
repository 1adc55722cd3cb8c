package dev.millrace.config;

import dev.millrace.learn.Label;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Loss;
import java.util.List;

/** What must hold between label, model and loss. */
final class Crosschecks {
    /** 1 GB of weights, before optimizer slots. */
    private static final long MAX_PARAMETERS = 250_000_000;
    private static final long MAX_INPUTS = 1_000_000;

    private final Problems problems;
    private final LabelSection labelSection;
    private final ModelSection model;
    private final Label label;
    private final Loss loss;
    private final List<Dense> layers;

    /** @param layers of the whole network; none if the section is wrong */
    Crosschecks(Problems problems, LabelSection labelSection, ModelSection model, LabelAndLoss resolved, List<Dense> layers) {
        this.problems = problems;
        this.labelSection = labelSection;
        this.model = model;
        this.label = resolved.label();
        this.loss = resolved.loss();
        this.layers = layers;
    }

    /** Widths that do not fit together; without this no network can be built. */
    void shapes(int outputs, long inputs) {
        if (inputs > MAX_INPUTS) {
            problems.add("features", inputs + " columns", "at most " + MAX_INPUTS);
        }
        if (layers.isEmpty()) {
            return;
        }
        Dense last = layers.getLast();
        if (last.units() != outputs) {
            String why = label instanceof Label.Classification
                    ? label.width() + " classes under " + loss.kerasName()
                    : label.width() + " values of the label";
            problems.add(lastLayer() + ".units", Integer.toString(last.units()), outputs + ", for " + why);
        }
        long parameters = 0;
        long width = inputs;
        for (Dense layer : layers) {
            parameters += (width + 1) * layer.units();
            width = layer.units();
        }
        if (parameters > MAX_PARAMETERS) {
            problems.add(model.value().path(), parameters + " parameters", "at most " + MAX_PARAMETERS);
        }
        model.classes().ifPresent(classes -> labelSection.classes().filter(given -> given.size() != classes).ifPresent(given -> problems
                .add(model.classesValue().path(), Integer.toString(classes), given.size() + ", the number of label.classes")));
    }

    /** Combinations that could run, but never learn what was meant. */
    void sense(Value lossValue) {
        if (model.kind() == ModelSection.Kind.UNKNOWN) {
            return;
        }
        boolean crossentropy = LabelAndLoss.isCrossentropy(loss);
        if (label instanceof Label.Classification) {
            if (labelSection.scaleValue().given()) {
                labelSection.scaleValue().refuse("nothing: classes have no scale");
            }
            if (model.kind() == ModelSection.Kind.DNN_REGRESSOR) {
                problems.add(model.value().path() + ".preset", "\"dnn_regressor\"", "dnn_classifier, because label.classes is given");
            } else if (!crossentropy) {
                problems.add(lossValue.path(), loss.kerasName(),
                        "binary_crossentropy, categorical_crossentropy or sparse_categorical_crossentropy, for classes");
            }
        } else if (crossentropy) {
            problems.add(lossValue.path(), loss.kerasName(), "mse, mae or huber, for a label that is a number");
        }
        if (crossentropy && label instanceof Label.Classification) {
            outputActivation(lossValue);
        }
    }

    private void outputActivation(Value lossValue) {
        Dense last = layers.getLast();
        boolean probabilities = last.activation() == Activation.SIGMOID || last.activation() == Activation.SOFTMAX;
        if (last.activation() == Activation.SOFTMAX && last.units() == 1) {
            problems.add(lastLayer() + ".activation", "softmax of 1 unit, which is always 1", "sigmoid, or linear with from_logits: true");
        } else if (loss.isFromLogits() && probabilities) {
            problems.add(lastLayer() + ".activation", last.activation().kerasName(), "linear, because " + lossValue.path()
                    + " has from_logits: true");
        } else if (!loss.isFromLogits() && !probabilities) {
            String allowed = model.isPreset()
                    ? "a loss with from_logits: true, because a preset ends in logits"
                    : "sigmoid or softmax, or from_logits: true in " + lossValue.path();
            problems.add(model.isPreset() ? lossValue.path() : lastLayer() + ".activation",
                    model.isPreset() ? "from_logits: false" : last.activation().kerasName(), allowed);
        }
    }

    private String lastLayer() {
        return model.value().path() + ".layers[" + (layers.size() - 1) + "]";
    }
}
