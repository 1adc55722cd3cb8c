package dev.millrace.config;

import dev.millrace.learn.StartingState;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.TrainingSpec;
import java.util.Map;
import java.util.Optional;

/**
 * A network that was trained elsewhere.
 *
 * @param training what it was compiled with; loss and optimizer of the configuration win over it
 * @param state its weights; none if only the architecture is known
 */
public record StartingModel(NetworkSpec network, Optional<TrainingSpec> training, Optional<StartingState> state) {
    /** The state for a learner with that training: another optimizer cannot use the slots of this one. */
    Optional<StartingState> stateFor(TrainingSpec used) {
        boolean same = training.isPresent() && training.get().optimizer().getClass().equals(used.optimizer().getClass())
                && training.get().optimizer().slots().equals(used.optimizer().slots());
        return same ? state : state.map(given -> new StartingState(0, given.weights(), Map.of(), given.statistics()));
    }
}
