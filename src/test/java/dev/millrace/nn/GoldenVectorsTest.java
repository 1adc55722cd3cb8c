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
        int maxBatch = golden.json.at("/final_predict/x").has("shape")
                ? golden.json.at("/final_predict/x/shape/0").asInt()
                : golden.json.at("/final_predict/x").size();
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
        float[] sampleWeight = weights.isArray() ? GoldenTensor.floats(weights) : null;
        int n = samples(network, step);

        trainer.computeGradients(state, x, y, sampleWeight, n);
        checkVariables(name + "gradient of ", step.get("gradients"), network, trainer.gradients());
        if (step.has("gradient_norms")) {
            double[] norms = GoldenTensor.doubles(step.get("gradient_norms"));
            for (int i = 0; i < norms.length; i++) {
                GoldenTensor.checkNumber(name + "gradient norm " + i, trainer.gradientNorms()[i], norms[i], norms[i]);
            }
        }
        trainer.clip();
        if (step.has("clipped_gradients")) {
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
        forEachVariable(network, layers,
                (node, variable) -> new GoldenTensor(node).check(what + variable.name(), network.layout().toRowMajor(flat, variable)));
    }

    private interface Visitor {
        void visit(JsonNode values, ParameterLayout.Variable variable);
    }

    /** Visits a list with one object {kernel, bias} per layer. */
    private static void forEachVariable(Network network, JsonNode layers, Visitor visitor) {
        var variables = network.layout().variables().iterator();
        for (int i = 0; i < network.spec().layers().size(); i++) {
            visitor.visit(layers.get(i).get("kernel"), variables.next());
            if (((Dense) network.spec().layers().get(i)).useBias()) {
                visitor.visit(layers.get(i).get("bias"), variables.next());
            }
        }
        assertThat(variables.hasNext()).isFalse();
    }
}
