package dev.millrace.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.ProduceCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The produce command as it is run, against a real broker. */
class ProduceIT {
    @TempDir
    Path directory;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void sendsRowsInTurnToAllPartitionsAndHidesLabels() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
                admin.createTopics(List.of(new NewTopic("river", 2, (short) 1))).all().get(30, TimeUnit.SECONDS);
            }
            Path config = config(kafka.bootstrapServers());
            Path data = Files.writeString(directory.resolve("rows.csv"), "id,x,y\nk1,1,10\nk2,2,20\nk3,3,30\n");
            assertThat(
                    produce("--config", config, "--data", data, "--topic", "river", "--epochs", "2", "--unlabelled", "0.5", "--limit", "5"))
                    .as("%s", err).isZero();
            assertThat(out.toString()).startsWith("Sent 5 records (3 labelled, 2 unlabelled) to river in ");
            assertThat(read(kafka.bootstrapServers(), 0, 3)).extracting(ConsumerRecord::value).containsExactly(
                    "{\"id\":\"k1\",\"x\":1,\"y\":10}", "{\"id\":\"k3\",\"x\":3,\"y\":30}", "{\"id\":\"k2\",\"x\":2,\"y\":20}");
            assertThat(read(kafka.bootstrapServers(), 1, 2)).extracting(ConsumerRecord::value).containsExactly(
                    "{\"id\":\"k2\",\"x\":2}", "{\"id\":\"k1\",\"x\":1}");

            assertThat(produce("--config", config, "--data", data, "--topic", "river", "--key", "id", "--json")).as("%s", err).isZero();
            assertThat(out.toString()).contains("{\"topic\":\"river\",\"labelled\":3,\"unlabelled\":0,");
            List<ConsumerRecord<String, String>> all = new ArrayList<>(read(kafka.bootstrapServers(), 0, 3));
            all.addAll(read(kafka.bootstrapServers(), 1, 2));
            assertThat(all).extracting(ConsumerRecord::key).contains("k1", "k2", "k3");

            Path housing = Files.writeString(directory.resolve("housing.yaml"),
                    Files.readString(config).replace("[x]", "[median_income]").replace("field: y", "field: median_house_value"));
            assertThat(produce("--config", housing, "--demo", "--topic", "river", "--limit", "100001")).as("%s", err).isZero();
            assertThat(out.toString()).contains("Sent 100,001 records");
            assertThat(produce("--config", config, "--demo", "--topic", "river")).isEqualTo(1);
            assertThat(err.toString()).contains("the invented stream has no field x");
            assertThat(produce("--config", config, "--topic", "river")).isEqualTo(2);
            assertThat(err.toString()).contains("Give either --data CSV or --demo.");

            assertThat(produce("--config", config, "--data", data, "--topic", "sea")).isEqualTo(1);
            assertThat(err.toString()).contains("topic sea does not exist");
        }
    }

    private Path config(String servers) throws Exception {
        return Files.writeString(directory.resolve("river.yaml"), """
                name: river
                kafka: { bootstrap.servers: "%s", max.block.ms: "2000" }
                features: [x]
                label: { field: y }
                model: { preset: dnn_regressor, hidden_units: [2] }
                """.formatted(servers));
    }

    private int produce(Object... arguments) {
        return new CommandLine(new ProduceCommand()).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true))
                .execute(List.of(arguments).stream().map(Object::toString).toArray(String[]::new));
    }

    /** All records of a partition, at least so many. */
    private static List<ConsumerRecord<String, String>> read(String servers, int partition, int atLeast) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", servers), new StringDeserializer(),
                new StringDeserializer())) {
            TopicPartition only = new TopicPartition("river", partition);
            consumer.assign(List.of(only));
            consumer.seekToBeginning(List.of(only));
            long end = consumer.endOffsets(List.of(only)).get(only);
            assertThat(end).isGreaterThanOrEqualTo(atLeast);
            List<ConsumerRecord<String, String>> records = new ArrayList<>();
            while (consumer.position(only) < end) {
                consumer.poll(Duration.ofMillis(100)).records(only).forEach(records::add);
            }
            return records;
        }
    }
}
