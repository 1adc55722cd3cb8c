package dev.millrace.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Asks for predictions at a fixed rate until it is closed, over a few connections that stay open. The time of an answer counts from
 * when its request was due, whether earlier ones had been answered by then or not: a server that stands still is not measured by the
 * few requests alone that wait for it. Plain sockets, because a comfortable client takes as much of the machine as the server does.
 */
final class Asker implements AutoCloseable {
    private static final int CONNECTIONS = 8;
    private static final String QUESTION = "{\"instances\":[{\"longitude\":-122.05,\"latitude\":37.37,\"housing_median_age\":27,"
            + "\"total_rooms\":3885,\"total_bedrooms\":661,\"population\":1537,\"households\":606,\"median_income\":6.6085}]}";
    private static final String LENGTH = "content-length:";
    private static final int PATIENCE_MILLIS = 10_000;

    private final URI server;
    private final byte[] request;
    private final long intervalNanos;
    private final Latencies latencies;
    private final List<Thread> threads;
    private volatile boolean closing;

    /**
     * Begins to ask.
     *
     * @param server its address
     * @param path of {@code :predict}
     * @param rate requests per second
     * @param latencies told every answer
     */
    Asker(String server, String path, int rate, Latencies latencies) {
        this.server = URI.create(server);
        this.request = ("POST " + path + " HTTP/1.1\r\nHost: " + this.server.getAuthority()
                + "\r\nContent-Type: application/json\r\nContent-Length: "
                + QUESTION.length() + "\r\n\r\n" + QUESTION).getBytes(StandardCharsets.US_ASCII);
        this.intervalNanos = CONNECTIONS * 1_000_000_000L / rate;
        this.latencies = latencies;
        this.threads = IntStream.range(0, CONNECTIONS)
                .mapToObj(i -> Thread.ofPlatform().daemon().name("millrace-bench-asker-" + i).start(() -> ask(i)))
                .toList();
    }

    private void ask(int index) {
        long due = System.nanoTime() + index * intervalNanos / CONNECTIONS;
        while (!closing) {
            try (Socket socket = new Socket(server.getHost(), server.getPort())) {
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(PATIENCE_MILLIS);
                OutputStream out = socket.getOutputStream();
                InputStream in = new BufferedInputStream(socket.getInputStream());
                for (; waited(due); due += intervalNanos) {
                    out.write(request);
                    boolean good = answered(in);
                    latencies.add(System.nanoTime() - due, good);
                }
            } catch (IOException _) {
                latencies.add(0, false);
                due += intervalNanos;
            }
        }
    }

    /** Until then, or until this is closed, which gives false. */
    private boolean waited(long due) {
        for (long wait = due - System.nanoTime(); wait > 0 && !closing; wait = due - System.nanoTime()) {
            LockSupport.parkNanos(wait);
        }
        return !closing;
    }

    /** Reads one answer; whether it is 200. */
    private static boolean answered(InputStream in) throws IOException {
        boolean good = line(in).startsWith("HTTP/1.1 200");
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.regionMatches(true, 0, LENGTH, 0, LENGTH.length())) {
                length = Integer.parseInt(line.substring(LENGTH.length()).strip());
            }
        }
        in.skipNBytes(length);
        return good;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the server has closed the connection");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    /** Waits for the answers to what has been asked. */
    @Override
    public void close() {
        closing = true;
        threads.forEach(LockSupport::unpark);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
