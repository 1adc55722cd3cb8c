package dev.millrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Documents find each other. */
class DocumentsTest {
    private static final Path DOCS = Path.of("src/docs");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

    @Test
    void theIndexKnowsEveryDocument() throws IOException {
        String index = Files.readString(DOCS.resolve("README.md"));
        try (Stream<Path> files = Files.list(DOCS)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> !name.equals("README.md")))
                    .isNotEmpty().allSatisfy(name -> assertThat(index).contains("](" + name + ")"));
        }
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        int links = 0;
        for (Path document : documents()) {
            Matcher matcher = LINK.matcher(Files.readString(document));
            while (matcher.find()) {
                String target = matcher.group(1);
                if (target.startsWith("https://") || target.startsWith("http://")) {
                    continue;
                }
                links++;
                String file = target.replaceAll("#.*", "");
                Path path = file.isEmpty() ? document : document.resolveSibling(file).normalize();
                assertThat(path).as("%s in %s", target, document).exists();
                if (target.contains("#")) {
                    assertThat(anchors(path)).as("%s in %s", target, document).contains(target.replaceAll(".*#", ""));
                }
            }
        }
        assertThat(links).isGreaterThan(8);
    }

    private static List<Path> documents() throws IOException {
        List<Path> all = new ArrayList<>(List.of(Path.of("README.md"), Path.of("CHANGELOG.md")));
        try (Stream<Path> files = Files.list(DOCS)) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(all::add);
        }
        return all;
    }

    /** Of the headings, as GitHub makes them. */
    private static List<String> anchors(Path document) throws IOException {
        return Files.readString(document).lines().filter(line -> line.startsWith("#")).map(line -> line.replaceAll("^#+ ", "")
                .toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-')).toList();
    }
}
