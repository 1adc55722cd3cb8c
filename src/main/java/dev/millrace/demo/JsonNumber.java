package dev.millrace.demo;

import org.jspecify.annotations.Nullable;

/** The grammar of numbers in JSON (RFC 8259, section 6), a little more generous about what people write into files. */
final class JsonNumber {
    private JsonNumber() {
    }

    /**
     * The text itself if it is a JSON number, a completed one for {@code .5}, {@code 5.} and {@code +5}, otherwise null.
     * {@code 007} is a code, not a number.
     */
    static @Nullable String of(String text) {
        int length = text.length();
        int at = 0;
        boolean negative = length > 0 && text.charAt(0) == '-';
        boolean positive = length > 0 && text.charAt(0) == '+';
        if (negative || positive) {
            at++;
        }
        int integer = at;
        at = digits(text, at);
        int integerDigits = at - integer;
        if (integerDigits > 1 && text.charAt(integer) == '0') {
            return null;
        }
        int fraction = at;
        int fractionDigits = 0;
        if (at < length && text.charAt(at) == '.') {
            at = digits(text, at + 1);
            fractionDigits = at - fraction - 1;
        }
        if (integerDigits + fractionDigits == 0) {
            return null;
        }
        int exponent = at;
        if (at < length && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (at < length && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
                at++;
            }
            int first = at;
            at = digits(text, at);
            if (at == first) {
                return null;
            }
        }
        if (at != length) {
            return null;
        }
        boolean valid = !positive && integerDigits > 0 && (fraction == exponent || fractionDigits > 0);
        return valid
                ? text
                : (negative ? "-" : "") + (integerDigits > 0 ? text.substring(integer, fraction) : "0")
                        + (fractionDigits > 0 ? text.substring(fraction, exponent) : "") + text.substring(exponent);
    }

    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }
}
