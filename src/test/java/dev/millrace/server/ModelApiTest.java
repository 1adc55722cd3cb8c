package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.HttpAddress;
import dev.millrace.learn.Feature;
import dev.millrace.learn.Label;
import dev.millrace.learn.LearnerSpec;
import dev.millrace.learn.Missing;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.Dense;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Loss;
import dev.millrace.nn.NetworkSpec;
import dev.millrace.nn.Optimizer;
import dev.millrace.nn.TrainingSpec;
import dev.millrace.stream.ServedModel;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Both protocols over real HTTP, from a model of fixed weights. */
class ModelApiTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String ROWS = "[{\"x\":1,\"z\":2,\"v\":[1,2,3]},{\"x\":-4.5,\"z\":3,\"v\":[0,0,1]}]";

    private final HttpClient client = HttpClient.newHttpClient();
    private Optional<ServedModel> model = Optional.of(new ServedModel("m", new OnlineLearner(regression())));
    private HttpServer server;

    @BeforeEach
    void start() {
        server = new HttpServer(new HttpAddress("127.0.0.1", 0), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), () -> true,
                () -> true, "m", () -> model,
                new StillSource("{ name: m, features: [x], label: { field: y }, model: { preset: dnn_regressor, hidden_units: [2] } }"));
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void namedRowsPlainRowsColumnsAndTensorsGiveTheModelsOwnAnswer() throws Exception {
        List<float[]> own = ((ServedModel.Answer.Outputs) model.orElseThrow().answer(ROWS.getBytes(StandardCharsets.UTF_8))).rows();
        String expected = "[[" + own.get(0)[0] + "],[" + own.get(1)[0] + "]]";
        assertThat(own.get(0)[0]).isNotEqualTo(own.get(1)[0]);
        JsonNode named = ok("/v1/models/m:predict", "{\"signature_name\":\"serving_default\",\"instances\":" + ROWS + "}");
        assertThat(named.path("predictions").toString()).isEqualTo(expected);
        assertThat(named.path("version").asLong()).isZero();
        assertThat(ok("/v1/models/m/versions/0:predict", "{\"instances\":[[1,2,[1,2,3]],[-4.5,3,[0,0,1]]]}").path("predictions").toString())
                .isEqualTo(expected);
        assertThat(ok("/v1/models/m:predict", "{\"inputs\":{\"x\":[1,-4.5],\"z\":[[2],[3]],\"v\":[[1,2,3],[0,0,1]]}}").path("outputs")
                .toString()).isEqualTo(expected);
        JsonNode inferred = ok("/v2/models/m/infer", """
                {"id":"7","inputs":[{"name":"x","datatype":"FP32","shape":[2,1],"data":[1,-4.5]},
                {"name":"z","datatype":"FP32","shape":[2],"data":[2,3]},
                {"name":"v","datatype":"FP64","shape":[2,3],"data":[[1,2,3],[0,0,1]]}]}""");
        assertThat(inferred.toString()).isEqualTo("{\"model_name\":\"m\",\"model_version\":\"0\",\"id\":\"7\",\"outputs\":["
                + "{\"name\":\"prediction\",\"datatype\":\"FP32\",\"shape\":[2,1],\"data\":[" + own.get(0)[0] + "," + own.get(1)[0]
                + "]}]}");
    }

    @Test
    void classesAreAnsweredWithProbabilities() throws Exception {
        model = Optional.of(new ServedModel("m", new OnlineLearner(classification())));
        JsonNode row = ok("/v1/models/m:predict", "{\"instances\":[{\"a\":1,\"b\":2}]}").path("predictions").get(0);
        float[] own = ((ServedModel.Answer.Outputs) model.orElseThrow().answer("[[1,2]]".getBytes(StandardCharsets.UTF_8))).rows().get(0);
        assertThat(row.path("probabilities").toString()).isEqualTo("[" + own[0] + "," + own[1] + "]");
        assertThat(row.path("class").asString()).isEqualTo(own[0] >= own[1] ? "red" : "blue");
        JsonNode outputs = ok("/v2/models/m/infer",
                "{\"inputs\":[{\"name\":\"rows\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,2]}]}").path("outputs");
        assertThat(outputs.get(0).path("data").get(0)).isEqualTo(row.path("class"));
        assertThat(outputs.get(1).path("data").toString()).isEqualTo(row.path("probabilities").toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "v1/models/m:predict     | {                                                  | 400 | malformed         | ",
            "v1/models/m:predict     | []                                                 | 400 | not_an_object     | ",
            "v1/models/m:predict     | {}                                                 | 400 | malformed         | instances",
            "v1/models/m:predict     | {\"instances\":[]}                                 | 400 | wrong_width       | instances",
            "v1/models/m:predict     | {\"instances\":{}}                                 | 400 | wrong_type        | instances",
            "v1/models/m:predict     | {\"instances\":[{\"x\":1,\"q\":2}]}                | 400 | unknown_field     | instances[0].q",
            "v1/models/m:predict     | {\"instances\":[{\"x\":1}]}                        | 400 | missing_feature   | instances",
            "v1/models/m:predict     | {\"instances\":[[1,2,[1,2]]]}                      | 400 | wrong_width       | instances",
            "v1/models/m:predict     | {\"instances\":[[\"a\",2,[1,2,3]]]}                | 400 | wrong_type        | instances",
            "v1/models/m:predict     | {\"instances\":[[NaN,2,[1,2,3]]]}                  | 400 | malformed         | ",
            "v1/models/m:predict     | {\"instances\":[[1e400,2,[1,2,3]]]}                | 400 | non_finite        | instances",
            "v1/models/m:predict     | {\"instances\":[[1,0,[1,2,3]]]}                    | 400 | non_finite        | instances",
            "v1/models/m:predict     | {\"signature_name\":\"s\",\"instances\":[]}        | 400 | unknown_signature | signature_name",
            "v1/models/m:predict     | {\"inputs\":{\"x\":[1],\"z\":[1,2]}}               | 400 | wrong_width       | inputs.z",
            "v1/models/m:predict     | {\"inputs\":{\"x\":1}}                             | 400 | wrong_type        | inputs.x",
            "v1/models/n:predict     | {}                                                 | 404 | unknown_model     | name",
            "v1/models/m/versions/8:predict | {}                                          | 404 | unknown_version   | version",
            "v2/models/n/infer       | {}                                                 | 404 | unknown_model     | name",
            "v2/models/m/infer       | {}                                                 | 400 | wrong_type        | inputs",
            "v2/models/m/infer       | {\"inputs\":[{\"name\":\"x\",\"datatype\":\"F\"}]} | 400 | wrong_type        | inputs[0].datatype",
            "v2/models/m/infer       | {\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[2],\"data\":[1]}]} | 400 | wrong_width | inputs[0].shape",
            "v2/models/m/infer       | {\"inputs\":[{\"name\":\"v\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,2]}]} | 400 | wrong_width | inputs.v",
            "nothing                 | {}                                                 | 404 | not_found         | "})
    void whatCannotBeAnsweredSaysWhy(String path, String body, int status, String reason, String field) throws Exception {
        HttpResponse<byte[]> response = post("/" + path, body.getBytes(StandardCharsets.UTF_8));
        JsonNode error = JSON.readTree(response.body());
        assertThat(response.statusCode()).as("%s", error).isEqualTo(status);
        assertThat(error.path("reason").asString()).isEqualTo(reason);
        assertThat(error.path("field").asString(null)).isEqualTo(field);
        assertThat(error.path("error").asString()).isNotBlank();
    }

    @Test
    void hugeBodiesAreRefusedBeforeTheyAreRead() throws Exception {
        HttpResponse<byte[]> response = post("/v1/models/m:predict", new byte[10_000_000]);
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(JSON.readTree(response.body()).path("reason").asString()).isEqualTo("too_large");
    }

    @Test
    void withoutASnapshotNothingIsAnswered() throws Exception {
        model = Optional.empty();
        assertThat(get("/v2/models/m/ready").statusCode()).isEqualTo(503);
        assertThat(get("/v1/models/m").statusCode()).isEqualTo(503);
        HttpResponse<byte[]> response = post("/v1/models/m:predict", "{}".getBytes(StandardCharsets.UTF_8));
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(JSON.readTree(response.body()).path("reason").asString()).isEqualTo("no_model");
    }

    @Test
    void tellsWhatTheModelIs() throws Exception {
        assertThat(json("/v1/models/m").at("/model_version_status/0/version").asString()).isEqualTo("0");
        assertThat(json("/v1/models/m/metadata").at("/metadata/signature_def/signature_def/serving_default/inputs").propertyNames())
                .containsExactly("x", "z", "v");
        assertThat(json("/v2/models/m").path("inputs").toString()).isEqualTo("[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,1]},"
                + "{\"name\":\"z\",\"datatype\":\"FP32\",\"shape\":[-1,1]},{\"name\":\"v\",\"datatype\":\"FP32\",\"shape\":[-1,3]}]");
        assertThat(json("/v2").path("name").asString()).isEqualTo("millrace");
        assertThat(new String(get("/v1/models/m/summary").body(), StandardCharsets.UTF_8)).contains("dense (Dense)", "Total params");
        assertThat(json("/v1/models/m/configuration").path("features").size()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({ "keras", "h5", "safetensors", "onnx"})
    void isThereAsAFile(String format) throws Exception {
        HttpResponse<byte[]> response = get("/v1/models/m/files/" + format);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Millrace-Version")).contains("0");
        assertThat(response.headers().firstValue("Content-Disposition")).contains("attachment; filename=\"m-0." + format + "\"");
        assertThat(response.body().length).isGreaterThan(100);
        assertThat(get("/v1/models/m/files/exe").statusCode()).isEqualTo(404);
    }

    @Test
    void nothingIsChangedWithoutAToken() throws Exception {
        HttpResponse<byte[]> response = post("/control", "{\"command\":\"freeze\"}".getBytes(StandardCharsets.UTF_8));
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(new String(response.body(), StandardCharsets.UTF_8)).contains("no_token", "http: token");
    }

    @Test
    void aTokenIsAskedForAndTheCommandChecked() throws Exception {
        try (HttpServer guarded = new HttpServer(new HttpAddress("127.0.0.1", 0), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                () -> true, () -> true, "m", () -> model, new StillSource("""
                        { name: m, features: [x], label: { field: y }, model: { preset: dnn_regressor, hidden_units: [2] },
                          http: { token: "s3cret" }, kafka: { bootstrap.servers: "127.0.0.1:1" } }
                        """))) {
            for (String header : List.of("Bearer wrong", "Basic s3cret", "s3cret", "Bearer s3cre", "Bearer s3cret2")) {
                HttpResponse<String> refused = control(guarded, header, "{\"command\":\"freeze\"}");
                assertThat(refused.statusCode()).as(header).isEqualTo(401);
                assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
                assertThat(refused.body()).doesNotContain("s3cret");
            }
            for (String body : List.of("", "{", "[]", "{\"command\":\"explode\"}", "{\"command\":\"freeze\",\"x\":1}")) {
                HttpResponse<String> refused = control(guarded, "Bearer s3cret", body);
                assertThat(refused.statusCode()).as(body).isEqualTo(400);
                assertThat(refused.body()).contains("invalid_command");
            }
        }
    }

    private HttpResponse<String> control(HttpServer guarded, String authorization, String body) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(guarded.url() + "/control")).header("Authorization", authorization)
                .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void theDocumentDescribesExactlyWhatIsServed() throws Exception {
        List<String> described = new ArrayList<>();
        json("/openapi.json").path("paths").properties().forEach(path -> path.getValue().propertyNames()
                .forEach(method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertThat(described).containsExactlyInAnyOrderElementsOf(server.routes());
    }

    private JsonNode ok(String path, String body) throws Exception {
        HttpResponse<byte[]> response = post(path, body.getBytes(StandardCharsets.UTF_8));
        assertThat(response.statusCode()).as(new String(response.body(), StandardCharsets.UTF_8)).isEqualTo(200);
        assertThat(response.headers().firstValue("Millrace-Version")).contains("0");
        return JSON.readTree(response.body());
    }

    private JsonNode json(String path) throws Exception {
        HttpResponse<byte[]> response = get(path);
        assertThat(response.statusCode()).as(path).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(server.url() + path)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> post(String path, byte[] body) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(server.url() + path)).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static LearnerSpec regression() {
        return new LearnerSpec(
                List.of(new Feature.Pick("x", "x"), new Feature.Ratio("x_per_z", "x", "z"), new Feature.Vector("v", "v", 3)),
                Missing.REJECT, true, new Label.Regression("y", 1, 0.5),
                new NetworkSpec(5, List.of(new Dense("dense", 8, Activation.TANH), new Dense("dense_1", 1, Activation.LINEAR))),
                training(new Loss.MeanSquaredError()), 4, 0, 7, 100);
    }

    private static LearnerSpec classification() {
        return new LearnerSpec(List.of(new Feature.Pick("a", "a"), new Feature.Pick("b", "b")), Missing.REJECT, true,
                new Label.Classification("color", List.of("red", "blue")),
                new NetworkSpec(2, List.of(new Dense("dense", 2, Activation.LINEAR))),
                training(new Loss.SparseCategoricalCrossentropy(true)), 2, 0, 1, 100);
    }

    private static TrainingSpec training(Loss loss) {
        return new TrainingSpec(loss, Loss.Reduction.SUM_OVER_BATCH_SIZE,
                new Optimizer.Sgd(new LearningRate.Constant(0.01f), 0, false, Clipping.NONE));
    }
}
