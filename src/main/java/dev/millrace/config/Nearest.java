package dev.millrace.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody probably meant. */
final class Nearest {
    private static final int MAX_LENGTH = 100;

    private Nearest() {
    }

    /** The nearest candidate, if at most a third of the word (but no more than three letters) would have to change. */
    static Optional<String> of(String word, Collection<String> candidates) {
        String wanted = word.toLowerCase(Locale.ROOT);
        if (wanted.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        int best = Math.min(3, Math.max(1, wanted.length() / 3)) + 1;
        Optional<String> nearest = Optional.empty();
        for (String candidate : candidates) {
            int distance = distance(wanted, candidate.toLowerCase(Locale.ROOT));
            if (distance < best) {
                best = distance;
                nearest = Optional.of(candidate);
            }
        }
        return nearest;
    }

    /** Number of letters to insert, remove or replace (Levenshtein 1966). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
