package dev.millrace.server.page;

import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The page's files: ours from beside this class, the chart library's from its WebJar. All are served with a policy under which a
 * browser loads nothing from elsewhere and runs no script that is not one of these files.
 */
final class Assets {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    private static final Pattern OURS = Pattern.compile("[a-z-]+\\.(html|css|js|svg)");
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "css", "text/css; charset=utf-8", "js",
            "text/javascript; charset=utf-8", "svg", "image/svg+xml");

    private final Map<String, String> borrowed; // file name → resource of a WebJar
    private final Map<String, File> files = new ConcurrentHashMap<>();

    private record File(byte[] bytes, String tag) {
    }

    Assets() {
        String uplot = "/META-INF/resources/webjars/uplot/" + versionOf("org.webjars.npm/uplot") + "/dist/";
        borrowed = Map.of("uplot.js", uplot + "uPlot.esm.js", "uplot.css", uplot + "uPlot.min.css");
    }

    private static String versionOf(String artifact) {
        try (InputStream file = Objects
                .requireNonNull(Assets.class.getResourceAsStream("/META-INF/maven/" + artifact + "/pom.properties"))) {
            Properties properties = new Properties();
            properties.load(file);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers with a file; not its bytes if the browser has them. */
    void send(Context context, String name) {
        File file = files.get(name);
        if (file == null) {
            file = read(name);
            files.put(name, file);
        }
        context.header("Content-Security-Policy", POLICY).header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer").header("Cache-Control", "no-cache").header("ETag", file.tag)
                .contentType(TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream"));
        if (file.tag.equals(context.header("If-None-Match"))) {
            context.status(304);
        } else {
            context.result(file.bytes);
        }
    }

    private File read(String name) {
        String resource = borrowed.getOrDefault(name, OURS.matcher(name).matches() ? name : "");
        try (InputStream stream = resource.isEmpty() ? null : open(resource)) {
            if (stream == null) {
                throw new NotFoundResponse("The page has no file " + name);
            }
            byte[] bytes = stream.readAllBytes();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new File(bytes, '"' + HexFormat.of().formatHex(hash, 0, 8) + '"');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable InputStream open(String resource) {
        return Assets.class.getResourceAsStream(resource);
    }
}
