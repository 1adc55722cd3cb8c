package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.config.ApplicationConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client that is not Kafka's own, with its default settings: kcat, which is librdkafka. Skipped where it is not installed. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RealClientsIT {
    private static final String LEARNER = """
            features: [a, b]
            label: { field: y }
            model: { layers: [ { units: 4, activation: relu }, { units: 1 } ] }
            training: { batch_size: 10, loss: mse, optimizer: { name: adam, learning_rate: 0.01 } }
            snapshots: { every_steps: 5 }
            """;

    @TempDir
    static Path directory;

    private static Broker broker;

    @BeforeAll
    static void startKafka() {
        assumeThat(isInstalled()).as("kcat is on the PATH").isTrue();
        broker = new Broker(directory);
    }

    @AfterAll
    static void stopKafka() {
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void kcatTrainsAsksAndReadsAnswersWithTheirKeysAndHeaders() throws Exception {
        ApplicationConfig config = broker.configure("kcat", LEARNER);
        broker.createTopics(config, 1);
        String features = config.topics().features();
        try (LearnerApplication learner = new LearnerApplication(config, new SimpleMeterRegistry())) {
            learner.start();
            kcat(lines(100, ",\"y\":%1$d"), "-P", "-t", features);
            kcat(lines(100, ",\"y\":%1$d").lines().map(line -> "key|" + line).collect(Collectors.joining("\n")), "-P", "-t", features, "-K",
                    "|",
                    "-z", "snappy");
            await().atMost(Duration.ofSeconds(60)).until(() -> learner.progress().labelled() == 200);

            kcat("{\"a\":1,\"b\":2}", "-P", "-t", features, "-H", "request=17", "-H", "trace=a=b", "-H", "empty=", "-H", "none");
            kcat("customer 1|{\"a\":1,\"b\":2}\ncustomer 2|{\"a\":3,\"b\":4}", "-P", "-t", features, "-K", "|", "-H", "request=18");
            kcat("broken", "-P", "-t", features, "-k", "bad", "-H", "request=19");
            kcat("gone|", "-P", "-t", features, "-K", "|", "-Z");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> learner.progress().predictions() == 3 && learner.progress().deadLetters() == 2);
            broker.awaitRecords(config, config.topics().predictions(), 3);
            broker.awaitRecords(config, config.topics().deadLetters(), 2);
        }

        List<String> answers = kcat("", "-C", "-e", "-q", "-t", config.topics().predictions(), "-o", "beginning", "-f", "%k|%h|%s\n")
                .lines().toList();
        assertThat(answers).hasSize(3);
        assertThat(answers.get(0)).startsWith("|request=17,trace=a=b,empty=,none=NULL|{\"model\":\"kcat\",\"version\":20,\"prediction\":");
        assertThat(answers.get(1)).startsWith("customer 1|request=18|{\"model\":\"kcat\",\"version\":20,\"prediction\":");
        assertThat(answers.get(2)).startsWith("customer 2|request=18|{\"model\":\"kcat\",");

        List<String> letters = kcat("", "-C", "-e", "-q", "-t", config.topics().deadLetters(), "-o", "beginning", "-f", "%k|%h|%S|%s\n")
                .lines()
                .toList();
        assertThat(letters).hasSize(2);
        assertThat(letters.get(0)).startsWith("bad|request=19,millrace.reason=malformed,").endsWith("|6|broken");
        assertThat(letters.get(1)).startsWith("gone|millrace.reason=null_value,").endsWith("|-1|");

        List<String> snapshots = kcat("", "-C", "-e", "-q", "-t", config.topics().snapshots(), "-o", "beginning", "-f", "%k %S\n").lines()
                .toList();
        assertThat(snapshots.stream().map(line -> line.replaceAll(" .*", ""))).containsExactly("kcat@5", "kcat", "kcat@10", "kcat",
                "kcat@15",
                "kcat", "kcat@20", "kcat");
    }

    private static String lines(int count, String label) {
        return IntStream.range(0, count).mapToObj(i -> "{\"a\":" + i % 10 + ",\"b\":" + i % 7 + label.formatted(i % 17) + "}")
                .collect(Collectors.joining("\n"));
    }

    private static boolean isInstalled() {
        try {
            return new ProcessBuilder("kcat", "-V").redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                    .waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Runs kcat and gives what it prints; every failure is the test's. */
    private static String kcat(String input, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("kcat", "-b", broker.servers()));
        command.addAll(List.of(arguments));
        Path stdin = Files.writeString(Files.createTempFile(directory, "kcat", ".in"), input);
        Path stderr = Files.createTempFile(directory, "kcat", ".err");
        Process kcat = new ProcessBuilder(command).redirectInput(stdin.toFile()).redirectError(stderr.toFile()).start();
        String output = new String(kcat.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(kcat.waitFor()).as("%s: %s", command, Files.readString(stderr)).isZero();
        return output;
    }
}
