package dev.millrace.config;

import java.util.regex.Pattern;

/** Keeps passwords and keys out of everything that is shown. */
public final class Secrets {
    private static final String MASK = "****";
    private static final Pattern SECRET_KEY = Pattern.compile(
            "password|passphrase|secret|jaas|token|credential|user\\.info|(^|\\.)ssl\\..*\\bkey\\b",
            Pattern.CASE_INSENSITIVE);

    private Secrets() {
    }

    /** The value of a setting as it may be shown: itself, or {@code ****} if the setting's name says that it is a secret. */
    public static String mask(String key, String value) {
        return isSecret(key) ? MASK : value;
    }

    /** Whether a setting with this name holds a secret. */
    public static boolean isSecret(String key) {
        return SECRET_KEY.matcher(key).find();
    }
}
