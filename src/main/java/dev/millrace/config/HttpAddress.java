package dev.millrace.config;

import java.util.Optional;

/**
 * Where metrics, health, page and model are served.
 *
 * @param port 0: any free one
 * @param token what a request must bear to change something; empty: none may
 */
public record HttpAddress(String host, int port, Optional<String> token) {
    public HttpAddress {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("a port is between 0 and 65535, found " + port);
        }
    }

    /** Where nothing can be changed. */
    public HttpAddress(String host, int port) {
        this(host, port, Optional.empty());
    }

    /** The same on another port. */
    public HttpAddress withPort(int other) {
        return new HttpAddress(host, other, token);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
