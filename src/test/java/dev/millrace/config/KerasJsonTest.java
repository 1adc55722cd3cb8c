package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.nn.Activation;
import dev.millrace.nn.ActivationLayer;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Dense;
import dev.millrace.nn.Dropout;
import dev.millrace.nn.Initializer;
import dev.millrace.nn.KerasNames;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.Metric;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.Regularizer;
import dev.millrace.nn.TrainingSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Compares with what Keras 3.9.2 wrote for the same models. */
class KerasJsonTest {
    private static final LearningRate DEFAULT_RATE = new LearningRate.Constant(0.001f);

    @Test
    void writesPlainSgdWithAClip() {
        assertEqualToKeras("n1_sgd_clip",
                new NetworkSpec(8,
                        List.of(new Dense("dense", 10, Activation.RELU), new Dense("dense_1", 10, Activation.RELU),
                                new Dense("dense_2", 1, Activation.LINEAR))),
                new Loss.MeanSquaredError(), new Optimizer.Sgd(DEFAULT_RATE, 0, false, new Clipping(Clipping.Kind.NORM, 5)));
    }

    @Test
    void writesNesterovMomentum() {
        assertEqualToKeras("momentum",
                new NetworkSpec(4, List.of(new Dense("dense", 6, Activation.TANH), new Dense("dense_1", 2, Activation.LINEAR))),
                new Loss.MeanSquaredError(), new Optimizer.Sgd(new LearningRate.Constant(0.01f), 0.9f, true, Clipping.NONE));
    }

    @Test
    void writesRegularizersAndRmsProp() {
        assertEqualToKeras("binary_rmsprop",
                new NetworkSpec(4,
                        List.of(new Dense("dense", 6, Activation.RELU, true, Initializer.GLOROT_UNIFORM, Initializer.ZEROS,
                                new Regularizer(0.001f, 0.002f), Regularizer.NONE), new Dense("dense_1", 1, Activation.SIGMOID))),
                new Loss.BinaryCrossentropy(false, 0), new Optimizer.RmsProp(DEFAULT_RATE, 0.9f, 0, 1e-7f, false, Clipping.NONE));
    }

    @Test
    void writesAnOrthogonalInitializerAndAdagrad() {
        assertEqualToKeras("softmax_adagrad",
                new NetworkSpec(5,
                        List.of(new Dense("dense", 8, Activation.RELU, true, new Initializer.Orthogonal(1), Initializer.ZEROS,
                                Regularizer.NONE, Regularizer.NONE), new Dense("dense_1", 3, Activation.SOFTMAX))),
                new Loss.SparseCategoricalCrossentropy(false),
                new Optimizer.Adagrad(new LearningRate.Constant(0.05f), 0.1f, 1e-7f, Clipping.NONE));
    }

    @Test
    void writesSingleRegularizersAndAdam() {
        assertEqualToKeras("keras32",
                new NetworkSpec(32,
                        List.of(withOnes("dense", 64, Activation.RELU, 0.01f, 0), withOnes("dense_1", 50, Activation.SIGMOID, 0.02f, 0),
                                withOnes("dense_2", 40, Activation.RELU, 0.01f, 0.01f), withOnes("dense_3", 10, Activation.SOFTMAX, 0, 0))),
                new Loss.MeanSquaredError(),
                new Optimizer.Adam(new LearningRate.Constant(0.01f), 0.9f, 0.999f, 1e-7f, false, Clipping.NONE));
    }

    @Test
    void writesDropoutAnActivationAndNadam() {
        assertEqualToKeras("dropout_nadam", new NetworkSpec(4, List.of(new Dense("dense", 8, Activation.RELU),
                new Dropout("dropout", 0.25f), new Dense("dense_1", 8, Activation.ELU),
                new ActivationLayer("activation", Activation.SIGMOID),
                new Dense("dense_2", 2, Activation.LINEAR))), new Loss.MeanAbsoluteError(),
                new Optimizer.Nadam(new LearningRate.Constant(0.002f), 0.9f, 0.999f, 1e-7f, Clipping.NONE, 0));
    }

    @Test
    void writesAScheduleAndFtrl() {
        assertEqualToKeras("ftrl_exp_schedule",
                new NetworkSpec(3, List.of(new Dense("dense", 4, Activation.SOFTPLUS), new Dense("dense_1", 1, Activation.LINEAR))),
                new Loss.MeanSquaredError(), new Optimizer.Ftrl(new LearningRate.ExponentialDecay(0.1f, 10, 0.9f, false), -0.5f, 0.1f, 0,
                        0, 0, 0, Clipping.NONE, 0));
    }

    @Test
    void writesWeightDecayAndAdamW() {
        assertEqualToKeras("nobias_adamw",
                new NetworkSpec(3,
                        List.of(new Dense("dense", 5, Activation.SELU, false, Initializer.GLOROT_UNIFORM, Initializer.ZEROS,
                                Regularizer.NONE, Regularizer.NONE), new Dense("dense_1", 2, Activation.LINEAR))),
                new Loss.Huber(1),
                new Optimizer.AdamW(new LearningRate.Constant(0.01f), 0.9f, 0.999f, 1e-7f, false, Clipping.NONE, 0.004f));
    }

