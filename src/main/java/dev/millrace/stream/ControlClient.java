package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tells a running learner a command and waits until it has said what became of it. */
public final class ControlClient {
    private static final Duration BROKER_PATIENCE = Duration.ofSeconds(15);

    /**
     * What a learner said.
     *
     * @param done whether the command was carried out
     * @param json the whole record of the evaluation topic
     */
    public record Acknowledgement(boolean done, JsonNode json) {
    }

    private ControlClient() {
    }

    /**
     * Sends a command.
     *
     * @param patience for the answer of the learner
     * @throws StartException if no broker answers, a topic does not exist, or nobody obeys in time; the command then stays in the topic
     *             and is obeyed when a learner runs
     */
    public static Acknowledgement send(ApplicationConfig config, LearnerCommand command, Duration patience) throws InterruptedException {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(ClientSettings.consumer(config));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(ProducerSettings.of(config), new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            partitions(consumer, config.topics().control());
            Collection<TopicPartition> told = partitions(consumer, config.topics().evaluation());
            consumer.assign(told);
            // Now, and not with the first poll: the answer must not have been written before.
            Map<TopicPartition, Long> ends = consumer.endOffsets(told, BROKER_PATIENCE);
            ends.forEach(consumer::seek);
            byte[] key = config.name().getBytes(StandardCharsets.UTF_8);
            byte[] value = command.json().toString().getBytes(StandardCharsets.UTF_8);
            long offset = producer.send(new ProducerRecord<>(config.topics().control(), 0, key, value))
                    .get(BROKER_PATIENCE.toMillis(), TimeUnit.MILLISECONDS).offset();
            return await(consumer, config, offset, patience);
        } catch (ExecutionException e) {
            throw failure(config, e.getCause() == null ? e : e.getCause());
        } catch (KafkaException | java.util.concurrent.TimeoutException e) {
            throw failure(config, e);
        }
    }

    private static List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer, String topic) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic, BROKER_PATIENCE).stream()
                .map(info -> new TopicPartition(topic, info.partition())).toList();
        if (partitions.isEmpty()) {
            throw new StartException("Topic " + topic + " does not exist. Create the topics with: millrace topics create --config FILE");
        }
        return partitions;
    }

    private static Acknowledgement await(KafkaConsumer<byte[], byte[]> consumer, ApplicationConfig config, long offset,
            Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                JsonNode json = json(record.value());
                if (json.path("type").asString("").equals("command") && json.path("model").asString("").equals(config.name())
                        && json.path("control_offset").asLong(-1) == offset) {
                    return new Acknowledgement(json.path("result").asString("").equals("done"), json);
                }
            }
        }
        throw new StartException(
                "The command is in " + config.topics().control() + " at offset " + offset + ", but no learner has obeyed within "
                        + patience.toSeconds() + " s. Is one running? It will obey when it starts");
    }

    private static JsonNode json(byte[] value) {
        try {
            return JsonMapper.shared().readTree(value);
        } catch (JacksonException e) {
            return JsonMapper.shared().missingNode();
        }
    }

    private static StartException failure(ApplicationConfig config, Throwable error) {
        String known = ClientErrors.explain(error);
        if (known != null) {
            return new StartException(known);
        }
        if (error instanceof TimeoutException || error instanceof java.util.concurrent.TimeoutException) {
            return new StartException("No Kafka broker answers at " + config.bootstrapServers() + " (waited " + BROKER_PATIENCE.toSeconds()
                    + " s). Is it running, and is kafka: bootstrap.servers right?");
        }
        return new StartException("The command cannot be sent: " + error.getMessage());
    }
}
