package dev.millrace.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.learn.Evaluation.Span;
import dev.millrace.nn.Activation;
import dev.millrace.nn.Loss;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * One pass over well-known streams, tested before trained. The data is not part of the project: without the directory that
 * MILLRACE_DATA or the property millrace.data names, these tests are skipped.
 */
class RealStreamsTest {
    private static Path file(String name) {
        Path directory = Path
                .of(Optional.ofNullable(System.getenv("MILLRACE_DATA")).orElse(System.getProperty("millrace.data", "../shared/data")));
        Path file = directory.resolve(name);
        assumeTrue(Files.exists(file), () -> file + " is not there");
        return file;
    }

    private static List<Feature> picks(String... fields) {
        List<Feature> picks = new ArrayList<>();
        for (String field : fields) {
            picks.add(new Feature.Pick(field, field));
        }
        return picks;
    }

    private static List<String> integers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }

    private static Learners binary(List<Feature> features, String label) {
        return Learners.with(features).label(new Label.Classification(label, List.of("0", "1"))).loss(new Loss.BinaryCrossentropy(true, 0));
    }

    private static Evaluation onePass(OnlineLearner learner, Path file) {
        RawRecord record = learner.schema().newRecord();
        Example example = learner.newExample();
        try (MappingIterator<Map<String, String>> rows = new CsvMapper().readerForMapOf(String.class)
                .with(CsvSchema.emptySchema().withHeader()).readValues(file)) {
            while (rows.hasNext()) {
                Map<String, String> row = rows.next();
                for (RecordSchema.Field field : learner.schema().fields()) {
                    double number = Double.parseDouble(row.get(field.name()));
                    record.numbers[field.offset()] = number;
                    record.texts[field.slot()] = RawRecord.text(number);
                }
                assertThat(learner.encode(record, example)).isNull();
                learner.learn(example, 0);
            }
        }
        assertThat(learner.refusedSteps()).isZero();
        return learner.evaluation();
    }

    @Test
    void electricityPricesAreForeseenBetterThanByNoChange() {
        OnlineLearner learner = binary(picks("period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"), "class").hidden(32)
                .hiddenActivation(Activation.TANH)
                .optimizer(Learners.sgd(0.1f)).learner();
        Evaluation evaluation = onePass(learner, file("electricity.csv"));
        assertThat(evaluation.figure("baseline_last_accuracy", Span.STREAM)).isBetween(0.853, 0.854);
        assertThat(evaluation.figure("baseline_majority_accuracy", Span.STREAM)).isBetween(0.575, 0.576);
        assertThat(evaluation.figure("accuracy", Span.STREAM)).isGreaterThan(0.88);
        assertThat(evaluation.figure("kappa_temporal", Span.STREAM)).isGreaterThan(0.2);
    }

    @Test
    void rainIsForeseenBetterThanByTheMajority() {
        OnlineLearner learner = binary(picks("feat_1", "feat_2", "feat_3", "feat_4", "feat_5", "feat_6", "feat_7", "feat_8"), "target")
                .hidden(64, 32).optimizer(Learners.adagrad(0.05f)).learner();
        Evaluation evaluation = onePass(learner, file("weather.csv"));
        assertThat(evaluation.figure("baseline_majority_accuracy", Span.STREAM)).isBetween(0.68, 0.69);
        assertThat(evaluation.figure("accuracy", Span.STREAM)).isGreaterThan(0.78);
        assertThat(evaluation.figure("kappa", Span.STREAM)).isGreaterThan(0.4);
    }

    @Test
    void bikeRentalsAreForeseenBetterThanByTheLastHour() {
        List<Feature> features = picks("season", "yr", "mnth", "holiday", "workingday", "weathersit", "temp", "atemp", "hum", "windspeed");
        features.add(new Feature.OneHot("hour", "hr", integers(0, 23)));
        features.add(new Feature.OneHot("weekday", "weekday", integers(0, 6)));
        OnlineLearner learner = Learners.with(features).label(new Label.Regression("cnt", 1, 0.01)).hidden(64, 32)
                .optimizer(Learners.adagrad(0.05f)).learner();
        Evaluation evaluation = onePass(learner, file("bikes_hour.csv"));
        assertThat(evaluation.figure("baseline_last_rmse", Span.STREAM)).isBetween(1.01, 1.02);
        assertThat(evaluation.figure("rmse", Span.STREAM)).isLessThan(0.55);
        assertThat(evaluation.figure("r2", Span.STREAM)).isGreaterThan(0.9);
    }
}