    @Test
    void writesALossWithArgumentsAsAnObject() {
        JsonNode loss = write(new Loss.BinaryCrossentropy(true, 0.1f), Loss.Reduction.SUM).path("compile_config").path("loss");
        assertThat(loss).hasToString("{\"module\":\"keras.losses\",\"class_name\":\"BinaryCrossentropy\",\"config\":{"
                + "\"name\":\"binary_crossentropy\",\"reduction\":\"sum\",\"from_logits\":true,\"label_smoothing\":0.1,\"axis\":-1},"
                + "\"registered_name\":null}");
        assertThat(write(new Loss.Huber(1), Loss.Reduction.SUM_OVER_BATCH_SIZE).path("compile_config").path("loss").stringValue())
                .isEqualTo("huber");
    }

    private static Dense withOnes(String name, int units, Activation activation, float kernelL2, float biasL1) {
        return new Dense(name, units, activation, true, Initializer.GLOROT_UNIFORM, Initializer.ONES, new Regularizer(0, kernelL2),
                new Regularizer(biasL1, 0));
    }

    private static ObjectNode write(Loss loss, Loss.Reduction reduction) {
        return KerasJson.write("sequential", new NetworkSpec(1, List.of(new Dense("dense", 1, Activation.LINEAR))),
                new TrainingSpec(loss, reduction, new Optimizer.Sgd(DEFAULT_RATE, 0, false, Clipping.NONE)));
    }

    private static void assertEqualToKeras(String sample, NetworkSpec network, Loss loss, Optimizer optimizer) {
        JsonMapper mapper = new JsonMapper();
        JsonNode expected = mapper.readTree(Golden.text("keras/" + sample + ".config.json"));
        // The sample's optimizer is registered by the backend it was written with; metrics are not part of a training; mse is an alias.
        ObjectNode compile = (ObjectNode) expected.path("compile_config");
        ((ObjectNode) compile.path("optimizer")).put("module", "keras.optimizers").putNull("registered_name");
        compile.putArray("metrics");
        if (compile.path("loss").stringValue().equals("mse")) {
            compile.put("loss", "mean_squared_error");
        }
        ObjectNode written = KerasJson.write("sequential", network, new TrainingSpec(loss, Loss.Reduction.SUM_OVER_BATCH_SIZE, optimizer));

        // Keras writes the default factor of l1 with the digits of a float32.
        assertThat(mapper.writeValueAsString(written))
                .isEqualTo(mapper.writeValueAsString(expected).replace("{\"l1\":0.009999999776482582}", "{\"l1\":0.01}"));
    }

    /** Identifiers where Keras finds the metric by them, otherwise its class with the arguments its constructor has. */
    @Test
    void metricsAreWrittenAsKerasReadsThem() {
        List<Metric> metrics = List.of(new Metric.Accuracy("acc"), new Metric.Mean("mae", new Loss.MeanAbsoluteError()),
                new Metric.RootMeanSquaredError("root_mean_squared_error"), new Metric.RootMeanSquaredError("rmse"),
                new Metric.SparseTopKCategoricalAccuracy("sparse_top_k_categorical_accuracy", 5),
                new Metric.TopKCategoricalAccuracy("t", 3),
                new Metric.Mean("logcosh", new Loss.LogCosh()), new Metric.Mean("bce", new Loss.BinaryCrossentropy(true, 0)),
                new Metric.NotComputed("auc", "{\"class_name\":\"AUC\"}"));
        TrainingSpec training = new TrainingSpec(new Loss.MeanSquaredError(), Loss.Reduction.SUM_OVER_BATCH_SIZE,
                KerasNames.optimizer("sgd").orElseThrow(), metrics, List.of(metrics.getFirst()));
        NetworkSpec network = new NetworkSpec(1, List.of(new Dense("dense", 1, Activation.LINEAR)));
        JsonNode compile = KerasJson.write("m", network, training).path("compile_config");
        assertThat(compile.path("metrics").toString().replace("\"", "'").replace(",'registered_name':null", "")
                .replace("'module':'keras.metrics',", "").replace(",'dtype':'float32'", ""))
                .isEqualTo("['acc','mae','root_mean_squared_error',{'class_name':'RootMeanSquaredError','config':{'name':'rmse'}},"
                        + "'sparse_top_k_categorical_accuracy',{'class_name':'TopKCategoricalAccuracy','config':{'name':'t','k':3}},"
                        + "{'class_name':'LogCoshError','config':{'name':'logcosh'}},{'class_name':'BinaryCrossentropy','config':"
                        + "{'name':'bce','from_logits':true,'label_smoothing':0.0}},{'class_name':'AUC'}]");
        assertThat(compile.path("weighted_metrics").toString()).isEqualTo("[\"acc\"]");
    }
}
