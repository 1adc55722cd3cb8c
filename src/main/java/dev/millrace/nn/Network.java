package dev.millrace.nn;

/** The function a {@link NetworkSpec} describes. Holds no weights and no scratch: safe to share between threads. */
public final class Network {
    public Network(NetworkSpec spec) {
        throw new UnsupportedOperationException();
    }

    public NetworkSpec spec() {
        throw new UnsupportedOperationException();
    }

    public ParameterLayout layout() {
        throw new UnsupportedOperationException();
    }

    /** A new flat array with the initial values the layers' initializers give for that seed. */
    public float[] initialParameters(long seed) {
        throw new UnsupportedOperationException();
    }

    /** Scratch for batches of up to {@code maxBatch} samples. */
    public Workspace workspace(int maxBatch) {
        throw new UnsupportedOperationException();
    }

    /**
     * Evaluates the network.
     *
     * @param parameters flat, in {@link #layout()}; read
     * @param x row-major {@code [n][inputs]}; read
     * @param n number of samples, at most the workspace's maximum
     * @param outputs row-major {@code [n][outputs]}; written
     */
    public void predict(float[] parameters, float[] x, int n, float[] outputs, Workspace workspace) {
        throw new UnsupportedOperationException();
    }
}
