package dev.millrace.learn;

import dev.millrace.nn.TrainingState;
import java.util.List;

/**
 * The complete changing state of a learner as named sections of numbers, little-endian. Writing all sections and reading them
 * into a fresh learner of the same specification gives a learner that goes on bit for bit.
 */
public final class LearnerState {
    /** One stretch of state of fixed length. The arrays behind it are live: bytes are those of the moment of the call. */
    public interface Section {
        String name();

        int byteLength();

        /** Whether only an optimizer step changes it (weights and slots), or every labelled example. */
        boolean changesByStepOnly();

        /** Copies state bytes {@code [from, from + length)} to {@code into} at {@code at}; all multiples of 8 but {@code at}. */
        void write(int from, int length, byte[] into, int at);

        /** Sets state bytes {@code [from, from + length)} from {@code bytes} at {@code at}; all multiples of 8 but {@code at}. */
        void read(int from, int length, byte[] bytes, int at);
    }

    LearnerState() {
        throw new UnsupportedOperationException();
    }

    public List<Section> sections() {
        throw new UnsupportedOperationException();
    }

    /** Weights, optimizer slots and iterations. */
    public TrainingState training() {
        throw new UnsupportedOperationException();
    }
}
