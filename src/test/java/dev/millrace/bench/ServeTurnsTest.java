package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ServeTurnsTest {
    private int started;
    private int stopped;
    private boolean ready;

    private final ServeTurns turns = new ServeTurns(1000, () -> ready, () -> {
        started++;
        return () -> stopped++;
    });

    private void committed(long offset, long millis) {
        turns.committed(offset, millis * 1_000_000);
    }

    @Test
    void askedAndAloneTakeTurnsFromCommitToCommit() {
        ready = true;
        committed(100, 0); // in the first quarter
        assertThat(started).isZero();
        committed(250, 900);
        assertThat(started).isOne();
        committed(280, 1300); // not half a second yet
        assertThat(stopped).isZero();
        committed(310, 1500); // asked: 60 in 0.6 s
        assertThat(stopped).isOne();
        committed(410, 2000); // alone: 100 in 0.5 s
        assertThat(started).isEqualTo(2);
        committed(480, 2500); // asked: 70 in 0.5 s
        committed(680, 3500); // alone: 200 in 1 s
        committed(1000, 9000); // the last may have waited
        assertThat(turns.asked()).isCloseTo(130 / 1.1, within(1e-9));
        assertThat(turns.alone()).isCloseTo(300 / 1.5, within(1e-9));
        turns.close();
        turns.close();
        assertThat(stopped).isEqualTo(started).isEqualTo(3);
    }

    @Test
    void nothingBeginsBeforeTheLearnerCanAnswer() {
        committed(500, 0);
        assertThat(started).isZero();
        ready = true;
        committed(600, 1000);
        assertThat(started).isOne();
    }

    @Test
    void tooFewRecordsAreAnError() {
        ready = true;
        committed(300, 0);
        committed(1000, 100);
        assertThatThrownBy(turns::asked).hasMessageContaining("give it more records");
    }
}
