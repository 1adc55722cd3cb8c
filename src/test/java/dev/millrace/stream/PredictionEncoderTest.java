package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.learn.Label;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PredictionEncoderTest {
    @Test
    void writesOneNumberAsANumberAndSeveralAsAnArray() {
        assertThat(text(new Label.Regression("y", 1, 1), 170, 212.4f))
                .isEqualTo("{\"model\":\"m \\\"1\\\"\",\"version\":170,\"prediction\":212.4}");
        assertThat(text(new Label.Regression("y", 2, 1), 0, 1e-10f, -3)).endsWith("\"prediction\":[1.0E-10,-3.0]}");
    }

    @Test
    void writesTheLikeliestClassAndAllProbabilities() {
        JsonNode node = JsonMapper.shared().readTree(text(new Label.Classification("c", List.of("a\"", "grün")), 3, 0.1f, 0.9f));
        assertThat(node.path("class").asString()).isEqualTo("grün");
        assertThat(node.path("probabilities").path("a\"").floatValue()).isEqualTo(0.1f);
        assertThat(node.path("version").asLong()).isEqualTo(3);
    }

    private static String text(Label label, long version, float... outputs) {
        return new String(new PredictionEncoder("m \"1\"", label).encode(version, outputs), java.nio.charset.StandardCharsets.UTF_8);
    }
}
