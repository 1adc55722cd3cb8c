package dev.millrace.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {
    @TempDir
    Path directory;

    @Test
    void keepsItsRecordsOverARestartOnTheSameDirectoryAndPort() throws Exception {
        String address;
        try (EmbeddedKafka kafka = EmbeddedKafka.start(new EmbeddedKafka.Options(1, 0, Optional.of(directory)))) {
            address = kafka.bootstrapServers();
            createTopic(address, "river", (short) 1);
            send(address, "river", "first");
        }
        int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
        try (EmbeddedKafka kafka = EmbeddedKafka.start(new EmbeddedKafka.Options(1, port, Optional.of(directory)))) {
            assertThat(kafka.bootstrapServers()).isEqualTo(address);
            send(address, "river", "second");
            assertThat(read(address, "river", 2)).containsExactly("first", "second");
        }
        assertThat(directory.resolve("node-0")).exists();
    }

    @Test
    void createsNoTopicUnasked() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(); Admin admin = admin(kafka.bootstrapServers())) {
            createTopic(kafka.bootstrapServers(), "asked", (short) 1);
            try (KafkaConsumer<String, String> consumer = consumer(kafka.bootstrapServers())) {
                assertThat(consumer.partitionsFor("unasked")).isEmpty();
            }
            await().untilAsserted(() -> assertThat(admin.listTopics().names().get()).containsExactly("asked"));
        }
    }

    @Test
    void saysWhichPortIsInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EmbeddedKafka.start(new EmbeddedKafka.Options(1, taken.getLocalPort(), Optional.empty())))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("port " + taken.getLocalPort() + " is in use");
        }
    }

    @Test
    void threeNodesServeOnWhenOneStops() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(new EmbeddedKafka.Options(3, 0, Optional.empty()))) {
            String servers = kafka.bootstrapServers();
            createTopic(servers, "river", (short) 3);
            send(servers, "river", "first");
            kafka.stopNode(2);
            send(servers, "river", "second");
            kafka.startNode(2);
            assertThat(read(servers, "river", 2)).containsExactly("first", "second");
        }
    }

    private static void createTopic(String servers, String topic, short replication) throws Exception {
        try (Admin admin = admin(servers)) {
            admin.createTopics(List.of(new NewTopic(topic, 1, replication))).all().get(30, TimeUnit.SECONDS);
        }
    }

    private static void send(String servers, String topic, String value) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, 0, null, value)).get(60, TimeUnit.SECONDS);
        }
    }

    private static List<String> read(String servers, String topic, int count) {
        try (KafkaConsumer<String, String> consumer = consumer(servers)) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<String> values = new ArrayList<>();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (values.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
            return values;
        }
    }

    private static KafkaConsumer<String, String> consumer(String servers) {
        return new KafkaConsumer<>(Map.of("bootstrap.servers", servers), new StringDeserializer(), new StringDeserializer());
    }

    private static Admin admin(String servers) {
        return Admin.create(Map.of("bootstrap.servers", servers));
    }
}
