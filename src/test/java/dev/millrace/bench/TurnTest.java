package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TurnTest {
    private final Turn turn = new Turn(100, 1000, 5_000_000_000L);

    private boolean goesOn(long offset, long millis) {
        return turn.committed(offset, 5_000_000_000L + millis * 1_000_000);
    }

    @Test
    void lastsFromCommitToCommitOnceItHasSettled() {
        assertThat(goesOn(50, 0)).isTrue(); // from before
        assertThat(goesOn(110, 90)).isTrue(); // too soon
        assertThat(goesOn(130, 110)).isTrue();
        assertThat(goesOn(230, 400)).isTrue();
        assertThat(turn.complete()).isFalse();
        assertThat(goesOn(250, 410)).isFalse();
        assertThat(turn.complete()).isTrue();
        assertThat(turn.rate()).hasValue(400); // 120 in 0.3 s
    }

    @Test
    void endsWithTheTopicWithoutTheCommitThatMayHaveWaited() {
        goesOn(300, 300);
        goesOn(500, 500);
        assertThat(goesOn(1000, 9000)).isFalse();
        assertThat(turn.complete()).isFalse();
        assertThat(turn.rate()).hasValue(1000); // 200 in 0.2 s
    }

    @Test
    void takesTheLastCommitOfAShortTopic() {
        goesOn(500, 500);
        assertThat(goesOn(1000, 600)).isFalse();
        assertThat(turn.rate()).hasValue(5000);
    }

    @Test
    void hasNoRateIfThereWasOneCommit() {
        assertThat(goesOn(1000, 100)).isFalse();
        assertThat(turn.rate()).isEmpty();
        assertThat(turn.complete()).isFalse();
    }
}
