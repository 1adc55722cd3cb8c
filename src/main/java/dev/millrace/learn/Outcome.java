package dev.millrace.learn;

/** What learning from one example led to. */
public enum Outcome {
    /** The example waits in the pending batch. */
    PENDING,
    /** The batch was full and an optimizer step was made: there is a new version. */
    STEPPED,
    /** The batch was full, its step was not finite or its loss exploded, and it was not applied; its examples are lost to learning. */
    REFUSED,
    /** The batch was full and was only tested: learning is frozen. */
    TESTED
}
