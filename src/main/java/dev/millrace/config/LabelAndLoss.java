package dev.millrace.config;

import dev.millrace.learn.Label;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Presets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What label, model and loss mean together, where each may leave something open that another one says. */
record LabelAndLoss(Label label, Loss loss) {

    static LabelAndLoss resolve(LabelSection label, ModelSection model, Optional<Loss> givenLoss) {
        boolean classification = label.classes().isPresent() || model.kind() == ModelSection.Kind.DNN_CLASSIFIER
                || (model.kind() == ModelSection.Kind.LAYERS && givenLoss.filter(Loss::isCrossentropy).isPresent());
        if (!classification) {
            int width = model.kind() == ModelSection.Kind.LAYERS ? LayerGrammar.units(model.given()) : model.labelDimension();
            return new LabelAndLoss(new Label.Regression(label.field(), width, label.scale()),
                    givenLoss.orElse(Presets.regressorLoss()));
        }
        List<String> classes = label.classes().orElseGet(() -> defaultClasses(model));
        return new LabelAndLoss(new Label.Classification(label.field(), classes),
                givenLoss.orElseGet(() -> defaultLoss(model, classes.size())));
    }

    private static List<String> defaultClasses(ModelSection model) {
        int count = model.kind() == ModelSection.Kind.LAYERS ? Math.max(2, LayerGrammar.units(model.given())) : model.classes().orElse(2);
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    /** The loss that fits the last layer: one unit is a yes or no, and a linear layer gives logits. */
    private static Loss defaultLoss(ModelSection model, int classes) {
        if (model.kind() != ModelSection.Kind.LAYERS) {
            return Presets.classifierLoss(classes);
        }
        Activation last = NetworkSpec.outputActivation(model.given());
        boolean fromLogits = last != Activation.SIGMOID && last != Activation.SOFTMAX;
        return LayerGrammar.units(model.given()) == 1
                ? new Loss.BinaryCrossentropy(fromLogits, 0)
                : new Loss.SparseCategoricalCrossentropy(fromLogits);
    }
}
