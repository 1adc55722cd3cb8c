package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The live page of a running demo in a real browser. Skipped where there is none, unless the environment says that there must be:
 * {@code MILLRACE_BROWSER=required}. {@code -Dpictures=DIRECTORY} leaves pictures to look at.
 */
class LivePageIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Pattern COURSE = Pattern.compile("RMSE over time: first ([0-9.,]+), highest ([0-9.,]+), now ([0-9.,]+)\\..*");

    @TempDir
    static Path directory;
    private static RunningDemo demo;
    private static String address;
    private Browser browser;

    @BeforeAll
    static void startDemo() throws Exception {
        RunningDemo.requireBrowser();
        Path config = directory.resolve("california.yaml");
        try (InputStream shipped = Objects.requireNonNull(LivePageIT.class.getResourceAsStream("/demo/california.yaml"))) {
            Files.writeString(config, new String(shipped.readAllBytes(), StandardCharsets.UTF_8) + "http: { token: open-sesame }\n");
        }
        demo = new RunningDemo("--config", config.toString(), "--rate", "400");
        address = demo.address();
    }

    @AfterAll
    static void stopDemo() throws InterruptedException {
        if (demo != null) {
            demo.close();
        }
    }

    @BeforeEach
    void openPage() throws Exception {
        browser = new Browser(Files.createTempDirectory(directory, "profile"));
        browser.screen(1280, 900, false);
        browser.open(address);
        await().atMost(PATIENCE).until(() -> browser.text("#verdict").contains("below"));
        await().atMost(PATIENCE).until(() -> !browser.text("#weights").isEmpty() && !browser.text("#inputs").isEmpty());
    }

    @AfterEach
    void closePage() {
        if (browser != null) {
            List<String> complaints = browser.complaints();
            browser.close();
            assertThat(complaints).isEmpty();
        }
    }

    @Test
    void saysFirstWhatTheModelIsAndWhetherItIsAnyGoodAndComparedWithWhat() {
        assertThat(browser.text("h1")).isEqualTo("california");
        assertThat(browser.text("#verdict"))
                .matches("Predicts median_house_value from 7 features\\. Its error is [0-9.]+ % below always guessing the mean\\. "
                        + "[0-9,]+ examples learned\\.");
        assertThat(browser.text("#comparison")).contains("This model", "Always the mean", "The last value again");
        assertThat(browser.text("#status")).isEqualTo("Learning");
        assertThat(browser.text("#network-note")).isEqualTo(
                "7 inputs, 3 layers, 801 parameters. Trained with sgd, mean_squared_error, 20 examples a step.");
    }

    @Test
    void theErrorFallsAndEverythingMovesWithoutReloading() {
        browser.run("window.sameDocument = true");
        String learned = browser.text("#tiles div:first-child dd");
        String truth = browser.text("#verdict");
        await().atMost(PATIENCE).until(() -> !browser.text("#tiles div:first-child dd").equals(learned));
        await().atMost(PATIENCE).until(() -> !browser.text("#verdict").equals(truth));
        await().atMost(PATIENCE).until(() -> course().filter(course -> course.now < 0.8 * course.highest).isPresent());
        String snapshot = browser.text("#weights-note");
        await().atMost(PATIENCE).until(() -> !browser.text("#weights-note").equals(snapshot));
        await().atMost(PATIENCE).until(() -> browser.text("#error-chart .u-legend").matches("(?s).*this model[^0-9a-z]*[0-9].*"));
        assertThat(browser.run("return window.sameDocument")).isEqualTo(true);
        assertThat(browser.attribute("#truth-chart", "aria-label")).startsWith("1,024 recent predictions");
        assertThat((long) browser.run("return document.querySelectorAll('canvas').length")).isEqualTo(3);
        assertThat((long) browser.run("return document.querySelectorAll('#inputs svg').length")).isEqualTo(7);
        assertThat((long) browser.run("return document.querySelectorAll('#weights svg.gradient').length")).isEqualTo(6);
        assertThat((long) browser.run("return document.querySelectorAll('#network line.plus, #network line.minus').length"))
                .isEqualTo(7 * 8 + 8 * 8 + 8);
    }

    /** What the error chart tells those who do not see it. */
    private record Course(double first, double highest, double now) {
    }

    private Optional<Course> course() {
        Matcher matcher = COURSE.matcher(browser.attribute("#error-chart", "aria-label"));
        return matcher.matches()
                ? Optional.of(new Course(number(matcher.group(1)), number(matcher.group(2)), number(matcher.group(3))))
                : Optional.empty();
    }

    private static double number(String text) {
        return Double.parseDouble(text.replace(",", ""));
    }

    @Test
    void theFormPredictsWhatTheApiPredicts() {
        await().atMost(PATIENCE).until(() -> !String.valueOf(browser.run("return document.querySelector('#ask input').value")).isEmpty());
        browser.run("document.querySelector('#ask input').focus()");
        await().atMost(PATIENCE).untilAsserted(() -> {
            browser.press(Keys.ENTER);
            await().until(() -> !browser.attribute("#ask output strong", "data-answer").isEmpty());
            HttpResponse<String> reply = predict(String.valueOf(browser.run(
                    "return JSON.stringify(Object.fromEntries([...document.querySelectorAll('#ask label')].map(label => [label.textContent,"
                            + " Number(label.control.value)])))")));
            JsonNode answer = JsonMapper.shared().readTree(reply.body());
            // Another snapshot may have come in between; then both are asked again.
            assertThat(browser.text("#ask output")).contains("version " + String.format("%,d", answer.path("version").asLong()));
            assertThat(browser.attribute("#ask output strong", "data-answer")).isEqualTo(answer.path("predictions").get(0).toString());
        });
    }

    @Test
    void theFormSaysWhatIsWrong() {
        browser.run("for (const input of document.querySelectorAll('#ask input')) input.value = ''");
        browser.click("#ask button.main");
        await().atMost(PATIENCE).until(() -> browser.text("#ask output .error").contains("feature longitude: field longitude is absent"));
        // The browser itself notes every refused request.
        assertThat(browser.complaints()).allMatch(complaint -> complaint.contains("400"));
    }

    private static HttpResponse<String> predict(String instance) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(address + "/v1/models/california:predict"))
                    .POST(HttpRequest.BodyPublishers.ofString("{\"instances\":[" + instance + "]}")).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void aDeadLetterIsShownWithItsReason() {
        Map<String, Object> settings = Map.of("bootstrap.servers", demo.kafka());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("california.features", "k-1".getBytes(StandardCharsets.UTF_8),
                    "{\"longitude\":<b>west</b>".getBytes(StandardCharsets.UTF_8)));
        }
        await().atMost(PATIENCE).until(() -> browser.text("#letters").contains("malformed"));
        assertThat(browser.text("#letters")).contains("california.features-0 @ ", "k-1: {\"longitude\":<b>west</b>");
        assertThat(browser.text("#tiles .bad dd")).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource({ "1280, 900, false, light", "1280, 900, false, dark", "390, 844, true, light", "390, 844, true, dark"})
    void isForEverybody(int width, int height, boolean phone, String scheme) {
        browser.screen(width, height, phone);
        browser.prefers(scheme);
        await().atMost(PATIENCE).until(() -> browser.run("return document.querySelector('canvas').clientWidth < innerWidth").equals(true));
        assertThat((List<?>) browser.run(
                "return [...document.querySelectorAll('body *')].filter(element => !element.closest('.scroll, .hidden, .skip')"
                        + " && element.getBoundingClientRect().right > arguments[0] + 0.5).map(element => element.outerHTML.slice(0, 120))",
                width)).isEmpty();
        String ground = String.valueOf(browser.run("return getComputedStyle(document.body).backgroundColor"));
        assertThat(ground).isEqualTo(scheme.equals("dark") ? "rgb(14, 20, 27)" : "rgb(243, 245, 248)");
        String pictures = System.getProperty("pictures");
        if (pictures != null) {
            browser.picture(Path.of(pictures, (phone ? "phone-" : "desktop-") + scheme + ".png"));
        }
        assertThat(browser.seriousFaults()).isEmpty();
    }

    @Test
    void everyControlCanBeReachedByKeyboard() {
        browser.press(Keys.TAB);
        assertThat(browser.run("return document.activeElement.textContent")).isEqualTo("Skip to the model");
        Object controls = browser.run("return document.querySelectorAll('a, button, input, [tabindex=\"0\"]').length");
        browser.run("window.reached = new Set(); addEventListener('focusin', (event) => reached.add(event.target))");
        for (long i = 0; i < (long) controls; i++) {
            browser.press(Keys.TAB);
        }
        // All but the first, which had the focus before.
        assertThat((long) browser.run("return reached.size")).isGreaterThanOrEqualTo((long) controls - 1);
    }

    @Test
    void goesBackToASnapshotForWhoeverHasTheToken() {
        await().atMost(PATIENCE).until(() -> (long) browser.run("return document.querySelectorAll('#snapshots tbody tr').length") > 2);
        String version = String.valueOf(browser.run("return document.querySelectorAll('#snapshots tbody tr')[1].dataset.version"));
        browser.click("#snapshots tbody tr:nth-child(2) button");
        rollBackWith("wrong");
        await().atMost(PATIENCE).until(() -> browser.text("#rollback output").contains("Authorization: Bearer TOKEN"));
        rollBackWith("open-sesame");
        await().atMost(PATIENCE).until(() -> browser.text("#rollback output").replace(",", "")
                .equals("The learner is at version " + version + " again."));
        // Written again at that moment, so it is among the newest, and the form is as good for the next one.
        await().atMost(PATIENCE).until(() -> String.valueOf(
                browser.run(
                        "return [...document.querySelectorAll('#snapshots tbody tr')].slice(0, 4).map(row => row.dataset.version).join()"))
                .contains(version));
        assertThat(browser.seriousFaults()).isEmpty();
        assertThat(browser.complaints()).as("what the wrong token was answered").allMatch(complaint -> complaint.contains("401"));
    }

    private void rollBackWith(String token) {
        browser.run("document.querySelector('#token').value = arguments[0]; document.querySelector('#rollback').requestSubmit()", token);
    }

    @Test
    void nothingComesFromElsewhere() throws Exception {
        assertThat((List<?>) browser.run("return performance.getEntriesByType('resource').map(entry => new URL(entry.name).origin)"))
                .isNotEmpty().allMatch(origin -> origin.equals(address));
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> page = client.send(HttpRequest.newBuilder(URI.create(address + "/")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .startsWith("default-src 'none'; script-src 'self'; style-src 'self';").doesNotContain("unsafe", "http", "*");
            assertThat(page.headers().firstValue("Content-Type")).contains("text/html;charset=utf-8");
            HttpResponse<String> again = client.send(HttpRequest.newBuilder(URI.create(address + "/"))
                    .header("If-None-Match", page.headers().firstValue("ETag").orElseThrow()).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(again.statusCode()).isEqualTo(304);
            for (String path : List.of("/page/..%2Fopenapi.json", "/page/LivePage.class", "/page/none.js")) {
                assertThat(client.send(HttpRequest.newBuilder(URI.create(address + path)).build(), HttpResponse.BodyHandlers.ofString())
                        .statusCode()).isIn(400, 404);
            }
        }
    }
}
