package dev.millrace.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.learn.Label;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
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

    @Test
    void aRecordOfRowsIsAnsweredWithAList() {
        assertThat(rows(new Label.Regression("y", 1, 1), new float[]{ 1}, new float[]{ -0.5f}))
                .isEqualTo("{\"model\":\"m\",\"version\":9,\"predictions\":[1.0,-0.5]}");
        assertThat(rows(new Label.Regression("y", 2, 1), new float[]{ 1, 2}, new float[]{ 3, 4}))
                .endsWith("\"predictions\":[[1.0,2.0],[3.0,4.0]]}");
        assertThat(rows(new Label.Classification("c", List.of("a", "b")), new float[]{ 1, 0}, new float[]{ 0.25f, 0.75f}))
                .endsWith("\"predictions\":[{\"class\":\"a\",\"probabilities\":{\"a\":1.0,\"b\":0.0}},"
                        + "{\"class\":\"b\",\"probabilities\":{\"a\":0.25,\"b\":0.75}}]}");
    }

    @Test
    void oneEncoderAnswersRecordsOfAllKindsAndVersions() {
        PredictionEncoder encoder = new PredictionEncoder("m", new Label.Classification("c", List.of("a", "b")));
        String first = "{\"model\":\"m\",\"version\":";
        String one = "\"class\":\"b\",\"probabilities\":{\"a\":0.25,\"b\":0.75}}";
        float[] outputs = { 0.25f, 0.75f};
        for (long version : new long[]{ 0, 0, 1, 12}) {
            assertThat(utf8(encoder.encode(version, outputs))).isEqualTo(first + version + "," + one);
            encoder.beginRows(version);
            encoder.row(outputs);
            assertThat(utf8(encoder.endRows())).isEqualTo(first + version + ",\"predictions\":[{" + one + "]}");
            assertThat(utf8(encoder.encode(version, outputs))).isEqualTo(first + version + "," + one);
        }
    }

    @Property
    void numbersHaveTheDigitsOfTheJdk(@ForAll float number, @ForAll @LongRange(min = 0) long version) {
        assertThat(text(new Label.Regression("y", 1, 1), version, number))
                .isEqualTo("{\"model\":\"m \\\"1\\\"\",\"version\":" + version + ",\"prediction\":" + number + "}");
    }

    @Test
    void longAnswersFit() {
        float[] many = new float[5_000];
        java.util.Arrays.fill(many, -1.2345678e-30f);
        assertThat(JsonMapper.shared().readTree(text(new Label.Regression("y", 5_000, 1), Long.MAX_VALUE, many)).path("prediction"))
                .hasSize(5_000);
    }

    private static String rows(Label label, float[]... rows) {
        PredictionEncoder encoder = new PredictionEncoder("m", label);
        encoder.beginRows(9);
        for (float[] row : rows) {
            encoder.row(row);
        }
        return utf8(encoder.endRows());
    }

    private static String utf8(byte[] answer) {
        return new String(answer, StandardCharsets.UTF_8);
    }

    private static String text(Label label, long version, float... outputs) {
        return utf8(new PredictionEncoder("m \"1\"", label).encode(version, outputs));
    }
}
