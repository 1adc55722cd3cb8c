package dev.millrace.bench;

import dev.millrace.nn.Network;
import dev.millrace.nn.Trainer;
import dev.millrace.nn.TrainingState;
import dev.millrace.nn.Workspace;
import dev.millrace.nn.kernel.Kernels;
import dev.millrace.nn.kernel.PeakRate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * How near to the limit of one core training and predicting come: each network's step and prediction, for one sample and for a
 * batch, beside the core's rate of multiply-adds and the same network written with EJML. All subjects take turns.
 */
public final class KernelsBenchmark {
    private static final long WARM_UP_NANOS = 1_500_000_000L;
    private static final long ROUND_NANOS = 60_000_000L;
    private static final int PREDICTED_BATCH = 64;

    /**
     * One subject's figures.
     *
     * @param task {@code train}, {@code train_1}, {@code predict_1} or {@code predict_64}
     * @param micros time of one step or prediction of the whole batch
     * @param peakShare of the core's peak rate
     * @param ejmlRatio how many times longer EJML takes
     */
    public record Result(String net, String layers, String task, int batch, double micros, double samplesPerSecond, double gflops,
            double peakShare, double ejmlRatio) {
    }

    /**
     * All figures.
     *
     * @param kernels what computed
     * @param peakGflops the core's rate of fused multiply-adds, in 10⁹ operations a second
     */
    public record Report(String kernels, double peakGflops, List<Result> results) {
    }

    /** What is measured, and its twin. */
    private record Subject(BenchmarkNet net, String task, int batch, double operations, Stopwatch own, Stopwatch ejml) {
    }

    private final int rounds;
    private float sink; // results end here, so that no compiler leaves them out

    private KernelsBenchmark(int rounds) {
        this.rounds = rounds;
    }

    /**
     * Measures.
     *
     * @param names of the networks, such as N1; empty for all
     * @param rounds over which medians are taken
     * @param progress is told what is done, as a share and in words
     * @throws IllegalStateException without the vector module: there is no peak to compare with
     */
    public static Report run(List<String> names, int rounds, Consumer<String> progress) {
        if (!Kernels.vectorised()) {
            throw new IllegalStateException("the virtual machine runs without --add-modules " + Kernels.VECTOR_MODULE);
        }
        return new KernelsBenchmark(rounds).measure(names, progress);
    }

    /** The names of the networks. */
    public static List<String> networks() {
        return BenchmarkNet.all().stream().map(BenchmarkNet::name).toList();
    }

    private Report measure(List<String> names, Consumer<String> progress) {
        Stopwatch peak = new Stopwatch(() -> sink += PeakRate.run(), rounds);
        progress.accept("peak rate");
        peak.warmUp(WARM_UP_NANOS / 3);
        List<Subject> subjects = new ArrayList<>();
        for (BenchmarkNet net : BenchmarkNet.all()) {
            if (names.isEmpty() || names.contains(net.name())) {
                progress.accept("warming up " + net.name());
                subjects.add(training(net, "train", net.batch()));
                subjects.add(training(net, "train_1", 1));
                subjects.add(prediction(net, "predict_1", 1));
                subjects.add(prediction(net, "predict_" + PREDICTED_BATCH, PREDICTED_BATCH));
            }
        }
        // Twice: what the compiler took for granted with the first subjects, the next ones may refute.
        for (int pass = 0; pass < 2; pass++) {
            for (Subject subject : subjects) {
                subject.own.warmUp(WARM_UP_NANOS / 2);
                subject.ejml.warmUp(WARM_UP_NANOS / 2);
            }
        }
        for (int round = 0; round < rounds; round++) {
            progress.accept("round " + (round + 1) + " of " + rounds);
            for (Subject subject : subjects) {
                subject.own.round(ROUND_NANOS);
                subject.ejml.round(ROUND_NANOS);
            }
            peak.round(ROUND_NANOS);
        }
        double peakGflops = PeakRate.operations() / peak.medianNanos();
        return new Report(Kernels.create().toString(), peakGflops, subjects.stream().map(subject -> result(subject, peakGflops)).toList());
    }

    private static Result result(Subject subject, double peakGflops) {
        double nanos = subject.own.medianNanos();
        double gflops = subject.operations / nanos;
        return new Result(subject.net.name(), subject.net.toString(), subject.task, subject.batch, nanos / 1e3, subject.batch * 1e9 / nanos,
                gflops, gflops / peakGflops, subject.ejml.medianNanos() / nanos);
    }

    private Subject training(BenchmarkNet net, String task, int batch) {
        Trainer trainer = new Trainer(new Network(net.spec()), net.training(), batch);
        TrainingState state = trainer.initialState(1);
        EjmlNet ejml = new EjmlNet(net, batch);
        Batches own = new Batches(net, batch);
        Batches twins = new Batches(net, batch);
        return new Subject(net, task, batch, net.stepOperations(batch), new Stopwatch(() -> {
            own.next();
            if (!trainer.step(state, own.x(), own.y(), null, batch)) {
                throw new IllegalStateException("a step of " + net.name() + " was refused");
            }
        }, rounds), new Stopwatch(() -> {
            twins.next();
            sink += ejml.step(twins.x(), twins.y());
        }, rounds));
    }

    private Subject prediction(BenchmarkNet net, String task, int batch) {
        Network network = new Network(net.spec());
        Workspace workspace = network.workspace(batch);
        float[] parameters = network.initialParameters(1);
        float[] outputs = new float[batch * net.outputs()];
        EjmlNet ejml = new EjmlNet(net, batch);
        Batches own = new Batches(net, batch);
        Batches twins = new Batches(net, batch);
        return new Subject(net, task, batch, net.predictionOperations(batch), new Stopwatch(() -> {
            own.next();
            network.predict(parameters, own.x(), batch, outputs, workspace);
        }, rounds), new Stopwatch(() -> {
            twins.next();
            sink += ejml.predict(twins.x());
        }, rounds));
    }
}
