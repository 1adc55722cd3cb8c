package dev.millrace.cli;

import dev.millrace.config.StartingModel;
import dev.millrace.interop.KerasModel;
import dev.millrace.interop.LearnerModels;
import dev.millrace.interop.ModelFiles;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Model files as the commands take them. */
final class ModelInput {
    private ModelInput() {
    }

    /** The model that {@code model: keras:} of a configuration names. */
    static StartingModel start(Path file, Consumer<String> warnings) {
        KerasModel model = ModelFiles.read(file, warnings);
        return new StartingModel(model.network(), model.training(),
                model.hasWeights() ? Optional.of(LearnerModels.start(model)) : Optional.empty());
    }
}
