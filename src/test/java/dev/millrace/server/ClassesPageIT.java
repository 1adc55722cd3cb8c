package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live page of a classification with categories among its features and layers of all kinds. */
class ClassesPageIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    @Test
    void showsAMatrixOfConfusionAndProbabilities() throws Exception {
        RunningDemo.requireBrowser();
        try (RunningDemo demo = new RunningDemo("--config", config().toString(), "--data", rows().toString());
                Browser browser = new Browser(directory.resolve("profile"))) {
            browser.screen(1280, 900, false);
            browser.open(demo.address());
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#verdict").contains("4,000 examples") && browser.text("#verdict").contains("wrong"));
            assertThat(browser.text("#verdict"))
                    .matches("Predicts shape, one of 3 classes, from 3 features\\. It is wrong about [0-9.]+ % of recent "
                            + "examples; always guessing the most frequent class would be wrong about [0-9.]+ %\\. 4,000 examples learned\\.");
            await().atMost(PATIENCE)
                    .until(() -> browser.text("#truth-note").matches("Of the last 1,024 tested examples [0-9.]+ % were right\\."));
            assertThat((long) browser.run("return [...document.querySelectorAll('.confusion td')].map(cell => cell.textContent)"
                    + ".reduce((sum, count) => sum + Number(count.replace(',', '')), 0)")).isEqualTo(1024);
            await().atMost(PATIENCE).until(() -> browser.text("#status").equals("Waiting for records"));
            assertThat((long) browser.run("return document.querySelectorAll('#network rect').length")).isEqualTo(2);
            assertThat(browser.text("#inputs")).contains("color = red", "color = blue");
            browser.run("document.querySelector('#ask select').value = 'blue'");
            browser.click("#ask button.main");
            await().atMost(PATIENCE).until(() -> browser.text("#ask output").contains("by version"));
            assertThat(browser.text("#ask output")).contains("circle", "square", "triangle", " %");
            String pictures = System.getProperty("pictures");
            if (pictures != null) {
                browser.picture(Path.of(pictures, "classes.png"));
            }
            assertThat(browser.seriousFaults()).isEmpty();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private Path config() throws Exception {
        return Files.writeString(directory.resolve("shapes.yaml"), """
                name: shapes
                features: [a, b, { one_hot: color, vocabulary: [red, blue] }]
                label: { field: shape, classes: [circle, square, triangle] }
                model:
                  layers:
                    - { units: 12, activation: tanh }
                    - { type: batch_normalization }
                    - { type: dropout, rate: 0.1 }
                    - { units: 3, activation: softmax }
                training: { batch_size: 16, loss: sparse_categorical_crossentropy, optimizer: { name: adam, learning_rate: 0.01 } }
                """);
    }

    /** A circle where a and b are about equal; otherwise a square if red, a triangle if blue. */
    private Path rows() throws Exception {
        Random random = new Random(1);
        StringBuilder csv = new StringBuilder("a,b,color,shape\n");
        for (int i = 0; i < 4000; i++) {
            double a = random.nextGaussian();
            double b = random.nextGaussian();
            boolean red = random.nextBoolean();
            csv.append(String.format(Locale.ROOT, "%.3f,%.3f,%s,%s%n", a, b, red ? "red" : "blue",
                    Math.abs(a - b) < 0.8 ? "circle" : red ? "square" : "triangle"));
        }
        return Files.writeString(directory.resolve("shapes.csv"), csv);
    }
}
