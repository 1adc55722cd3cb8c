package dev.millrace.interop;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says what two models differ in; numbers are compared bit for bit. */
final class Differences {
    private Differences() {
    }

    /** The first difference, or nothing. */
    static Optional<String> between(KerasModel a, KerasModel b) {
        if (!a.name().equals(b.name())) {
            return Optional.of("the name: " + a.name() + " and " + b.name());
        }
        return architecture(a, b).or(() -> ofNullable(weights("weight", a.weights(), b.weights())))
                .or(() -> optimizer(a.optimizer(), b.optimizer()))
                .or(() -> a.metadata().equals(b.metadata()) ? Optional.empty() : Optional.of("the metadata"));
    }

    /** The first difference of what needs no weights. */
    static Optional<String> architecture(KerasModel a, KerasModel b) {
        if (!a.network().equals(b.network())) {
            return Optional.of("the network: " + a.network() + " and " + b.network());
        }
        if (!a.training().equals(b.training())) {
            return Optional.of("the compilation: " + a.training() + " and " + b.training());
        }
        boolean same = a.normalization().isPresent() == b.normalization().isPresent()
                && (a.normalization().isEmpty() || (Arrays.equals(a.normalization().get().mean(), b.normalization().orElseThrow().mean())
                        && Arrays.equals(a.normalization().get().variance(), b.normalization().orElseThrow().variance())));
        return same ? Optional.empty() : Optional.of("the normalization");
    }

    static Optional<String> weightsOnly(KerasModel a, KerasModel b) {
        return ofNullable(weights("weight", a.weights(), b.weights())).or(() -> optimizer(a.optimizer(), b.optimizer()));
    }

    private static Optional<String> optimizer(Optional<OptimizerState> a, Optional<OptimizerState> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.isPresent() == b.isPresent() ? Optional.empty() : Optional.of("the optimizer's state, which one of them lacks");
        }
        if (a.get().iterations() != b.get().iterations()) {
            return Optional.of("the iterations: " + a.get().iterations() + " and " + b.get().iterations());
        }
        for (Map.Entry<String, Map<String, float[]>> slot : a.get().slots().entrySet()) {
            String difference = weights(slot.getKey(), slot.getValue(), b.get().slots().getOrDefault(slot.getKey(), Map.of()));
            if (difference != null) {
                return Optional.of(difference);
            }
        }
        return Optional.empty();
    }

    private static @Nullable String weights(String what, Map<String, float[]> a, Map<String, float[]> b) {
        if (!a.keySet().equals(b.keySet())) {
            return "variables: " + a.keySet() + " and " + b.keySet();
        }
        for (Map.Entry<String, float[]> entry : a.entrySet()) {
            float[] other = b.getOrDefault(entry.getKey(), new float[0]);
            int at = Arrays.mismatch(entry.getValue(), other);
            if (at >= 0) {
                return what + " " + at + " of " + entry.getKey();
            }
        }
        return null;
    }

    private static Optional<String> ofNullable(@Nullable String difference) {
        return Optional.ofNullable(difference);
    }
}
