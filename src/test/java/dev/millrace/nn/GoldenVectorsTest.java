package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Replays training runs that were recorded with an independent float64 reference and verified with real Keras 3.9.2. */
class GoldenVectorsTest {
    @TestFactory
    Stream<DynamicTest> trainsAsKerasDoes() {
        List<GoldenCase> cases = GoldenCase.all();
        System.out.println("golden cases: " + cases.size());
        assertThat(cases).as("cases; the test resources have 49").hasSizeGreaterThanOrEqualTo(
                System.getProperty("golden.dir", "").isEmpty() ? 49 : 1);
        return cases.stream().map(golden -> DynamicTest.dynamicTest(golden.id, () -> replay(golden)));
    }

    private static void replay(GoldenCase golden) {
        Network network = new Network(golden.network());
        JsonNode steps = golden.json.get("steps");
        int outputs = network.spec().outputs();
        int maxBatch = 1;
        for (JsonNode step : steps) {
            maxBatch = Math.max(maxBatch, samples(network, step));
        }
        Trainer trainer = new Trainer(network, golden.training(), maxBatch);
        TrainingState state = trainer.initialState(0);
        forEachVariable(network, golden.json.get("initial_weights"),
                (node, variable) -> network.layout().fromRowMajor(GoldenTensor.floats(node), variable, state.parameters()));
        for (int i = 0; i < steps.size(); i++) {
            replayStep("step " + i + " ", golden, steps.get(i), trainer, network, state);
        }
        float[] x = GoldenTensor.floats(golden.json.at("/final_predict/x"));
        int n = x.length / network.spec().inputs();
        float[] predictions = new float[n * outputs];
        network.predict(state.parameters(), x, n, predictions, network.workspace(n));
        new GoldenTensor(golden.json.at("/final_predict/predictions")).check("final predictions", predictions);
    }

    private static void replayStep(String name, GoldenCase golden, JsonNode step, Trainer trainer, Network network, TrainingState state) {
        float[] x = GoldenTensor.floats(step.get("x"));
        float[] y = GoldenTensor.floats(step.get("y"));
        JsonNode weights = step.path("sample_weight");
        float[] sampleWeight = weights.isMissingNode() || weights.isNull() ? null : GoldenTensor.floats(weights);
        int n = samples(network, step);

        trainer.computeGradients(state, x, y, sampleWeight, n);
        checkVariables(name + "gradient of ", step.get("gradients"), network, trainer.gradients());
        if (step.hasNonNull("gradient_norms")) {
            double[] norms = GoldenTensor.doubles(step.get("gradient_norms"));
            for (int i = 0; i < norms.length; i++) {
                GoldenTensor.checkNumber(name + "gradient norm " + i, trainer.gradientNorms()[i], norms[i],
                        Math.max(norms[i], GoldenTensor.cancelled(Arrays.stream(norms).max().orElse(0))));
            }
        }
        trainer.clip();
        if (step.hasNonNull("clipped_gradients")) {
            checkVariables(name + "clipped gradient of ", step.get("clipped_gradients"), network, trainer.gradients());
        }

        assertThat(trainer.step(state, x, y, sampleWeight, n)).as(name + "applied").isTrue();
        double loss = step.get("loss").asDouble();
        GoldenTensor.checkNumber(name + "data loss", trainer.dataLoss(), step.get("data_loss").asDouble(), loss);
        GoldenTensor.checkNumber(name + "regularization loss", trainer.regularizationLoss(), step.get("regularization_loss").asDouble(), 0);
        GoldenTensor.checkNumber(name + "loss", trainer.dataLoss() + trainer.regularizationLoss(), loss, loss);
        float[] predictions = Arrays.copyOf(trainer.outputs(), n * network.spec().outputs());
        new GoldenTensor(step.get("predictions")).check(name + "predictions", predictions);
        checkVariables(name + "weights after of ", step.get("weights_after"), network, state.parameters());
        List<String> slots = golden.training().optimizer().slots();
        assertThat(step.at("/optimizer_after/slots").size()).as("number of slots").isEqualTo(slots.size());
        for (int i = 0; i < slots.size(); i++) {
            JsonNode slot = step.at("/optimizer_after/slots/" + slots.get(i));
            checkVariables(name + "slot " + slots.get(i) + " of ", slot, network, state.slot(i));
        }
        assertThat(state.iterations()).isEqualTo(step.at("/optimizer_after/iterations").asLong());
        if (golden.training().optimizer() instanceof Optimizer.Nadam nadam) {
            double expected = step.at("/optimizer_after/u_product").asDouble();
            GoldenTensor.checkNumber(name + "u_product", nadam.uProduct(state.iterations()), expected, 0);
        }
        float rate = golden.training().optimizer().learningRate().at(state.iterations() - 1);
        GoldenTensor.checkNumber(name + "learning rate", rate, step.get("learning_rate").asDouble(), 0);
    }

    private static int samples(Network network, JsonNode step) {
        return GoldenTensor.doubles(step.get("x")).length / network.spec().inputs();
    }

    private static void checkVariables(String what, JsonNode layers, Network network, float[] flat) {
        double[] largest = new double[1];
        forEachVariable(network, layers, (node, _) -> largest[0] = Math.max(largest[0], new GoldenTensor(node).largest()));
        forEachVariable(network, layers, (node, variable) -> new GoldenTensor(node).check(what + variable.name(),
                network.layout().toRowMajor(flat, variable), largest[0]));
    }

    private interface Visitor {
        void visit(JsonNode values, ParameterLayout.Variable variable);
    }

    /**
     * Visits a list with one object {kernel, bias} (or {gamma, beta, …}) per layer. Layers without variables may be left out, and
     * what is not trained has neither gradients nor slots.
     */
    private static void forEachVariable(Network network, JsonNode lists, Visitor visitor) {
        var variables = network.layout().variables().iterator();
        List<Layer> layers = network.spec().layers();
        boolean all = lists.size() == layers.size();
        int place = 0;
        for (int i = 0; i < layers.size(); i++) {
            int count = layers.get(i).variables(1).size();
            JsonNode values = lists.path(place);
            place += all || count > 0 ? 1 : 0;
            for (int v = 0; v < count; v++) {
                ParameterLayout.Variable variable = variables.next();
                JsonNode value = values.path(variable.name().substring(variable.name().lastIndexOf('/') + 1));
                assertThat(value.isMissingNode() && variable.trainable()).as(variable.name() + " is missing in " + values).isFalse();
                if (!value.isMissingNode() && !value.isNull()) {
                    visitor.visit(value, variable);
                }
            }
        }
        assertThat(place).as("layers with values").isEqualTo(lists.size());
        assertThat(variables.hasNext()).isFalse();
    }
}
