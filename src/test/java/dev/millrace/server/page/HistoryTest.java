package dev.millrace.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.stream.Progress;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class HistoryTest {
    private final History history = new History();

    @Test
    void hasAColumnForEachFigureWithNullForWhatWasNotKnown() {
        history.add(1000, new Progress(0, 0, 0, 0, Map.of()), OptionalLong.empty());
        history.add(2000, new Progress(20, 3, 1, 1, Map.of("rmse", 0.5, "r2", Double.NaN)), OptionalLong.of(7));
        assertThat(history.document().toString()).isEqualTo("{\"at\":[1000,2000],\"learned\":[0,20],\"answered\":[0,3],\"lag\":[null,7.0],"
                + "\"figures\":{\"r2\":[null,null],\"rmse\":[null,0.5]}}");
    }

    @Test
    void staysShortAndReachesBackToTheStartInEqualSteps() {
        for (int second = 0; second < 10 * History.MOST; second++) {
            history.add(1000L * second, new Progress(second, 0, 0, 0, Map.of()), OptionalLong.empty());
        }
        JsonNode at = history.document().path("at");
        assertThat(at.size()).isBetween(History.MOST / 2, History.MOST);
        long step = at.get(1).asLong();
        assertThat(step).isEqualTo(16_000);
        for (int i = 0; i < at.size(); i++) {
            assertThat(at.get(i).asLong()).isEqualTo(i * step);
        }
        assertThat(history.document().path("learned").get(3).asLong()).isEqualTo(48);
    }
}
