package dev.millrace.stream;

import dev.millrace.config.ApplicationConfig;
import dev.millrace.learn.OnlineLearner;
import dev.millrace.learn.Outcome;
import dev.millrace.learn.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.api.Record;

/**
 * What comes of the records of one partition when no Kafka is between them and the learner: every answer, letter,
 * figure and weight.
 */
final class Undisturbed {
    /** An answer: the record's key, and its value with the version that gave it. */
    record Answer(String key, String value) {
    }

    /** A dead letter: the record's key and why. */
    record Letter(String key, String reason) {
    }

    final OnlineLearner learner;
    final List<Answer> answers = new ArrayList<>();
    final List<Letter> letters = new ArrayList<>();
    /** Of the evaluation topic, but for starts. */
    final List<String> evaluation = new ArrayList<>();
    private final List<String> batch = new ArrayList<>();
    private final EvaluationRecords evaluationRecords;

    Undisturbed(ApplicationConfig config, List<ConsumerRecord<byte[], byte[]>> records) {
        learner = new OnlineLearner(config.learner());
        evaluationRecords = new EvaluationRecords(config.name(), records.getFirst().topic() + "-0", learner);
        RecordReader reader = new RecordReader(config.format(), learner, RecordReader.ANY_SIZE);
        AnswerWriter writer = new AnswerWriter(config.name(), config.learner().label());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            String key = text(record.key());
            Rejection rejection = reader.read(new Record<>(record.key(), record.value(), record.timestamp()));
            if (rejection != null) {
                letters.add(new Letter(key, rejection.reason().id()));
            } else if (reader.examples().labelled()) {
                batch.add(key);
                learn(learner.learn(reader.examples().get(0), record.timestamp()), record);
            } else {
                answers.add(new Answer(key, text(writer.answer(reader.examples(), learner::predict, learner.version()))));
            }
        }
    }

    private void learn(Outcome outcome, ConsumerRecord<byte[], byte[]> last) {
        if (outcome == Outcome.REFUSED) {
            evaluation.add(text(evaluationRecords.stepRefused(learner, last.offset() + 1, 0).value()));
            batch.forEach(key -> letters.add(new Letter(key, "step_refused")));
        }
        if (evaluationRecords.windowFinished(learner)) {
            evaluation.add(text(evaluationRecords.window(learner, last.offset() + 1, 0).value()));
        }
        if (outcome != Outcome.PENDING) {
            batch.clear();
        }
    }

    static List<Answer> answers(List<ConsumerRecord<byte[], byte[]>> predictions) {
        return predictions.stream().map(record -> new Answer(text(record.key()), text(record.value()))).toList();
    }

    static List<Letter> letters(Stream<ConsumerRecord<byte[], byte[]>> deadLetters) {
        return deadLetters.map(record -> new Letter(text(record.key()), Broker.header(record, DeadLetters.REASON))).toList();
    }

    /** Without starts, which the faults decide, and without the guard, which is not part of a learner. */
    static List<String> evaluation(List<ConsumerRecord<byte[], byte[]>> told) {
        return told.stream().map(record -> text(record.value()))
                .filter(json -> !json.contains("\"type\":\"started\"") && !json.contains("_than_baseline\"")).toList();
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
