package dev.millrace.nn;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A program that trains four networks and prints a checksum of all numbers of their training state after 1, 2, 5, 10, 20, … steps,
 * as lines {@code N1 100 1a2b3c4d}. Run by {@link TrainingBitsIT} in virtual machines of every kind.
 */
final class TrainingBits {
    private static final LearningRate RATE = new LearningRate.Constant(0.001f);
    private static final Optimizer SGD = new Optimizer.Sgd(RATE, 0, false, Clipping.NONE);
    private static final Optimizer ADAM = new Optimizer.Adam(RATE, 0.9f, 0.999f, 1e-7f, false, Clipping.NONE);

    private TrainingBits() {
    }

    /**
     * Trains.
     *
     * @param arguments the number of steps of each network, that of the largest one, and after how many seconds to go on to the next
     */
    public static void main(String[] arguments) {
        int steps = Integer.parseInt(arguments[0]);
        int stepsOfLargest = Integer.parseInt(arguments[1]);
        long nanos = Long.parseLong(arguments[2]) * 1_000_000_000L;
        Loss squares = new Loss.MeanSquaredError();
        Dense linear = new Dense("out", 1, Activation.LINEAR);
        train("N1", steps, nanos, 100, squares, SGD, 8, new Dense("a", 10, Activation.RELU), new Dense("b", 10, Activation.RELU), linear);
        train("N1x1", steps, nanos, 1, squares, SGD, 8, new Dense("a", 10, Activation.RELU), new Dense("b", 10, Activation.TANH), linear);
        train("N2", steps, nanos, 32, squares, ADAM, 32, new Dense("a", 64, Activation.RELU), new Dense("b", 50, Activation.SIGMOID),
                new Dense("c", 40, Activation.RELU), new Dense("out", 10, Activation.SOFTMAX));
        train("N3", steps, nanos, 100, new Loss.SparseCategoricalCrossentropy(false), SGD, 784, new Dense("a", 100, Activation.RELU),
                new Dense("b", 100, Activation.RELU), new Dense("out", 10, Activation.SOFTMAX));
        train("N4", stepsOfLargest, nanos, 256, squares, ADAM, 256, new Dense("a", 1024, Activation.RELU),
                new Dense("b", 512, Activation.RELU),
                linear);
    }

    private static void train(String name, int steps, long nanos, int batch, Loss loss, Optimizer optimizer, int inputs, Layer... layers) {
        Network network = new Network(new NetworkSpec(inputs, List.of(layers)));
        Trainer trainer = new Trainer(network, new TrainingSpec(loss, Loss.Reduction.SUM_OVER_BATCH_SIZE, optimizer), batch);
        TrainingState state = trainer.initialState(1);
        int outputs = network.spec().outputs();
        int targetWidth = loss.targetWidth(outputs);
        RandomStream random = new RandomStream(2, 0);
        float[] x = new float[batch * inputs];
        float[] y = new float[batch * targetWidth];
        long start = System.nanoTime();
        int next = 1;
        for (int step = 1; step <= steps && System.nanoTime() - start < nanos; step++) {
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) (random.nextUniform() * 4 - 2);
            }
            for (int i = 0; i < y.length; i++) {
                y[i] = (float) (targetWidth < outputs ? Math.floor(random.nextUniform() * outputs) : random.nextUniform());
            }
            if (!trainer.step(state, x, y, null, batch)) {
                throw new AssertionError(name + ": step " + step + " was refused");
            }
            if (step == next) {
                System.out.printf("%s %d %08x%n", name, step, checksum(state, trainer));
                next = Integer.toString(step).charAt(0) == '2' ? step / 2 * 5 : step * 2;
            }
        }
    }

    private static long checksum(TrainingState state, Trainer trainer) {
        CRC32C checksum = new CRC32C();
        update(checksum, state.parameters());
        for (int i = 0; i < state.slotCount(); i++) {
            update(checksum, state.slot(i));
        }
        update(checksum, trainer.outputs());
        checksum.update(ByteBuffer.allocate(16).putDouble(trainer.dataLoss()).putDouble(trainer.gradientNorm()).flip());
        return checksum.getValue();
    }

    private static void update(CRC32C checksum, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
        bytes.asFloatBuffer().put(values);
        checksum.update(bytes);
    }
}
