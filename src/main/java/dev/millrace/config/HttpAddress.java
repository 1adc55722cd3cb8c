package dev.millrace.config;

import java.util.Optional;

/**
 * Where metrics, health, page and model are served.
 *
 * @param port 0: any free one
 * @param token what a request must bear to change something; empty: none may
 * @param maxBody of a request, in bytes
 */
public record HttpAddress(String host, int port, Optional<String> token, int maxBody) {
    /** {@link #maxBody} unless configured: 4 MiB. */
    public static final int DEFAULT_MAX_BODY = 4 << 20;
    /** The least that can be configured. */
    public static final int MIN_MAX_BODY = 1 << 10;
    /** The most that can be configured: 256 MiB. */
    public static final int MAX_MAX_BODY = 256 << 20;

    public HttpAddress {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("a port is between 0 and 65535, found " + port);
        }
        if (maxBody < MIN_MAX_BODY || maxBody > MAX_MAX_BODY) {
            throw new IllegalArgumentException("a body's limit is between " + MIN_MAX_BODY + " and " + MAX_MAX_BODY + ", found " + maxBody);
        }
    }

    /** Where nothing can be changed. */
    public HttpAddress(String host, int port) {
        this(host, port, Optional.empty(), DEFAULT_MAX_BODY);
    }

    /** The same at another host. */
    public HttpAddress withHost(String other) {
        return new HttpAddress(other, port, token, maxBody);
    }

    /** The same on another port. */
    public HttpAddress withPort(int other) {
        return new HttpAddress(host, other, token, maxBody);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
