package dev.millrace.config;

import dev.millrace.learn.Label;
import dev.millrace.nn.Activation;
import dev.millrace.nn.ActivationLayer;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Layer;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
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
    private final List<Layer> layers;

    /** @param layers of the whole network; none if the section is wrong */
    Crosschecks(Problems problems, LabelSection labelSection, ModelSection model, LabelAndLoss resolved, List<Layer> layers) {
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
        int units = LayerGrammar.units(layers);
        if (units != outputs) {
            String why = label instanceof Label.Classification
                    ? label.width() + " classes under " + loss.kerasName()
                    : label.width() + " values of the label";
            problems.add(last(Dense.class) + ".units", Integer.toString(units), outputs + ", for " + why);
        }
        long parameters = 0;
        long width = inputs;
        for (Layer layer : layers) {
            parameters += layer.parameterCount((int) Math.min(width, MAX_INPUTS));
            width = layer.outputs((int) Math.min(width, MAX_INPUTS));
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
        boolean crossentropy = loss.isCrossentropy();
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
            problems.add(lossValue.path(), loss.kerasName(), "a loss such as mse, mae or huber, for a label that is a number");
        }
        if (crossentropy && label instanceof Label.Classification) {
            outputActivation(lossValue);
        }
    }

    private void outputActivation(Value lossValue) {
        Activation last = NetworkSpec.outputActivation(layers);
        boolean probabilities = last == Activation.SIGMOID || last == Activation.SOFTMAX;
        String path = last(ActivationLayer.class, Dense.class);
        if (last == Activation.SOFTMAX && LayerGrammar.units(layers) == 1) {
            problems.add(path + ".activation", "softmax of 1 unit, which is always 1", "sigmoid, or linear with from_logits: true");
        } else if (loss.isFromLogits() && probabilities) {
            problems.add(path + ".activation", last.kerasName(), "linear, because " + lossValue.path()
                    + " has from_logits: true");
        } else if (!loss.isFromLogits() && !probabilities) {
            String allowed = model.isPreset()
                    ? "a loss with from_logits: true, because a preset ends in logits"
                    : "sigmoid or softmax, or from_logits: true in " + lossValue.path();
            problems.add(model.isPreset() ? lossValue.path() : path + ".activation",
                    model.isPreset() ? "from_logits: false" : last.kerasName(), allowed);
        }
    }

    /** Path of the last layer of one of these kinds. */
    private String last(Class<?>... kinds) {
        int index = layers.size() - 1;
        while (index > 0 && !List.of(kinds).contains(layers.get(index).getClass())) {
            index--;
        }
        return model.value().path() + ".layers[" + index + "]";
    }
}
