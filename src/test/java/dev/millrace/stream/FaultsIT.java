package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.millrace.snapshot.Snapshot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults in a row while records come in without a pause. After each the application has to answer new records again; at the end
 * everything that a consumer of committed records sees is compared with what a learner gives that nobody disturbed: each
 * unlabelled record has one answer, each labelled one is in one step, each unusable one has its dead letter, and the weights are
 * the same bit for bit.
 *
 * <p>
 * {@code -Dfaults=N} inflicts N faults in each test instead of a few, {@code -Dfaults.seed=S} repeats a run's choices.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class FaultsIT {
    private static final long SEED = Long.getLong("faults.seed", new Random().nextLong());
    /** More than this model has, transaction markers included; the whole changelog has hundreds of times as many records. */
    private static final int CHUNKS_OF_ONE_COMMIT = 30;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    static Path archives;

    /** As the launcher makes it. */
    private static Path archive;

    @TempDir
    Path directory;

    private final Random random = new Random(SEED);
    private final Map<Fault, LongSummaryStatistics> millisToAnswer = new EnumMap<>(Fault.class);

    @BeforeAll
    static void archiveClasses() throws Exception {
        archive = archives.resolve("millrace.jsa");
        String flags = "-XX:ArchiveClassesAtExit=" + archive + " -Xlog:disable";
        Map<String, String> environment = Map.of("JDK_JAVA_OPTIONS", flags);
        try (MillraceProcess demo = MillraceProcess.start(archives, environment, "demo", "--records", "2000", "--rate", "0")) {
            assertThat(demo.await(PATIENCE).exitCode()).as(demo.output()).isZero();
        }
        assertThat(archive).exists();
    }

    /** One partition: every single answer is known beforehand, because the live weights give it. */
    @Test
    void oneBrokerAndOnePartition() throws Exception {
        try (BrokerProcesses brokers = new BrokerProcesses(directory, 1);
                Broker broker = new Broker(directory, brokers.servers());
                Fleet fleet = new Fleet(directory, archive, broker, "one", 1)) {
            disturb(broker, brokers, fleet, 1, Integer.getInteger("faults", 4));
            Undisturbed expected = new Undisturbed(fleet.config(), broker.readAll(fleet.config(), fleet.config().topics().features()));
            assertWeights(broker, fleet, expected);
            assertAnswers(Undisturbed.answers(broker.readAll(fleet.config(), fleet.config().topics().predictions())), expected.answers);
            assertThat(Undisturbed.letters(broker.readAll(fleet.config(), fleet.config().topics().deadLetters()).stream()))
                    .as("seed %s", SEED).isEqualTo(expected.letters);
            assertEvaluation(broker, fleet, expected);
        }
    }

    /** Three of each: the order in which partitions meet is not known, but what was made of it is. */
    @Test
    void threeBrokersAndThreePartitions() throws Exception {
        try (BrokerProcesses brokers = new BrokerProcesses(directory, 3);
                Broker broker = new Broker(directory, brokers.servers());
                Fleet fleet = new Fleet(directory, archive, broker, "three", 3)) {
            int count = disturb(broker, brokers, fleet, 3, Integer.getInteger("faults", 1));
            List<ConsumerRecord<byte[], byte[]>> labelled = broker.readAll(fleet.config(), fleet.config().topics().labelled());
            assertNumbers(labelled, numbers(count, Traffic.Kind.LABELLED, Traffic.Kind.POISON));
            Undisturbed expected = new Undisturbed(fleet.config(), labelled);
            assertWeights(broker, fleet, expected);
            List<ConsumerRecord<byte[], byte[]>> predictions = broker.readAll(fleet.config(), fleet.config().topics().predictions());
            assertNumbers(predictions, numbers(count, Traffic.Kind.UNLABELLED));
            assertNeverForgotten(predictions);
            List<ConsumerRecord<byte[], byte[]>> letters = broker.readAll(fleet.config(), fleet.config().topics().deadLetters());
            assertThat(Undisturbed.letters(letters.stream().filter(letter -> reason(letter).equals("step_refused"))))
                    .as("seed %s", SEED).isEqualTo(expected.letters);
            assertEvaluation(broker, fleet, expected);
            assertNumbers(letters.stream().filter(letter -> !reason(letter).equals("step_refused")).toList(),
                    numbers(count, Traffic.Kind.BAD));
        }
    }

    /** The copy that an idle instance keeps is used: what it has to read is at most what the last commit wrote. */
    @Test
    void aStandbyTakesOverWithoutReadingTheModelAgain() throws Exception {
        try (BrokerProcesses brokers = new BrokerProcesses(directory, 1);
                Broker broker = new Broker(directory, brokers.servers());
                Fleet fleet = new Fleet(directory, archive, broker, "standby", 1)) {
            fleet.add();
            try (Traffic traffic = new Traffic(broker, fleet.config().topics().features(), 1, 600, SEED);
                    AnswerWatch watch = new AnswerWatch(broker, fleet.config())) {
                awaitAnswers(fleet, watch, 3000, "the start");
                fleet.add();
                Awaitility.await().atMost(PATIENCE).until(() -> standby(fleet) >= 0);
                int index = standby(fleet);
                MillraceProcess standby = fleet.get(index).process();
                // A copy for longer than a takeover may last, by the records' rate.
                awaitAnswers(fleet, watch, traffic.produced() + 3000, "the start of the second");
                List<Integer> before = restored(standby);
                long start = System.nanoTime();
                fleet.remove(1 - index);
                // Counted now: until it has ended, the active one answers.
                awaitAnswers(fleet, watch, traffic.produced(), "the end of the active");
                double seconds = (System.nanoTime() - start) / 1e9;
                List<Integer> after = restored(standby);
                assertThat(after).as(standby.output()).hasSize(before.size() + 1);
                System.out.printf("a standby answers new records %.2f s after SIGTERM to the active, having restored %d records%n", seconds,
                        after.getLast());
                assertThat(lastRestoreSeconds(standby)).as("without the time it was a copy").isLessThan(seconds);
                assertThat(after.getLast()).isLessThan(CHUNKS_OF_ONE_COMMIT);
            }
        }
    }

    /** Which of two instances has only a copy that is up to date: Kafka Streams may give the task to the new one. Or -1. */
    private static int standby(Fleet fleet) {
        return IntStream.range(0, fleet.size()).filter(i -> fleet.get(i).process().output().contains("is up to date")).findFirst()
                .orElse(-1);
    }

    /** How many records an instance has read each time before it could go on. */
    private static List<Integer> restored(MillraceProcess process) {
        return Pattern.compile("Restored ([0-9]+) records").matcher(process.output()).results()
                .map(result -> Integer.valueOf(result.group(1))).toList();
    }

    private static double lastRestoreSeconds(MillraceProcess process) {
        return Pattern.compile("restored in ([0-9.]+) s").matcher(process.output()).results()
                .mapToDouble(result -> Double.parseDouble(result.group(1))).reduce((_, last) -> last).orElseThrow();
    }

    /** Gives the number of records. */
    private int disturb(Broker broker, BrokerProcesses brokers, Fleet fleet, int partitions, int faults) throws Exception {
        System.out.printf("%d faults on %d partitions, -Dfaults.seed=%d%n", faults, partitions, SEED);
        fleet.add();
        try (Traffic traffic = new Traffic(broker, fleet.config().topics().features(), partitions, 600, SEED);
                AnswerWatch watch = new AnswerWatch(broker, fleet.config())) {
            awaitAnswers(fleet, watch, 0, "the start");
            for (int i = 0; i < faults; i++) {
                // The commonest one is in every run, however short.
                Fault fault = i == 0 && brokers.count() == 1 ? Fault.KILL_LEARNER : choose(fleet, brokers);
                Fault.pause(Duration.ofMillis(random.nextInt(1500)));
                int next = traffic.produced();
                long start = System.nanoTime();
                fault.inflict(fleet, brokers, random);
                awaitAnswers(fleet, watch, next, "fault " + (i + 1) + ", " + fault);
                long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
                millisToAnswer.computeIfAbsent(fault, _ -> new LongSummaryStatistics()).accept(millis);
                System.out.printf("  %3d %-20s %5d ms until new records are answered, %d instances%n", i + 1, fault, millis, fleet.size());
            }
            traffic.finish();
            int last = traffic.produced();
            for (int partition = 0; partition < partitions; partition++) {
                int own = partition;
                int lastAnswer = IntStream.iterate(last - 1, n -> n - 1)
                        .filter(n -> Traffic.partition(n, partitions) == own && Traffic.kind(n) == Traffic.Kind.UNLABELLED).findFirst()
                        .orElseThrow();
                awaitOne(fleet, watch, own, lastAnswer);
            }
            millisToAnswer.forEach((fault, millis) -> System.out.printf("%-20s %3d times, %d to %d ms, mean %.0f%n", fault,
                    millis.getCount(), millis.getMin(), millis.getMax(), millis.getAverage()));
            return last;
        }
    }

    /** As equality of the lists, but says where they part: there are thousands. */
    private static void assertAnswers(List<Undisturbed.Answer> answers, List<Undisturbed.Answer> expected) {
        for (int i = 0; i < Math.min(answers.size(), expected.size()); i++) {
            assertThat(answers.get(i)).as("answer %d of %d, expected are %d, seed %d", i, answers.size(), expected.size(), SEED)
                    .isEqualTo(expected.get(i));
        }
        assertThat(answers).as("seed %d", SEED).hasSameSizeAs(expected);
    }

    private Fault choose(Fleet fleet, BrokerProcesses brokers) {
        List<Fault> possible = Stream.of(Fault.values()).filter(fault -> fault.applies(fleet, brokers)).toList();
        return possible.get(random.nextInt(possible.size()));
    }

    private static void awaitAnswers(Fleet fleet, AnswerWatch watch, int number, String what) {
        if (!watch.await(number, PATIENCE, fleet::assertAlive)) {
            fail("no answers to new records %s after %s, seed %d; newest %s of %d%n%s", PATIENCE, what, SEED, watch.newest(), number,
                    fleet.report());
        }
    }

    private static void awaitOne(Fleet fleet, AnswerWatch watch, int partition, int number) {
        if (!watch.await(partition, number, PATIENCE, fleet::assertAlive)) {
            fail("the last record, %d of partition %d, is not answered, seed %d; newest %s%n%s", number, partition, SEED,
                    watch.newest(), fleet.report());
        }
    }

    private static void assertWeights(Broker broker, Fleet fleet, Undisturbed expected) {
        Snapshot snapshot = broker.awaitSnapshot(fleet.config(), expected.learner.version());
        assertThat(snapshot.weightsSha256()).as("seed %s", SEED).isEqualTo(Snapshot.weightsSha256(expected.learner));
        assertThat(snapshot.learner().labelled()).as("seed %s", SEED).isEqualTo(expected.learner.labelled());
    }

    private static void assertEvaluation(Broker broker, Fleet fleet, Undisturbed expected) {
        List<ConsumerRecord<byte[], byte[]>> told = broker.readAll(fleet.config(), fleet.config().topics().evaluation());
        assertThat(expected.evaluation).isNotEmpty();
        assertThat(Undisturbed.evaluation(told)).as("seed %s", SEED).isEqualTo(expected.evaluation);
        assertThat(told.size()).as("starts are told too").isGreaterThan(expected.evaluation.size());
    }

    private static List<Integer> numbers(int count, Traffic.Kind... kinds) {
        return IntStream.range(0, count).filter(n -> Stream.of(kinds).anyMatch(kind -> kind == Traffic.kind(n))).boxed().toList();
    }

    private static void assertNumbers(List<ConsumerRecord<byte[], byte[]>> records, List<Integer> expected) {
        List<Integer> found = new ArrayList<>(records.stream().map(record -> Traffic.number(record.key())).toList());
        found.sort(Comparator.naturalOrder());
        assertThat(found).as("seed %s", SEED).isEqualTo(expected);
    }

    /** Once a partition has been answered by a model that has learned, it is never answered by a fresh one. */
    private static void assertNeverForgotten(List<ConsumerRecord<byte[], byte[]>> predictions) {
        boolean[] learned = new boolean[3];
        for (ConsumerRecord<byte[], byte[]> record : predictions) {
            boolean fresh = new String(record.value(), StandardCharsets.UTF_8).contains("\"version\":0,");
            assertThat(fresh && learned[record.partition()]).as("seed %s, %s", SEED, record).isFalse();
            learned[record.partition()] |= !fresh;
        }
    }

    private static String reason(ConsumerRecord<byte[], byte[]> letter) {
        return Broker.header(letter, DeadLetters.REASON);
    }
}
