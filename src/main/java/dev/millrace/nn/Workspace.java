package dev.millrace.nn;

/** Scratch arrays for the evaluation of one network by one thread; made by {@link Network#workspace}. */
public final class Workspace {
    Workspace() {
    }
}
