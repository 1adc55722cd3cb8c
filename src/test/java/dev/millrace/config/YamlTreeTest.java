package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(10)
class YamlTreeTest {
    @Test
    void readsScalarsListsAndMaps() {
        assertThat(tree("{a: 1, b: [1.5, true, null, text, '7'], c: {d: x}}"))
                .hasToString("{\"a\":1,\"b\":[1.5,true,null,\"text\",\"7\"],\"c\":{\"d\":\"x\"}}");
    }

    @Test
    void resolvesAliases() {
        assertThat(tree("a: &x {k: [1, 2]}\nb: *x\nc: &y text\nd: *y"))
                .hasToString("{\"a\":{\"k\":[1,2]},\"b\":{\"k\":[1,2]},\"c\":\"text\",\"d\":\"text\"}");
    }

    @Test
    void keepsTheDigitsOfKafkaSettings() {
        assertThat(tree("kafka: {p: 0123, q: 1.50, r: True}\nn: 0123").path("kafka"))
                .hasToString("{\"p\":\"0123\",\"q\":\"1.50\",\"r\":\"True\"}");
    }

    @Test
    void reportsEveryDuplicateKeyWithItsPlace() {
        assertThat(problems("a: 1\nb: {c: 1, c: 2}\na: 3\n")).isEqualTo("""
                2 problems in test:
                  b.c: found the key again in line 2, column 11, allowed: each key once
                  a: found the key again in line 3, column 1, allowed: each key once""");
    }

    @Test
    void reportsSyntaxErrorsWithTheirPlaceAndWithoutTheLine() {
        assertThat(problems("kafka:\n  sasl.password: \"hunter2\n  x: [\n")).startsWith("1 problem in test:\n  line 4, column 1: found ")
                .contains("allowed: YAML that can be read").doesNotContain("hunter2");
        assertThat(problems("a: b: hunter2")).contains("line 1, column 5: found mapping values are not allowed here")
                .doesNotContain("hunter2");
    }

    @Test
    void refusesASecondDocument() {
        assertThat(problems("a: 1\n---\nb: 2\n")).contains("found a second document, allowed: one YAML document");
    }

    @Test
    void refusesAliasesThatExplode() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%1$d: &a%1$d [*a%2$d, *a%2$d, *a%2$d, *a%2$d, *a%2$d, *a%2$d, *a%2$d, *a%2$d, *a%2$d]\n".formatted(i, i - 1));
        }
        assertThat(problems(bomb.toString())).contains("found more than 100000 values, aliases expanded");
    }

    @Test
    void refusesAnAliasOfItself() {
        assertThat(problems("a: &a [*a]")).contains("found the alias *a");
        assertThat(problems("a: *nowhere")).contains("found the alias *nowhere");
    }

    @Test
    void refusesDeepNesting() {
        assertThat(problems("[".repeat(500_000))).contains("found nesting deeper than 50");
        assertThat(problems("{a: ".repeat(1000))).contains("found nesting deeper than 50");
        assertThat(problems("- ".repeat(1000))).contains("found nesting deeper than 50");
    }

    @Test
    void refusesManyValues() {
        assertThat(problems("[" + "1,".repeat(400_000) + "1]")).contains("found more than 100000 values");
    }

    @Test
    void refusesNumbersOfAbsurdLength() {
        assertThat(problems("a: " + "9".repeat(100_000))).contains("1 problem in test");
    }

    @Test
    void anEmptyDocumentIsNothing() {
        assertThat(tree("# only a comment\n").isNull()).isTrue();
    }

    private static JsonNode tree(String yaml) {
        Problems problems = new Problems();
        Optional<JsonNode> tree = YamlTree.read(yaml, problems);
        problems.throwIfAny("test");
        return tree.orElseThrow();
    }

    private static String problems(String yaml) {
        Problems problems = new Problems();
        YamlTree.read(yaml, problems);
        try {
            problems.throwIfAny("test");
            return "none";
        } catch (ConfigurationException e) {
            return e.getMessage();
        }
    }
}
