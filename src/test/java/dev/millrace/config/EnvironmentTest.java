package dev.millrace.config;

import static dev.millrace.config.Configurations.VALID;
import static dev.millrace.config.Configurations.read;
import static dev.millrace.config.Configurations.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.learn.Feature;
import dev.millrace.nn.Clipping;
import dev.millrace.nn.LearningRate;
import dev.millrace.nn.Optimizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentTest {
    @Test
    void winsOverTheFile() {
        ApplicationConfig config = read(with("training: { batch_size: 5 }", "http: { port: 1 }"),
                Map.of("MILLRACE_TRAINING_BATCH_SIZE", "64", "MILLRACE_HTTP_PORT", "9000", "MILLRACE_NAME", "123",
                        "MILLRACE_TOPICS_DEAD_LETTERS", "bad"));
        assertThat(config.learner().batchSize()).isEqualTo(64);
        assertThat(config.http().port()).isEqualTo(9000);
        assertThat(config.name()).isEqualTo("123");
        assertThat(config.topics().deadLetters()).isEqualTo("bad");
    }

    @Test
    void knowsTheSpellingOfConfluentsImagesToo() {
        assertThat(read(VALID, Map.of("MILLRACE_TRAINING_BATCH___SIZE", "64")).learner().batchSize()).isEqualTo(64);
    }

    @Test
    void takesListsAndMapsAsYamlOrJson() {
        ApplicationConfig config = read(VALID, Map.of("MILLRACE_FEATURES", "[\"a\", {\"log1p\": \"b\"}]", "MILLRACE_MODEL_HIDDEN_UNITS",
                "[8, 8]", "MILLRACE_TRAINING_OPTIMIZER", "{name: sgd, clipnorm: 5}"));
        assertThat(config.learner().features()).containsExactly(new Feature.Pick("a", "a"), new Feature.Log1p("log1p_b", "b"));
        assertThat(config.learner().network().layers()).hasSize(3);
        assertThat(config.learner().training().optimizer()).isEqualTo(
                new Optimizer.Sgd(new LearningRate.Constant(0.01f), 0, false, new Clipping(Clipping.Kind.NORM, 5)));
    }

    @Test
    void turnsAnOptimizersNameIntoAMapToSetItsRate() {
        assertThat(read(with("training: { optimizer: sgd }"), Map.of("MILLRACE_TRAINING_OPTIMIZER_LEARNING_RATE", "0.5")).learner()
                .training().optimizer().learningRate()).isEqualTo(new LearningRate.Constant(0.5f));
    }

    @Test
    void namesTheVariableInAProblem() {
        assertThatThrownBy(() -> read(VALID, Map.of("MILLRACE_TRAINING_BATCH_SIZE", "lots"))).hasMessageContaining(
                "training.batch_size (from MILLRACE_TRAINING_BATCH_SIZE): found \"lots\", allowed: an integer from 1 to 1000000");
        assertThatThrownBy(() -> read(VALID, Map.of("MILLRACE_FEATURES", "[a"))).hasMessageContaining("MILLRACE_FEATURES: found");
    }

    @Test
    void setsKafkaSettings() {
        ApplicationConfig config = read(with("kafka: { bootstrap.servers: file, linger.ms: 1 }"),
                Map.of("KAFKA_BOOTSTRAP_SERVERS", "a:9092,b:9092", "KAFKA_PRODUCER_LINGER_MS", "7", "KAFKA_SSL_KEYSTORE_KEY", "k",
                        "KAFKA_MAIN_CONSUMER_MAX_POLL_RECORDS", "10", "KAFKA_GROUP_INSTANCE_ID", "i"));
        assertThat(config.kafka()).containsOnly(Map.entry("bootstrap.servers", "a:9092,b:9092"), Map.entry("linger.ms", "1"),
                Map.entry("producer.linger.ms", "7"), Map.entry("ssl.keystore.key", "k"),
                Map.entry("main.consumer.max.poll.records", "10"), Map.entry("group.instance.id", "i"));
    }

    @Test
    void ignoresVariablesOfOthers() {
        List<String> warnings = new ArrayList<>();
        ApplicationConfig config = ConfigurationReader.read(Configurations.file(VALID),
                Map.of("KAFKA_OPTS", "-x", "KAFKA_HOME", "/x", "KAFKA_HEAP_OPTS", "-Xmx1g", "KAFKA_LOG4J_OPTS", "x", "KAFKA_JMX_PORT", "1",
                        "KAFKA_CLUSTER_ID", "x", "MILLRACE_PORT", "tcp://10.0.0.1:80", "MILLRACE_SERVICE_HOST", "10.0.0.1",
                        "MILLRACE_PORT_80_TCP_ADDR", "10.0.0.1", "MILLRACE_SERVICE_PORT_HTTP", "80"),
                warnings::add);
        assertThat(config).isEqualTo(read(VALID));
        assertThat(warnings).isEmpty();
    }

    @Test
    void countsAnEmptyVariableAsUnset() {
        assertThat(read(VALID, Map.of("MILLRACE_NAME", "", "KAFKA_CLIENT_ID", ""))).isEqualTo(read(VALID));
    }

    @Test
    void warnsAboutAVariableThatIsProbablyMisspelled() {
        List<String> warnings = new ArrayList<>();
        ConfigurationReader.read(Configurations.file(VALID),
                Map.of("MILLRACE_TRAINING_BATCHSIZE", "64", "KAFKA_BOOTSTRAP_SERVER", "x"), warnings::add);
        assertThat(warnings).containsExactly(
                "the variable KAFKA_BOOTSTRAP_SERVER is ignored; did you mean KAFKA_BOOTSTRAP_SERVERS?",
                "the variable MILLRACE_TRAINING_BATCHSIZE is ignored; did you mean MILLRACE_TRAINING_BATCH_SIZE?");
    }

    @Test
    void readsSecretsFromFiles(@TempDir Path directory) throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), " s3cret \n");
        assertThat(read(VALID, Map.of("KAFKA_SSL_KEY_PASSWORD_FILE", secret.toString())).kafka())
                .containsExactly(Map.entry("ssl.key.password", " s3cret "));
        Path topic = Files.writeString(directory.resolve("topic"), "from-file\r\n");
        assertThat(read(VALID, Map.of("MILLRACE_TOPICS_FEATURES_FILE", topic.toString())).topics().features()).isEqualTo("from-file");
    }

    @Test
    void aSettingWhoseNameEndsInFileIsNotReadFromOne() {
        assertThat(read(VALID, Map.of("KAFKA_SASL_OAUTHBEARER_ASSERTION_FILE", "/assertion")).kafka())
                .containsExactly(Map.entry("sasl.oauthbearer.assertion.file", "/assertion"));
    }

    @Test
    void refusesAFileThatIsNotThereAndAValueGivenTwice() {
        assertThatThrownBy(() -> read(VALID, Map.of("KAFKA_SSL_KEY_PASSWORD_FILE", "/no/such/file")))
                .hasMessageContaining("KAFKA_SSL_KEY_PASSWORD_FILE: found \"/no/such/file\", allowed: a file that can be read");
        assertThatThrownBy(() -> read(VALID, Map.of("MILLRACE_NAME", "a", "MILLRACE_NAME_FILE", "/x")))
                .hasMessageContaining("found a second variable, MILLRACE_NAME_FILE");
    }
}
