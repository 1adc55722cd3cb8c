package dev.millrace.learn;

import java.util.List;

/** Wording of rejections. What came from a record is shortened: details end in headers and logs. */
final class Detail {
    private static final int LONGEST_TEXT = 64;
    private static final int MOST_CLASSES = 10;

    private Detail() {
    }

    /** The text in quotes, cut after 64 characters. */
    static String quoted(String text) {
        return '"' + (text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…") + '"';
    }

    /** The first ten classes, and how many there are if that is not all. */
    static String classes(List<String> classes) {
        List<String> shown = classes.subList(0, Math.min(classes.size(), MOST_CLASSES)).stream().map(Detail::quoted).toList();
        return String.join(", ", shown) + (shown.size() < classes.size() ? ", … (" + classes.size() + " classes)" : "");
    }
}
