package dev.millrace.config;

/**
 * Where metrics and health are served.
 *
 * @param port 0: any free one
 */
public record HttpAddress(String host, int port) {
    public HttpAddress {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("a port is between 0 and 65535, found " + port);
        }
    }
}
