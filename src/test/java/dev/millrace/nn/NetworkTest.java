package dev.millrace.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.junit.jupiter.api.Test;

class NetworkTest {
    @Test
    void predictsWhatTheReferencePredicts() {
        for (int units : new int[]{ 1, 15, 16, 17, 33}) {
            for (Activation activation : Activation.values()) {
                Network network = new Network(Presets.dnnRegressor(5, List.of(units, 7), activation, 3));
                float[] parameters = network.initialParameters(units);
                float[] x = normal(4 * 5);
                double[][] expected = new ReferenceNetwork(network, parameters).predict(x, 4);
                float[] actual = new float[12];
                network.predict(parameters, x, 4, actual, network.workspace(4));
                for (int i = 0; i < 12; i++) {
                    double exact = expected[i / 3][i % 3];
                    boolean unbounded = activation == Activation.EXPONENTIAL || activation == Activation.LOG_SOFTMAX;
                    double size = unbounded ? 1 + Math.abs(exact) : 1;
                    assertThat((double) actual[i]).as(activation.toString()).isCloseTo(exact, within(2e-6 * size));
                }
            }
        }
    }

    @Test
    void aLinearLayerIsAnEjmlProduct() {
        Network network = new Network(Presets.dnnRegressor(33, List.of(), Activation.RELU, 17));
        float[] parameters = network.initialParameters(1);
        float[] x = normal(6 * 33);
        float[] actual = new float[6 * 17];
        network.predict(parameters, x, 6, actual, network.workspace(6));
        FMatrixRMaj kernel = new FMatrixRMaj(33, 17, true, network.layout().toRowMajor(parameters, network.layout().variables().get(0)));
        FMatrixRMaj expected = new FMatrixRMaj(6, 17);
        CommonOps_FDRM.mult(new FMatrixRMaj(6, 33, true, x), kernel, expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected.data[i], within(2e-6f));
        }
    }

    @Test
    void aSamplesOutputDoesNotDependOnItsBatch() {
        Network network = new Network(Presets.dnnClassifier(9, List.of(17, 5), 4, Activation.TANH));
        float[] parameters = network.initialParameters(1);
        float[] x = normal(8 * 9);
        float[] together = new float[8 * 4];
        network.predict(parameters, x, 8, together, network.workspace(20));
        Workspace workspace = network.workspace(1);
        for (int b = 0; b < 8; b++) {
            float[] alone = new float[4];
            network.predict(parameters, Arrays.copyOfRange(x, b * 9, b * 9 + 9), 1, alone, workspace);
            assertThat(alone).isEqualTo(Arrays.copyOfRange(together, b * 4, b * 4 + 4));
        }
    }

    @Test
    void theTrainersOutputsAreThePredictionsBeforeTheUpdate() {
        for (Loss loss : List.of(new Loss.MeanSquaredError(), new Loss.CategoricalCrossentropy(false, 0))) {
            Network network = new Network(
                    new NetworkSpec(3, List.of(new Dense("a", 5, Activation.RELU), new Dense("b", 2, Activation.SOFTMAX))));
            Trainer trainer = new Trainer(network, new TrainingSpec(loss, Loss.Reduction.SUM_OVER_BATCH_SIZE,
                    new Optimizer.Sgd(new LearningRate.Constant(0.1f), 0, false, Clipping.NONE)), 4);
            TrainingState state = trainer.initialState(1);
            float[] x = normal(12);
            float[] expected = new float[8];
            network.predict(state.parameters(), x, 4, expected, network.workspace(4));
            assertThat(trainer.step(state, x, new float[]{ 0, 1, 1, 0, 0, 1, 1, 0}, null, 4)).isTrue();
            assertThat(trainer.outputs()).isEqualTo(expected);
        }
    }

    @Test
    void aFusedCrossentropySurvivesSaturatedProbabilities() {
        Network network = new Network(new NetworkSpec(1, List.of(new Dense("a", 1, Activation.SIGMOID, false,
                new Initializer.Constant(1), Initializer.ZEROS, Regularizer.NONE, Regularizer.NONE))));
        Trainer trainer = new Trainer(network, new TrainingSpec(new Loss.BinaryCrossentropy(false, 0), Loss.Reduction.SUM,
                new Optimizer.Sgd(new LearningRate.Constant(0.1f), 0, false, Clipping.NONE)), 1);
        TrainingState state = trainer.initialState(1);
        assertThat(trainer.step(state, new float[]{ 200}, new float[]{ 0}, null, 1)).isTrue();
        assertThat(trainer.dataLoss()).isEqualTo(200);
        assertThat(trainer.gradientNorm()).isEqualTo(200);
        assertThat(trainer.outputs()[0]).isEqualTo(1);
    }

    @Test
    void refusesBatchesBeyondTheWorkspace() {
        Network network = new Network(Presets.dnnRegressor(2, List.of(3), Activation.RELU, 1));
        assertThatThrownBy(() -> network.predict(network.initialParameters(1), new float[6], 3, new float[3], network.workspace(2)))
                .hasMessage("this workspace takes up to 2 samples, found 3");
    }

    private static float[] normal(int length) {
        float[] values = new float[length];
        RandomStream random = new RandomStream(length, 0);
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextNormal();
        }
        return values;
    }
}
